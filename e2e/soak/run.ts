/** One long run: makes clusters, disturbs them, and notes what happens. */
import type { Pod } from "../../src/kubernetes/types.gen.ts";
import {
  imageOf,
  isReady,
  isRunning,
  manifestOf,
  minimalCluster,
  podsOf,
} from "../cases/clusters.ts";
import type { FaultKind } from "../devcluster/apiserver/http/faults.ts";
import type { TestCluster, TestOperator } from "../support/test_cluster.ts";
import { residentMb, type Sample } from "./measure.ts";
import { oneOf } from "./random.ts";
import { isExplained, type Wish } from "./wishes.ts";

const IMAGES = ["registry.example.com/spilo:a", "registry.example.com/spilo:b"];
const FAULTS: readonly FaultKind[] = [
  ...["conflict", "tooManyRequests", "internalError", "unavailable"] as const,
  ...["timeout", "dropWatch", "gone"] as const,
];
const AGENT = /^postgres-operator/;
const START_LIMIT_MS = 300_000;
const REST_LIMIT_MS = 300_000;
/** Something happens about this often; an operator is killed every so many times. */
const BETWEEN_MS = 400;
const KILL_EVERY = 40;
const SAMPLE_EVERY_MS = 2_000;
const RESTART_MS = 1_000;

/** What was measured, and what was found wrong. */
export interface Figures {
  /** Resident MiB of the last operator. */
  readonly memory: readonly Sample[];
  readonly answersMs: readonly number[];
  readonly unexplained: readonly string[];
}

export class Run {
  private readonly wishes = new Map<string, Wish[]>();
  private readonly deletedByHand = new Set<string>();
  private readonly ended = new Set<string>();
  private readonly unexplained: string[] = [];
  private readonly counts = { changes: 0, faults: 0, pods: 0, kills: 0 };
  private memory: Sample[] = [];
  private answersMs: number[] = [];
  private operator: TestOperator | undefined;
  private over = false;

  constructor(
    readonly cluster: TestCluster,
    readonly namespace: string,
    private readonly random: () => number,
  ) {}

  /** Starts operator and clusters; resolves when all run. */
  async start(count: number): Promise<void> {
    await this.startOperator();
    this.cluster.view.onChange(({ type, object }) => {
      if (object.kind === "Pod" && object.metadata.namespace === this.namespace) {
        this.see(object as Pod, type === "delete");
      }
    });
    for (let number = 0; number < count; number++) await this.create(`acid-soak-${number}`);
    await this.cluster.view.until("all clusters run", () => this.wrong().length === 0, {
      limitMs: START_LIMIT_MS,
    });
  }

  /** Lets things happen for a while. */
  async disturb({ forMs, kills }: { forMs: number; kills: boolean }): Promise<void> {
    this.memory = [];
    const endMs = performance.now() + forMs;
    let [step, sampledMs] = [0, 0];
    while (performance.now() < endMs) {
      step++;
      if (kills && step % KILL_EVERY === 0) await this.kill();
      else await this.happen();
      if (performance.now() - sampledMs > SAMPLE_EVERY_MS) {
        sampledMs = performance.now();
        await this.sample();
      }
      await new Promise((resolve) => setTimeout(resolve, 2 * this.random() * BETWEEN_MS));
    }
  }

  /** Waits for peace; what is not as asked then, in words. */
  async rest(): Promise<string[]> {
    this.cluster.dev?.apiServer.faults.clear();
    await this.cluster.view.until("all are as asked", () => this.wrong().length === 0, {
      limitMs: REST_LIMIT_MS,
    }).catch(() => {});
    this.over = true;
    return this.wrong();
  }

  figures(): Figures {
    return { memory: this.memory, answersMs: this.answersMs, unexplained: this.unexplained };
  }

  /** What has happened so far. */
  told(): string {
    const { changes, faults, pods, kills } = this.counts;
    return `${changes} changes, ${faults} faults, ${pods} pods deleted, ${kills} operators killed`;
  }

  private async create(name: string): Promise<void> {
    const wish = { fromMs: Date.now(), image: IMAGES[0]!, instances: 1 };
    this.wishes.set(name, [wish]);
    const spec = { numberOfInstances: 1, dockerImage: wish.image, preparedDatabases: {} };
    await this.cluster.create(minimalCluster(this.namespace, spec, name));
  }

  private async happen(): Promise<void> {
    const dice = this.random();
    if (dice < 0.6) await this.change();
    else if (dice < 0.85) this.fault();
    else await this.deletePod();
  }

  private async change(): Promise<void> {
    const name = oneOf(this.random, [...this.wishes.keys()]);
    const wish = {
      fromMs: Date.now(),
      image: oneOf(this.random, IMAGES),
      instances: oneOf(this.random, [1, 2, 3]),
    };
    this.wishes.get(name)?.push(wish);
    this.counts.changes++;
    await this.cluster.patch(minimalCluster(this.namespace, {}, name), {
      spec: { dockerImage: wish.image, numberOfInstances: wish.instances },
    });
  }

  private fault(): void {
    this.counts.faults++;
    this.cluster.dev?.apiServer.faults.add({
      kind: oneOf(this.random, FAULTS),
      agent: AGENT,
      count: 1 + Math.floor(this.random() * 20),
    });
  }

  private async deletePod(): Promise<void> {
    const pods = [...this.wishes.keys()].flatMap((name) => podsOf(this, name));
    if (pods.length === 0) return;
    const pod = oneOf(this.random, pods);
    this.counts.pods++;
    this.deletedByHand.add(pod.metadata.uid ?? "");
    await this.cluster.delete(pod).catch(() => {}); // it may be gone already
  }

  private async kill(): Promise<void> {
    this.counts.kills++;
    this.operator?.kill();
    await this.operator?.ended;
  }

  /** One that ends is started again, as by its Deployment: a fault may meet its first requests. */
  private async startOperator(): Promise<void> {
    const operator = await this.cluster.operator({ wait: "no" });
    this.operator = operator;
    this.memory = [];
    operator.ended.then(async () => {
      await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
      if (!this.over) await this.startOperator();
    });
  }

  private async sample(): Promise<void> {
    const operator = this.operator;
    if (operator === undefined) return;
    const status = await Deno.readTextFile(`/proc/${operator.pid}/status`).catch(() => "");
    this.memory.push({ atMs: performance.now(), value: residentMb(status) });
    const askedMs = performance.now();
    const good = await fetch(`${operator.debugUrl}/healthz`, {
      signal: AbortSignal.timeout(10_000),
    })
      .then(async (response) => (await response.text(), true), () => false);
    // A process that has just been started does not listen yet.
    if (good) this.answersMs.push(performance.now() - askedMs);
  }

  private see(pod: Pod, gone: boolean): void {
    const { uid = "", name = "", labels, deletionTimestamp, creationTimestamp = "" } = pod.metadata;
    if (this.ended.has(uid) || (!gone && deletionTimestamp === undefined)) return;
    this.ended.add(uid);
    const wishes = this.wishes.get(labels?.["cluster-name"] ?? "");
    if (wishes === undefined || this.deletedByHand.has(uid)) return;
    const explained = isExplained(wishes, {
      image: imageOf(pod) ?? "",
      ordinal: Number(name.split("-").at(-1)),
      createdMs: Date.parse(creationTimestamp),
      endedMs: Date.now(),
    });
    if (!explained) this.unexplained.push(`${name} of ${creationTimestamp} went without a reason`);
  }

  /** Clusters that are not as their last wish asks. */
  private wrong(): string[] {
    return [...this.wishes].flatMap(([name, wishes]) => {
      const { image, instances } = wishes.at(-1)!;
      const pods = podsOf(this, name);
      const good = isRunning(this, name) && pods.length === instances &&
        pods.every((pod) => isReady(pod) && imageOf(pod) === image);
      const state = `${pods.length} of ${instances} pods, ${this.toldOf(name)}`;
      return good ? [] : [`${name} is not as asked: ${state}`];
    });
  }

  /** What the manifest's status says about it. */
  private toldOf(name: string): string {
    const { PostgresClusterStatus = "no status", conditions = [] } =
      manifestOf(this, name)?.status ?? {};
    const why = conditions.filter(({ status }) => status === "False").map(({ message }) => message);
    return [PostgresClusterStatus, ...why].join(": ");
  }
}
