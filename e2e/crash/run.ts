/**
 * Runs a story once undisturbed, and then as often as it has writes: each time the operator is killed
 * before or after one of them, and the next one carries on. In virtual time and in memory, so that
 * every write of every kind can be tried: objects, statements, Patroni, commands, the cloud.
 */
import { setImmediate } from "node:timers";
import type { Postgresql, PostgresqlSpec } from "../../src/api/types.gen.ts";
import type { Config } from "../../src/config/config.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { describeWrite, pointsOf, type StageReport, writtenTwice } from "../support/crash_run.ts";
import type { PointResult, Thoroughness } from "../support/crash_run.ts";
import { differences, type EndState, endStateOf } from "../support/end_state.ts";
import type { KillPoint, SeenWrite } from "../support/write_gate.ts";
import { CLUSTER, createWorld, NAMESPACE, revive, type World } from "./world.ts";

/** What somebody asks of a cluster, and what was there before. */
export interface Story {
  readonly name: string;
  readonly config?: Partial<Config>;
  readonly spec?: Partial<PostgresqlSpec>;
  /** Whether the API server knows event streams. */
  readonly streams?: true;
  /** Objects of others that are there first. */
  readonly setUp?: (world: World) => void;
  /** What is asked for; the creation itself where it is left out. */
  readonly act?: (world: World) => void;
  /** True when it is so; a status of Running for the latest manifest where it is left out. */
  readonly ended?: (world: World) => boolean;
  /** What may be done again, by the feature or decision that says why. */
  readonly repeats?: Readonly<Record<string, RegExp>>;
  /** A kill before the first write may leave everything as it was. */
  readonly startsUnseen?: true;
}

export interface StoryOptions {
  readonly thoroughness: Thoroughness;
  readonly onPoint?: (result: PointResult) => void;
}

/** After so much virtual time without a write an operator is taken as done. */
const QUIET_MS = 20_000;
/** How long it takes until another operator runs. */
const RESTART_MS = 2000;
const LIMIT_MS = 2 * 3600_000;
const MANIFEST = {
  apiVersion: "acid.zalan.do/v1",
  kind: "postgresql",
  namespace: NAMESPACE,
  name: CLUSTER,
};

/** Tries all points of a story. @throws where the undisturbed run does not end well */
export async function runStory(story: Story, options: StoryOptions): Promise<StageReport> {
  const expected = await runOnce(story, undefined);
  if (!expected.ended) throw new Error(`${story.name} does not end:\n${expected.explain()}`);
  const faults = [...expected.lockOuts, ...expected.shutOut];
  if (faults.length > 0) throw new Error(`${story.name} locks out ${faults.join(", ")}`);
  const points: PointResult[] = [];
  for (const point of pointsOf(expected.writes.length, options.thoroughness)) {
    const result = await tryPoint(story, point, expected);
    points.push(result);
    options.onPoint?.(result);
  }
  return { stage: story.name, writes: expected.writes.map(describeWrite), points };
}

interface Outcome {
  readonly ended: boolean;
  readonly killed: boolean;
  /** Before anybody acted, and at the end. */
  readonly before: EndState;
  readonly state: EndState;
  readonly writes: readonly SeenWrite[];
  readonly lockOuts: readonly string[];
  readonly shutOut: readonly string[];
  readonly changed: readonly string[];
  readonly explain: () => string;
}

async function tryPoint(story: Story, point: KillPoint, expected: Outcome): Promise<PointResult> {
  const startMs = performance.now();
  const found = await runOnce(story, point);
  const missed = story.startsUnseen === true && point.number === 1 && point.when === "before";
  const unseen = missed && differences(withoutManifest(found.before), found.state).length === 0;
  const write = expected.writes[point.number - 1];
  const told = found.ended && found.killed ? [] : [
    found.killed ? "it does not end" : "the write never came",
    ...found.explain().split("\n"),
  ];
  return {
    stage: story.name,
    point,
    write: `${point.when} ${point.number}: ${write === undefined ? "" : describeWrite(write)}`,
    differences: unseen ? [] : [...differences(expected.state, found.state), ...told],
    twice: writtenTwice(found.writes, expected.writes, NAMESPACE).filter((write) =>
      !Object.values(story.repeats ?? {}).some((pattern) => pattern.test(write))
    ),
    violations: [
      ...found.lockOuts.map((name) => `locked out: ${name}`),
      ...found.shutOut.map((name) => `the password of ${name} does not log in at the end`),
      ...moreThan(found.changed, expected.changed).map((name) => `${name} has another password`),
    ],
    unseen,
    seconds: (performance.now() - startMs) / 1000,
  };
}

/** What occurs more often in one list than in another. */
function moreThan(list: readonly string[], others: readonly string[]): string[] {
  const count = (all: readonly string[], name: string) => all.filter((one) => one === name).length;
  return [...new Set(list)].filter((name) => count(list, name) > count(others, name));
}

async function runOnce(story: Story, point: KillPoint | undefined): Promise<Outcome> {
  const world = createWorld(story.config ?? {}, story.streams === true);
  story.setUp?.(world);
  world.controller();
  const { act, ended = isRunning } = story;
  const make = () => void world.cluster.api.put(manifestOf(story));
  if (act !== undefined) {
    make();
    if (!await drive(world, isRunning)) throw new Error(`no cluster:\n${explain(world)}`);
  }
  const before = stateOf(world);
  const gate = world.watch(point);
  let killed = false;
  gate.killed.then(() => killed = true);
  (act ?? make)(world);
  const over = await drive(world, ended);
  world.logins.look();
  const outcome = {
    ended: over,
    killed: point === undefined || killed,
    before,
    state: stateOf(world),
    writes: gate.writes,
    lockOuts: [...world.logins.lockOuts],
    shutOut: over ? world.logins.shutOut() : [],
    changed: world.logins.changed,
    explain: () => explain(world),
  };
  await world.stop();
  return outcome;
}

function manifestOf({ spec }: Story): Postgresql {
  return {
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    metadata: { namespace: NAMESPACE, name: CLUSTER },
    spec: {
      teamId: "acid",
      numberOfInstances: 1,
      volume: { size: "10Gi" },
      postgresql: { version: "17" },
      ...spec,
    },
  };
}

/** The manifest as it is now. */
export function liveManifest({ cluster }: World): Postgresql | undefined {
  return cluster.api.find(MANIFEST) as Postgresql | undefined;
}

/** Changes the spec of the manifest as its user does. */
export function change(world: World, spec: Partial<PostgresqlSpec>): void {
  const manifest = liveManifest(world);
  if (manifest === undefined) throw new Error("there is no manifest to change");
  world.cluster.api.put({ ...manifest, spec: { ...manifest.spec, ...spec } });
}

/** Takes the manifest away as its user does. */
export function remove({ cluster }: World): void {
  cluster.api.remove(MANIFEST);
}

/** True when the status says Running of the latest manifest. */
export function isRunning(world: World): boolean {
  const { status, metadata } = liveManifest(world) ?? {};
  return status?.PostgresClusterStatus === "Running" &&
    status.observedGeneration === metadata?.generation;
}

/** True when nothing of the cluster is left. */
export function isGone({ cluster }: World): boolean {
  return cluster.api.objects().every(({ metadata }) =>
    metadata.labels?.["cluster-name"] !== CLUSTER && metadata.name !== CLUSTER
  );
}

/** Lets virtual time go on until something is so and nothing is written any more. */
async function drive(world: World, ended: (world: World) => boolean): Promise<boolean> {
  const { clock } = world.cluster;
  const endMs = clock.now() + LIMIT_MS;
  while (clock.now() < endMs) {
    await rest(world);
    if (world.isDead()) {
      await pass(world, RESTART_MS);
      revive(world);
      continue;
    }
    if (ended(world) && clock.now() - world.lastWriteMs() > QUIET_MS) return true;
    if (!clock.advance()) return ended(world);
  }
  return false;
}

/** Time in which nobody looks after the cluster, but Kubernetes and Patroni go on. */
async function pass({ cluster: { clock } }: World, ms: number): Promise<void> {
  const endMs = clock.now() + ms;
  while ((clock.nextMs() ?? Infinity) <= endMs) {
    clock.advance();
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  clock.moveTo(endMs);
}

/** Longer than any pass takes in real time: passwords are hashed beside it, also on a busy machine. */
const LONGEST_PASS_MS = 60_000;

/** Waits until the operator has nothing under way, or is dead. */
async function rest(world: World): Promise<void> {
  const { queue, workers } = world.controller();
  const endMs = performance.now() + LONGEST_PASS_MS;
  for (let quiet = 0; quiet < 3 && !world.isDead(); quiet++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    const busy = (workers()?.busy().length ?? 0) + queue.waiting().length;
    if (busy > 0) quiet = 0;
    if (performance.now() > endMs) throw new Error(`a pass does not end:\n${explain(world)}`);
  }
}

function explain({ log }: World): string {
  return log.slice(-6).join("\n");
}

function withoutManifest(state: EndState): EndState {
  return new Map([...state].filter(([key]) => !key.startsWith("postgresql/")));
}

/** Uids are counted, and a rotation is due so long after the last one. */
function comparable(object: KubeObject): KubeObject {
  return JSON.parse(
    JSON.stringify(object).replaceAll(/"simulated-\d+"/g, '"<uid>"')
      .replaceAll(/"nextRotation":"[^"]*"/g, '"nextRotation":"<time>"'),
  );
}

/** Everything that two runs are compared by. */
function stateOf({ cluster, database, aws }: World): EndState {
  const objects = cluster.api.objects().filter(({ metadata, kind }) =>
    metadata.namespace === NAMESPACE || kind === "PersistentVolume"
  );
  const state = new Map(endStateOf(objects.map(comparable), NAMESPACE, { primary: "any" }));
  for (const [name, role] of database.model.roles) {
    const { verifier, flags, memberOf, settings } = role;
    state.set(`role ${name}`, {
      password: verifier !== undefined,
      flags: [...flags].sort(),
      memberOf: [...memberOf].sort(),
      settings: Object.fromEntries([...settings].sort()),
    });
  }
  for (const [name, { owner }] of database.model.databases) {
    const { schemas, extensions, publications, lookup } = database.model.contents.get(name) ?? {};
    state.set(`database ${name}`, {
      owner,
      schemas: Object.fromEntries(schemas ?? []),
      extensions: Object.fromEntries(extensions ?? []),
      publications: Object.fromEntries(publications ?? []),
      lookup,
    });
  }
  for (const [id, volume] of aws.volumes) state.set(`volume ${id}`, { ...volume });
  return state;
}
