/**
 * Changes of a running cluster's manifest. Zalando: e2e/tests/test_e2e.py, test_scaling,
 * test_lazy_spilo_upgrade (without laziness), test_config_update, test_resource_generation
 */
import assert from "node:assert/strict";
import type { KubeObject, Pod } from "../../src/kubernetes/types.gen.ts";
import { type Play, scenario } from "../support/scenario.ts";
import {
  imageOf,
  isReady,
  isRunning,
  manifestOf,
  MINIMAL,
  minimalCluster,
  podsOf,
  roleOf,
} from "./clusters.ts";
import { primariesStay } from "./crash_stages.ts";

const IMAGE = "ghcr.io/zalando/spilo-18:4.1-p1";

async function running(play: Play, spec: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await play.cluster.create(minimalCluster(play.namespace, spec));
  await play.until("the cluster runs", () => isRunning(play));
}

/** Resolves once the change is seen here: what is seen of other kinds may be newer or older. */
async function change(play: Play, spec: Readonly<Record<string, unknown>>): Promise<void> {
  const changed = await play.cluster.patch(minimalCluster(play.namespace), { spec });
  const { generation } = changed.metadata;
  await play.until(
    "the change is seen",
    () => manifestOf(play)?.metadata.generation === generation,
  );
}

/** Waits until the change is carried out and all pods are as `wanted` says. */
async function settled(play: Play, what: string, wanted: (pods: Pod[]) => boolean): Promise<void> {
  await play.until(what, () => isRunning(play) && wanted(podsOf(play).filter(isReady)));
}

function uids(play: Play): (string | undefined)[] {
  return podsOf(play).map(({ metadata }) => metadata.uid).sort();
}

scenario("scaling from two pods to three and back leaves the others alone", {}, async (play) => {
  await running(play);
  const before = uids(play);
  await change(play, { numberOfInstances: 3 });
  await settled(play, "three pods", (pods) => pods.length === 3);
  await change(play, { numberOfInstances: 2 });
  await settled(play, "two pods", (pods) => pods.length === 2 && podsOf(play).length === 2);
  assert.deepEqual(uids(play), before);
});

scenario(
  "nothing is restarted while two pods say that they lead, and that is told",
  {},
  async (play) => {
    await running(play);
    const before = uids(play);
    const replica = podsOf(play).find((pod) => roleOf(pod) === "replica");
    assert.ok(replica);
    const label = (role: string) =>
      play.cluster.patch(replica as KubeObject, { metadata: { labels: { "spilo-role": role } } });
    await label("master");
    const ready = () => manifestOf(play)?.status?.conditions?.find(({ type }) => type === "Ready");
    await play.until("it is told", () => ready()?.reason === "TwoPrimaries");
    await change(play, { dockerImage: IMAGE });
    await play.never("a pod goes", () => uids(play).join() !== before.join());
    await label("replica");
    await settled(
      play,
      "all have the image",
      (pods) => pods.every((pod) => imageOf(pod) === IMAGE),
    );
    await play.until("one leads", () => ready()?.reason === "PrimaryUp");
  },
);

scenario("kubectl scale and autoscalers set the number of pods and see it", {}, async (play) => {
  await running(play);
  const replicas = (count: number) =>
    play.cluster.patch(minimalCluster(play.namespace), { spec: { replicas: count } }, "scale");
  await replicas(3);
  await settled(play, "three pods", (pods) => pods.length === 3);
  const scale = await replicas(2) as KubeObject & {
    readonly status: { readonly replicas: number; readonly selector: string };
  };
  // What is there, not what was asked for.
  assert.deepEqual(scale.status, {
    replicas: 3,
    selector: `application=spilo,cluster-name=${MINIMAL}`,
  });
  await settled(play, "two pods", (pods) => pods.length === 2 && podsOf(play).length === 2);
});

scenario("a primary that is scaled away hands over first", {}, async (play) => {
  await running(play);
  const guard = primariesStay(play);
  await change(play, { dockerImage: IMAGE });
  await settled(play, "the image is new", (pods) => pods.every((pod) => imageOf(pod) === IMAGE));
  const primary = podsOf(play).find((pod) => roleOf(pod) === "master");
  assert.equal(primary?.metadata.name, `${MINIMAL}-1`, "the rollout has moved the primary");
  await change(play, { numberOfInstances: 1 });
  await settled(play, "one pod", (pods) => pods.length === 1 && podsOf(play).length === 1);
  assert.equal(roleOf(podsOf(play)[0]!), "master");
  guard.stop();
  assert.deepEqual(guard.violations, []);
});

scenario(
  "another image restarts replicas first and the primary after a switchover",
  {},
  async (play) => {
    await running(play, { numberOfInstances: 3 });
    const before = uids(play);
    const guard = primariesStay(play);
    await change(play, { dockerImage: IMAGE });
    await settled(
      play,
      "three pods with the image",
      (pods) => pods.length === 3 && pods.every((pod) => imageOf(pod) === IMAGE),
    );
    guard.stop();
    assert.deepEqual(guard.violations, []);
    assert.equal(uids(play).filter((uid) => before.includes(uid)).length, 0, "every pod is new");
    await play.until(
      "the switchover is told",
      () => play.events(MINIMAL).some((text) => text.includes("Switchover")),
    );
  },
);

scenario("a parameter that needs it restarts PostgreSQL, not the pods", {}, async (play) => {
  await running(play);
  const before = uids(play);
  await change(play, { postgresql: { version: "18", parameters: { max_connections: "50" } } });
  await settled(play, "the change is carried out", (pods) => pods.length === 2);
  assert.deepEqual(uids(play), before);
  // A node of another cluster keeps what its Patroni is asked for to itself.
  const stub = play.cluster.dev?.stub;
  if (stub === undefined) return;
  const requests = stub.requests.filter(({ namespace }) => namespace === play.namespace);
  const patched = requests.filter(({ method, path }) => method === "PATCH" && path === "/config");
  assert.deepEqual(patched.map(({ body }) => body), [
    { postgresql: { parameters: { max_connections: "50" } } },
  ]);
  const restarts = requests.filter(({ path }) => path === "/restart").map(({ pod }) => pod);
  assert.deepEqual([...restarts].sort(), [`${MINIMAL}-0`, `${MINIMAL}-1`]);
  assert.equal(restarts[0], `${MINIMAL}-0`, "a lower max_connections reaches the primary first");
});

scenario("annotations reach pods without a restart", {}, async (play) => {
  await running(play);
  const before = uids(play);
  await change(play, { podAnnotations: { "example.com/team": "blue" } });
  await settled(play, "the pods are annotated", (pods) =>
    pods.length === 2 &&
    pods.every(({ metadata }) => metadata.annotations?.["example.com/team"] === "blue"));
  assert.deepEqual(uids(play), before);
});

scenario("other resources replace the pods, kept within the bounds of the configuration", {
  operator: { config: { min_cpu_limit: "503m", min_memory_limit: "502Mi" } },
}, async (play) => {
  await running(play);
  const guard = primariesStay(play);
  const resources = {
    requests: { cpu: "150m", memory: "150Mi" },
    limits: { cpu: "200m", memory: "200Mi" },
  };
  await change(play, { resources });
  await settled(
    play,
    "the pods have their limits raised",
    (pods) =>
      pods.length === 2 && pods.every(({ spec }) => {
        const { limits, requests } = spec?.containers[0]?.resources ?? {};
        return limits?.["cpu"] === "503m" && limits["memory"] === "502Mi" &&
          requests?.["cpu"] === "150m" && requests["memory"] === "150Mi";
      }),
  );
  guard.stop();
  assert.deepEqual(guard.violations, []);
});
