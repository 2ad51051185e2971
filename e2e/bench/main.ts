/**
 * `deno task bench [idle] [scale] [N…]`: what the operator costs, counted at a proxy before the
 * embedded API server. `OPERATOR_BINARY` measures a compiled operator. Numbers are the sizes of
 * `scale`, 10, 50 and 100 unless given.
 */
import type { Postgresql } from "../../src/api/types.gen.ts";
import {
  type Bench,
  makeClusters,
  pause,
  residentMib,
  type Role,
  startBench,
  tally,
} from "./measure.ts";

const IDLE_CLUSTERS = 20;
const RESYNC_S = 20;
const RESYNCS = 2;
const SIZES = [10, 50, 100];
const QUIET_MS = 3_000;
const RUNNING_LIMIT_MS = 300_000;

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

function row(cells: readonly (string | number)[]): void {
  print(
    cells.map((cell, index) => index === 0 ? String(cell).padEnd(34) : String(cell).padStart(12))
      .join(""),
  );
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

/** Requests of idle clusters, start and memory. */
async function measureIdle(role: Role): Promise<void> {
  const config = { resync_period: `${RESYNC_S}s`, repair_period: `${RESYNC_S}s` };
  let bench = await startBench(role, config);
  try {
    const emptyMs = bench.readyMs;
    const emptyMib = await residentMib(bench.operator.pid);
    const namespace = await makeClusters(bench, IDLE_CLUSTERS, 2);
    await untilRunning(bench, namespace, IDLE_CLUSTERS);
    bench = await bench.restart();
    await untilQuiet(bench);
    const seen = bench.requests.length;
    await pause(RESYNCS * RESYNC_S * 1000);
    const counted = bench.requests.slice(seen);
    const mib = await residentMib(bench.operator.pid);
    print(`\n${IDLE_CLUSTERS} idle clusters of 2 pods, ${RESYNCS} resyncs, ${role} ClusterRole`);
    row(["API requests", counted.length]);
    for (const [request, times] of tally(counted)) row([`  ${request}`, times]);
    row(["start to ready, no cluster", `${Math.round(emptyMs)} ms`]);
    row([`start to ready, ${IDLE_CLUSTERS} clusters`, `${Math.round(bench.readyMs)} ms`]);
    row(["resident memory, no cluster", `${Math.round(emptyMib)} MiB`]);
    row([`resident memory, ${IDLE_CLUSTERS} clusters`, `${Math.round(mib)} MiB`]);
  } finally {
    await bench.stop();
  }
}

const WRITES = /^(post|put|patch|delete) /;

/** New clusters, all at once. */
async function measureScale(count: number): Promise<void> {
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
    await untilRunning(bench, namespace, count);
    const runningMs = performance.now() - startMs;
    await untilQuiet(bench);
    const made = bench.requests.slice(before);
    const events = made.filter((it) => / events/.test(it)).length;
    const writes = made.filter((it) => WRITES.test(it)).length - events;
    const perCluster = (requests: number) => (requests / count).toFixed(1);
    row([
      `${count} clusters`,
      `${(setsMs / 1000).toFixed(1)} s`,
      `${(runningMs / 1000).toFixed(1)} s`,
      perCluster(writes),
      perCluster(events),
      perCluster(made.length - writes - events),
      `${Math.round(await residentMib(bench.operator.pid))} MiB`,
    ]);
  } finally {
    await bench.stop();
  }
}

async function main(args: readonly string[]): Promise<void> {
  const named = (name: string) => args.length === 0 || args.includes(name);
  const numbers = args.map(Number).filter((number) => number > 0);
  if (named("idle")) {
    await measureIdle("ours");
    await measureIdle("the reference's");
  }
  if (!named("scale") && numbers.length === 0) return;
  print("\nnew clusters of 1 pod, 8 workers; requests a cluster");
  row(["", "StatefulSets", "Running", "writes", "Events", "reads", "memory"]);
  for (const count of numbers.length > 0 ? numbers : SIZES) await measureScale(count);
}

await main(Deno.args);
