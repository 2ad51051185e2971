/** What is done to a cluster while a client writes. */
import { imageOf, MINIMAL, statefulSetOf } from "../../cases/clusters.ts";
import { type Life, pause } from "../life.ts";

/** One row of the table. */
export interface WriterEvent {
  readonly name: string;
  /** How often the primary may change. */
  readonly switchovers: number;
  readonly nodes: number;
  readonly config?: Readonly<Record<string, string>>;
  /** The manifest's spec at the start. */
  readonly spec: Readonly<Record<string, unknown>>;
  /** Before the client starts. */
  prepare?(life: Life): Promise<void>;
  /** Resolves when all of it is over. */
  act(life: Life): Promise<void>;
}

const THREE = { numberOfInstances: 3 };
const NEW_IMAGE = "ghcr.io/zalando/spilo-18:4.2-p1";

export const WRITER_EVENTS: readonly WriterEvent[] = [
  {
    name: "image of 3 instances changed",
    switchovers: 1,
    nodes: 3,
    spec: THREE,
    async act(life) {
      await life.change({ dockerImage: NEW_IMAGE });
      await life.until(
        "all pods have the new image",
        () => life.pods().every((pod) => imageOf(pod) === NEW_IMAGE),
      );
    },
  },
  {
    name: "pod of the primary deleted",
    switchovers: 1,
    nodes: 1,
    spec: { numberOfInstances: 2 },
    async act(life) {
      const { metadata } = life.primary();
      await life.cluster.delete(life.primary());
      await life.until(
        "another pod has its name",
        () =>
          life.pods().some((pod) =>
            pod.metadata.name === metadata.name && pod.metadata.uid !== metadata.uid
          ),
      );
    },
  },
  {
    name: "primary is the pod that scaling down removes",
    switchovers: 1,
    nodes: 3,
    spec: THREE,
    prepare: (life) => lead(life, `${MINIMAL}-2`),
    async act(life) {
      await life.change({ numberOfInstances: 2 });
      await life.until(
        "the third pod is gone",
        () => statefulSetOf(life)?.spec?.replicas === 2 && life.pods().length === 2,
      );
    },
  },
  {
    name: "node of the primary drained",
    switchovers: 1,
    nodes: 3,
    spec: { numberOfInstances: 2 },
    act: drain,
  },
  {
    name: "major version 15 raised to 17",
    switchovers: 1,
    nodes: 1,
    config: { major_version_upgrade_mode: "full", minimal_major_version: "14" },
    spec: { numberOfInstances: 2, postgresql: { version: "15" } },
    async act(life) {
      await life.change({ postgresql: { version: "17" } });
      await life.until("the server is of version 17", async () => {
        const { server_version } = await life.patroni(life.primary(), "patroni");
        return server_version >= 170_000;
      });
    },
  },
];

const DRAIN_LIMIT_MS = 240_000;

/** What `kubectl drain` does: no new pods, and those that are there are asked to go until they do. */
async function drain(life: Life): Promise<void> {
  const node = life.primary().spec?.nodeName ?? "";
  await life.cluster.patch(
    { apiVersion: "v1", kind: "Node", metadata: { name: node } },
    { spec: { unschedulable: true } },
  );
  await life.until("no pod is on the node", async () => {
    const there = life.pods().filter(({ spec }) => spec?.nodeName === node);
    for (const { metadata } of there) {
      if (!metadata.deletionTimestamp) await evict(life, metadata.name!);
    }
    return there.length === 0 && life.pods().length === 2;
  }, DRAIN_LIMIT_MS);
}

/** A disruption budget may refuse; then it is asked again. */
async function evict({ cluster, namespace }: Life, name: string): Promise<void> {
  const metadata = { name, namespace };
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata };
  const signal = AbortSignal.timeout(10_000);
  await cluster.client.createSubresource(
    { apiVersion: "v1", kind: "Pod", ...metadata },
    eviction,
    { subresource: "eviction", signal },
  ).catch(() => {});
  await pause(1000);
}

/** Makes a member the primary. */
async function lead(life: Life, member: string): Promise<void> {
  const { name } = life.primary().metadata;
  if (name !== member) {
    const body = { leader: name, candidate: member };
    await life.patroni(life.primary(), "switchover", { method: "POST", body });
  }
  await life.until(`${member} leads`, () => life.primary().metadata.name === member);
  await life.settled();
}
