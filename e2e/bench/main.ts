/**
 * `deno task bench [idle] [scale] [N…] [--write]`: what the operator costs, counted at a proxy before
 * the embedded API server, beside the figures of the last release. `OPERATOR_BINARY` measures a
 * compiled operator. Numbers are the sizes of `scale`, 10, 50 and 100 unless given. `--write` makes
 * what was measured the figures of the release.
 */
import type { Postgresql } from "../../src/api/types.gen.ts";
import type { Measured } from "../../codegen/emit/performance.ts";
import { VERSION } from "../../src/version.ts";
import { comparison, type Group } from "./comparison.ts";
import {
  type Bench,
  makeClusters,
  pause,
  processorMs,
  residentMib,
  type Role,
  startBench,
  tally,
} from "./measure.ts";

/** The figures of the last release, of which `docs/performance.md` is made. */
const RELEASED = new URL("../../docs/performance.json", import.meta.url);

const IDLE_CLUSTERS = 20;
const RESYNC_S = 20;
const RESYNCS = 2;
const SIZES = [10, 50, 100];
const QUIET_MS = 3_000;
const RUNNING_LIMIT_MS = 300_000;
/** The dev cluster has addresses for some more pods. Of more clusters the last StatefulSet is awaited. */
const MOST_RUNNING = 700;

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

async function untilRunning({ cluster }: Bench, namespace: string, count: number): Promise<void> {
  await cluster.view.until(`${count} clusters run`, () => {
    const running = cluster.view.list("Postgresql", namespace).filter((manifest) =>
      (manifest as unknown as Postgresql).status?.PostgresClusterStatus === "Running"
    );
    return running.length === count;
  }, { limitMs: RUNNING_LIMIT_MS });
}

/** Resolves when no request has come for a while, and after one resync in any case. */
async function untilQuiet({ requests }: Bench): Promise<void> {
  const deadline = performance.now() + RESYNC_S * 1000;
  for (let before = -1; before !== requests.length && performance.now() < deadline;) {
    before = requests.length;
    await pause(QUIET_MS);
  }
}

/** Requests of idle clusters, start, memory, and what a look at one that rests costs. */
async function measureIdle(role: Role): Promise<Group> {
  const config = { resync_period: `${RESYNC_S}s`, repair_period: `${RESYNC_S}s` };
  let bench = await startBench(role, config);
  try {
    const { readyMs } = bench;
    const emptyMib = await residentMib(bench.operator.pid);
    const namespace = await makeClusters(bench, IDLE_CLUSTERS, 2);
    await untilRunning(bench, namespace, IDLE_CLUSTERS);
    bench = await bench.restart();
    await untilQuiet(bench);
    const seen = bench.requests.length;
    const spentMs = await processorMs(bench.operator.pid);
    await pause(RESYNCS * RESYNC_S * 1000);
    const counted = bench.requests.slice(seen);
    const lookMs = (await processorMs(bench.operator.pid) - spentMs) / RESYNCS / IDLE_CLUSTERS;
    const mib = await residentMib(bench.operator.pid);
    return {
      title: `${IDLE_CLUSTERS} idle clusters of 2 pods, ${RESYNCS} resyncs, ${
        role === "ours" ? "our" : role
      } ClusterRole`,
      figures: [
        { what: "API requests", unit: "", value: counted.length, goal: 0 },
        ...tally(counted).map(([what, value]) => ({ what: `requests: ${what}`, unit: "", value })),
        { what: "processor time of a look at one cluster", unit: "ms", value: lookMs, goal: 1 },
        { what: "start to ready, no cluster", unit: "ms", value: readyMs, goal: 300 },
        { what: "start to ready", unit: "ms", value: bench.readyMs },
        { what: "resident memory, no cluster", unit: "MiB", value: emptyMib, goal: 60 },
        { what: "resident memory", unit: "MiB", value: mib },
      ],
    };
  } finally {
    await bench.stop();
  }
}

const WRITES = /^(post|put|patch|delete) /;

/** New clusters, all at once. */
async function measureScale(count: number): Promise<Group> {
  const bench = await startBench("ours", { workers: "8" });
  try {
    const before = bench.requests.length;
    const startMs = performance.now();
    const namespace = await makeClusters(bench, count, 1);
    await bench.cluster.view.until(
      "the last StatefulSet",
      () => bench.cluster.view.list("StatefulSet", namespace).length === count,
      { limitMs: RUNNING_LIMIT_MS },
    );
    const setsMs = performance.now() - startMs;
    const all = count <= MOST_RUNNING;
    if (all) await untilRunning(bench, namespace, count);
    const runningMs = performance.now() - startMs;
    await untilQuiet(bench);
    const spentMs = await processorMs(bench.operator.pid);
    const made = bench.requests.slice(before);
    const events = made.filter((it) => / events/.test(it)).length;
    const writes = made.filter((it) => WRITES.test(it)).length - events;
    const reads = made.length - writes - events;
    const mib = await residentMib(bench.operator.pid);
    return {
      title: `${count} new clusters of 1 pod, 8 workers`,
      figures: [
        { what: "last StatefulSet", unit: "s", value: setsMs / 1000 },
        ...all ? [{ what: "all Running", unit: "s", value: runningMs / 1000 }] : [],
        { what: "writes a cluster", unit: "", value: writes / count },
        { what: "Events a cluster", unit: "", value: events / count, goal: 2 },
        { what: "reads a cluster", unit: "", value: reads / count },
        { what: "processor time a cluster", unit: "ms", value: spentMs / count },
        { what: "resident memory", unit: "MiB", value: mib, ...count >= 1000 && { goal: 200 } },
      ],
    };
  } finally {
    await bench.stop();
  }
}

async function main(args: readonly string[]): Promise<void> {
  const words = args.filter((arg) => arg !== "--write");
  const named = (name: string) => words.length === 0 || words.includes(name);
  const numbers = words.map(Number).filter((number) => number > 0);
  const where = whereNow();
  const before = JSON.parse(await Deno.readTextFile(RELEASED)) as Measured;
  const groups: Group[] = [];
  const measured = (group: Group) => {
    print(comparison(group, before));
    groups.push(group);
  };
  const sizes = numbers.length > 0 ? numbers : named("scale") ? SIZES : [];
  try {
    if (named("idle")) {
      measured(await measureIdle("ours"));
      measured(await measureIdle("the reference's"));
    }
    for (const count of sizes) measured(await measureScale(count));
  } finally {
    // A run of many minutes that breaks off at its end has measured something all the same.
    if (args.includes("--write")) await write({ release: VERSION, where, groups });
  }
}

/** Puts the figures where the documents have them from. */
async function write(figures: Measured): Promise<void> {
  await Deno.writeTextFile(RELEASED, `${JSON.stringify(figures, null, 2)}\n`);
  print("\nwritten to docs/performance.json; `deno task codegen` makes the page of it");
}

function whereNow(): string {
  const program = Deno.env.get("OPERATOR_BINARY")
    ? "the compiled program"
    : "the program from source";
  const cores = navigator.hardwareConcurrency;
  const [load = 0] = Deno.loadavg();
  const others = load < 1
    ? ""
    : ` and with other work (${Math.round(load)} processes that run, before the start)`;
  return `${program} on ${cores} cores that it shares with the API server${others}`;
}

await main(Deno.args);
