/**
 * `deno task soak [--minutes 10] [--clusters 50] [--seed N]`: many clusters under random changes,
 * faults of the API server, deleted pods and a killed operator. Then everything is left in peace
 * and looked at: is each cluster as its manifest asks, did a pod go without a reason, does memory
 * grow, how long do answers take. Pods are pretended. Ends with 1 for a cluster that is not as
 * asked or a pod that went without a reason.
 */
import { parseArgs } from "node:util";
import { startTestCluster } from "../support/test_cluster.ts";
import { percentile, slopePerMinute } from "./measure.ts";
import { randomFrom } from "./random.ts";
import { Run } from "./run.ts";

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    clusters: { type: "string", default: "50" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
  },
});
const totalMs = Number(values.minutes) * 60_000;
print(`seed ${values.seed}`);
const cluster = await startTestCluster();
try {
  const namespace = await cluster.namespace();
  const run = new Run(cluster, namespace, randomFrom(Number(values.seed)));
  await run.start(Number(values.clusters));
  print(`${values.clusters} clusters run`);
  // The operator is killed in the first half only: memory is that of one process.
  await run.disturb({ forMs: totalMs / 2, kills: true });
  print(run.told());
  await run.disturb({ forMs: totalMs / 2, kills: false });
  print(run.told());
  const wrong = await run.rest();
  const { memory, answersMs, unexplained } = run.figures();
  print(`clusters not as asked at the end       ${wrong.length}`);
  print(`pods that went without a reason        ${unexplained.length}`);
  const settled = memory.slice(Math.floor(memory.length / 3));
  print(`memory, MiB                            ${settled.at(-1)?.value.toFixed(0) ?? "?"}`);
  print(`memory, growth in MiB a minute         ${slopePerMinute(settled).toFixed(2)}`);
  const [half, most] = [50, 99].map((it) => percentile(answersMs, it).toFixed(0));
  print(`answer of /healthz, median and p99     ${half} ms, ${most} ms`);
  for (const line of [...wrong, ...unexplained].slice(0, 20)) print(`  ${line}`);
  Deno.exitCode = wrong.length + unexplained.length === 0 ? 0 : 1;
} finally {
  await cluster.stop();
}
