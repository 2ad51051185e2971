/**
 * Kills the operator at chosen writes of a scenario, starts it again, and compares where that ends
 * with a run in which nothing happened.
 */
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import type { ServerCertificate } from "../devcluster/pki.ts";
import type { ProxiedRequest } from "./api_proxy.ts";
import { type CrashProxy, proxyCertificate, startCrashProxy } from "./crash_proxy.ts";
import { differences, type EndState, endStateOf, type Tolerance } from "./end_state.ts";
import { type OperatorProcess, tail } from "./operator_process.ts";
import { launchOperator, type OperatorSettings, type TestCluster } from "./test_cluster.ts";
import { createWriteGate, type KillPoint, type SeenWrite, type WriteGate } from "./write_gate.ts";

/** What a stage works on. */
export interface Scene {
  readonly cluster: TestCluster;
  readonly namespace: string;
}

/** One thing that a user asks for, and its end. */
export interface Stage {
  readonly name: string;
  /** Does what the user does. */
  readonly act: (scene: Scene) => Promise<void>;
  /** True when everything that was asked for is so; asked after every change. */
  readonly ended: (scene: Scene) => boolean;
  /** Watches for what must never happen. */
  readonly guard?: (scene: Scene) => Guard;
  readonly tolerance?: Tolerance;
  /**
   * Nothing durable tells of the request before the first write, so a kill before it may leave
   * everything as it was.
   */
  readonly startsUnseen?: true;
}

/** Looks on while a stage runs. */
export interface Guard {
  /** What happened that must not. */
  readonly violations: readonly string[];
  stop(): void;
}

/** Which kills are tried: each write before and after, or each moment between two writes once. */
export type Thoroughness = "every point" | "every moment" | "none";

export interface ChainStage {
  readonly stage: Stage;
  readonly thoroughness: Thoroughness;
}

export interface ChainOptions {
  readonly config?: Readonly<Record<string, string>>;
  /** Hears of every point that was tried. */
  readonly onPoint?: (result: PointResult) => void;
}

/** How one kill went. */
export interface PointResult {
  readonly stage: string;
  readonly point: KillPoint;
  /** The write at which the operator was killed. */
  readonly write: string;
  /** Empty when the end was that of the undisturbed run. */
  readonly differences: readonly string[];
  /** Writes that were done more often than in the undisturbed run. */
  readonly twice: readonly string[];
  readonly violations: readonly string[];
  /** Nothing had been written that could tell the next operator; see `startsUnseen`. */
  readonly unseen: boolean;
  readonly seconds: number;
}

/** The table of one stage. */
export interface StageReport {
  readonly stage: string;
  /** Writes of the undisturbed run. */
  readonly writes: readonly string[];
  readonly points: readonly PointResult[];
}

const SETTLE_LIMIT_MS = 25_000;
/** Without a write for so long the operator is taken as done. */
const QUIET_MS = 250;

/**
 * Runs a chain of stages once undisturbed and then as often as there are points, each run in a
 * namespace of its own. One operator goes from run to run: that which follows a kill is the next
 * one to be killed.
 */
export async function runCrashChain(
  cluster: TestCluster,
  chain: readonly ChainStage[],
  options: ChainOptions = {},
): Promise<StageReport[]> {
  const session = await openSession(cluster, options);
  try {
    const expected = await runOnce(session, chain, []);
    const points = chain.map(({ thoroughness }, index) =>
      pointsOf(expected[index]?.writes.length ?? 0, thoroughness)
    );
    const reports = chain.map(({ stage }, index): StageReport & { points: PointResult[] } => ({
      stage: stage.name,
      writes: (expected[index]?.writes ?? []).map(describeWrite),
      points: [],
    }));
    const rounds = Math.max(...points.map(({ length }) => length));
    for (let round = 0; round < rounds; round++) {
      const kills = points.map((list) => list[round]);
      const results = await runOnce(session, chain, kills, expected);
      results.forEach(({ result }, index) => {
        if (result === undefined) return;
        reports[index]?.points.push(result);
        options.onPoint?.(result);
      });
    }
    return reports;
  } finally {
    await session.close();
  }
}

/** The kill points of a stage with so many writes. */
export function pointsOf(writes: number, thoroughness: Thoroughness): KillPoint[] {
  const numbers = Array.from({ length: writes }, (_, index) => index + 1);
  switch (thoroughness) {
    case "none":
      return [];
    case "every moment":
      return [
        ...numbers.slice(0, 1).map((number): KillPoint => ({ number, when: "before" })),
        ...numbers.map((number): KillPoint => ({ number, when: "after" })),
      ];
    case "every point":
      return numbers.flatMap((number): KillPoint[] => [
        { number, when: "before" },
        { number, when: "after" },
      ]);
  }
}

/** What a stage came to. */
interface Outcome {
  readonly state: EndState;
  readonly writes: readonly SeenWrite[];
  readonly result: PointResult | undefined;
}

interface Session {
  readonly cluster: TestCluster;
  readonly operator: () => OperatorProcess;
  /** Makes this gate the one that is asked about writes in the namespace. */
  watch(gate: WriteGate | undefined, namespace: string): void;
  restart(): Promise<void>;
  close(): Promise<void>;
}

async function openSession(cluster: TestCluster, { config }: ChainOptions): Promise<Session> {
  const certificate = await proxyCertificate();
  const settings = await cluster.configure(config);
  let gate: WriteGate | undefined;
  let scope = "";
  const counts = ({ path }: ProxiedRequest) => path.includes(`/namespaces/${scope}/`);
  const start = () => startLife(cluster, { certificate, settings, gate: () => gate, counts });
  let life = await start();
  await life.operator.untilLogged(/looking after/);
  return {
    cluster,
    operator: () => life.operator,
    watch(next, namespace) {
      gate = next;
      scope = namespace;
    },
    async restart() {
      await life.operator.ended;
      await life.proxy.stop();
      gate?.reopen();
      life = await start();
      await life.operator.untilLogged(/looking after/);
    },
    async close() {
      await life.operator.stop();
      await life.proxy.stop();
    },
  };
}

interface LifeOptions {
  readonly certificate: ServerCertificate;
  readonly settings: OperatorSettings;
  readonly gate: () => WriteGate | undefined;
  readonly counts: (request: ProxiedRequest) => boolean;
}

/** One operator with a proxy of its own: what a dead one has sent never gets past it. */
async function startLife(
  cluster: TestCluster,
  { settings, ...options }: LifeOptions,
): Promise<{ proxy: CrashProxy; operator: OperatorProcess }> {
  const { connection: upstream, operatorToken: token, directory } = cluster;
  const proxy = await startCrashProxy({ ...options, upstream, token, directory });
  const operator = launchOperator(cluster, settings, { kubeconfig: proxy.kubeconfig });
  return { proxy, operator };
}

async function runOnce(
  session: Session,
  chain: readonly ChainStage[],
  kills: readonly (KillPoint | undefined)[],
  expected: readonly Outcome[] = [],
): Promise<Outcome[]> {
  const { cluster } = session;
  const namespace = await cluster.namespace();
  const scene = { cluster, namespace };
  const outcomes: Outcome[] = [];
  for (const [index, { stage }] of chain.entries()) {
    const outcome = await runStage(session, { stage, scene, kill: kills[index] }, expected[index]);
    outcomes.push(outcome);
    const { result } = outcome;
    if (result?.unseen || (result?.differences.length ?? 0) > 0) break; // the next begins elsewhere
  }
  session.watch(undefined, "");
  await removeClusters(scene);
  await cluster.drop(namespace);
  return outcomes;
}

/** Clusters go before their namespace, so that no operator makes anything in one that ends. */
async function removeClusters({ cluster, namespace }: Scene): Promise<void> {
  const clusters = cluster.view.list("Postgresql", namespace);
  for (const each of clusters) {
    if (each.metadata.finalizers) await cluster.patch(each, { metadata: { finalizers: null } });
    await cluster.delete(each);
  }
}

interface StageRun {
  readonly stage: Stage;
  readonly scene: Scene;
  readonly kill: KillPoint | undefined;
}

async function runStage(
  session: Session,
  { stage, scene, kill }: StageRun,
  expected: Outcome | undefined,
): Promise<Outcome> {
  const { view } = session.cluster;
  const startMs = performance.now();
  const stateNow = () => endStateOf(view.all(scene.namespace), scene.namespace, stage.tolerance);
  const before = stateNow();
  const passwords = watchPasswords(scene);
  const guards = [passwords, ...(stage.guard === undefined ? [] : [stage.guard(scene)])];
  const gate = createWriteGate(kill, () => session.operator().kill());
  session.watch(gate, scene.namespace);
  const told = tailOf(session);
  await stage.act(scene);
  if (kill !== undefined) {
    await within(gate.killed, SETTLE_LIMIT_MS, () => `write ${kill.number} never came\n${told()}`);
    await session.restart();
  }
  const unlike = () => expected === undefined ? [] : differences(expected.state, stateNow());
  const isOver = () => stage.ended(scene) && unlike().length === 0;
  const over = view.until("the end", isOver, { limitMs: SETTLE_LIMIT_MS, explain: told });
  let unseen = false;
  const missed = stage.startsUnseen && kill?.number === 1 && kill.when === "before";
  if (missed) {
    over.catch(() => {}); // asked for below, where it counts
    await quiet(gate);
    unseen = differences(withoutCluster(before), stateNow()).length === 0;
  }
  const reached = unseen || await over.then(() => true, (error) => {
    if (expected === undefined) throw error;
    return false;
  });
  if (reached) await quiet(gate);
  for (const guard of guards) guard.stop();
  const outcome = { state: stateNow(), writes: gate.writes };
  if (kill === undefined || expected === undefined) {
    const violations = guards.flatMap((guard) => guard.violations);
    if (violations.length > 0) throw new Error(`${stage.name}: ${violations.join("; ")}`);
    return { ...outcome, result: undefined };
  }
  const result: PointResult = {
    stage: stage.name,
    point: kill,
    write: describePoint(kill, expected.writes),
    differences: unseen ? [] : [...unlike(), ...reached ? [] : told().split("\n").slice(-3)],
    twice: writtenTwice(gate.writes, expected.writes, scene.namespace),
    violations: guards.flatMap((guard) => guard.violations),
    unseen,
    seconds: (performance.now() - startMs) / 1000,
  };
  return { ...outcome, result };
}

/** The state without the manifest itself, which its user has taken away. */
function withoutCluster(state: EndState): EndState {
  return new Map([...state].filter(([key]) => !key.startsWith("postgresql/")));
}

function tailOf(session: Session): () => string {
  return () => `the operator's last lines:\n${tail(session.operator().log())}`;
}

async function within(done: Promise<void>, limitMs: number, explain: () => string): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(explain())), limitMs);
  try {
    await Promise.race([done, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when no write has come for a while. */
async function quiet(gate: WriteGate): Promise<void> {
  for (let before = -1; before !== gate.writes.length;) {
    before = gate.writes.length;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  }
}

/** A password that was handed out stays: whoever has read it must get in. */
function watchPasswords({ cluster, namespace }: Scene): Guard {
  const passwords = new Map<string, string>();
  const violations: string[] = [];
  const stop = cluster.view.onChange(({ type, object }) => {
    if (object.kind !== "Secret" || object.metadata.namespace !== namespace) return;
    if (type === "delete") return;
    const { name = "" } = object.metadata;
    const { password } = (object as KubeObject & { data?: { password?: string } }).data ?? {};
    const before = passwords.get(name);
    if (before !== undefined && before !== password) {
      violations.push(`the password in Secret ${name} has changed`);
    }
    if (password !== undefined) passwords.set(name, password);
  });
  return { violations, stop };
}

/** `VERB kind/name` of a write, for people. */
export function describeWrite({ verb, target, body }: SeenWrite): string {
  const path = target.replace(/^.*\/namespaces\/[^/]+\//, "");
  const name = verb === "POST" ? `/${nameIn(body)}` : "";
  return `${verb} ${path}${name}`;
}

function nameIn(body: string): string {
  try {
    return (JSON.parse(body) as KubeObject).metadata.name ?? "";
  } catch {
    return "";
  }
}

function describePoint({ number, when }: KillPoint, writes: readonly SeenWrite[]): string {
  const write = writes[number - 1];
  return `${when} ${number}: ${write === undefined ? "" : describeWrite(write)}`;
}

/** Writes with the same verb, object and body that succeeded more often than they had to. */
export function writtenTwice(
  writes: readonly SeenWrite[],
  expected: readonly SeenWrite[],
  namespace: string,
): string[] {
  const count = (list: readonly SeenWrite[]) => {
    const counts = new Map<string, number>();
    for (const write of list) {
      if (write.done !== true) continue;
      const key = `${write.verb} ${withoutNamespace(write.target)} ${essence(write, namespace)}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  };
  const allowed = count(expected);
  return [...count(writes)].flatMap(([key, times]) =>
    times > Math.max(1, allowed.get(key) ?? 0) ? [`${times} times ${key.slice(0, 300)}`] : []
  );
}

function withoutNamespace(path: string): string {
  return path.replace(/\/namespaces\/[^/]+\//, "/namespaces/<namespace>/");
}

/** The body without times and versions; a repeated request may carry newer ones. */
function essence({ body }: SeenWrite, namespace: string): string {
  return body.replaceAll(namespace, "<namespace>")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>")
    .replaceAll(/"resourceVersion":"\d+"/g, '"resourceVersion":"<version>"')
    .replaceAll(/"password":"[^"]*"/g, '"password":"<password>"');
}
