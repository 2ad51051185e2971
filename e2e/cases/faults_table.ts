/**
 * `deno task faults:server`: every failure of the API server, once for each kind of request and as an outage
 * of all requests, over the life of a cluster; prints faults injected and lives that recovered.
 * Names of kinds as arguments choose among them.
 */
import type { FaultKind } from "../devcluster/apiserver/http/faults.ts";
import {
  eachOnce,
  type FaultPlan,
  type FaultRun,
  undisturbed,
  withFaults,
} from "../support/fault_run.ts";
import { startTestCluster } from "../support/test_cluster.ts";
import { creation, deletion, imageChange, scale } from "./crash_stages.ts";

const LEAST = { numberOfInstances: 1, users: {}, databases: {}, preparedDatabases: {} };
const IMAGE = "registry.example.com/spilo:faults";
const STAGES = [creation(LEAST), scale(2), imageChange(IMAGE), deletion("without finalizer")];
const CONFIG = { enable_secrets_deletion: "true", enable_persistent_volume_claim_deletion: "true" };
const KINDS: readonly FaultKind[] = [
  "unauthorized",
  "forbidden",
  "notFound",
  "conflict",
  "gone",
  "tooManyRequests",
  "internalError",
  "unavailable",
  "timeout",
  "dropWatch",
  "staleRead",
  "silence",
];
/** One unanswered request of each kind after the other would take an hour: all at once they do not. */
const ONLY_OUTAGES: readonly FaultKind[] = ["silence"];
/** How long a stage may take: a refused step waits a minute, and many wait for others. */
const LIMIT_MS = 3 * 60_000;
const LIMIT_OF_REFUSALS_MS = 10 * 60_000;

/** All requests of the operator fail from the first on, for so long. */
function outage(kind: FaultKind, ms: number): FaultPlan {
  let startMs: number | undefined;
  return {
    kind,
    hits: () => performance.now() - (startMs ??= performance.now()) < ms,
  };
}

/** What is tried of a kind, by what is printed of it. */
function plansOf(kind: FaultKind, outageMs: number): Readonly<Record<string, FaultPlan>> {
  const listsAgain = kind === "staleRead";
  // A token is read again at the first refusal, so only a second one is a failure.
  const once = { ...eachOnce(kind, kind === "unauthorized" ? 2 : 1), listsAgain };
  const all = { ...outage(kind, outageMs), listsAgain };
  return {
    ...(ONLY_OUTAGES.includes(kind) ? {} : { "each once": once }),
    [`all for ${outageMs / 1000} s`]: all,
  };
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

async function play(run: FaultRun, kinds: readonly FaultKind[], outageMs: number): Promise<number> {
  const expected = await undisturbed(run);
  let [lives, injected, failures] = [0, 0, 0];
  for (const kind of kinds) {
    const limitMs = kind === "forbidden" ? LIMIT_OF_REFUSALS_MS : LIMIT_MS;
    for (const [how, plan] of Object.entries(plansOf(kind, outageMs))) {
      const result = await withFaults({ ...run, limitMs }, plan, expected);
      const recovered = result.differences.length === 0;
      lives++;
      injected += result.injected;
      failures += recovered ? 0 : 1;
      print(
        `${recovered ? "recovered" : "DIFFERENT"}  ${kind.padEnd(16)} ${how.padEnd(14)} ` +
          `${String(result.injected).padStart(5)} faults on ${result.rights.length} kinds of ` +
          `request, ${result.seconds.toFixed(1)} s`,
      );
      for (const line of result.differences) print(`    ${line.slice(0, 400)}`);
    }
  }
  print(`${injected} faults injected, ${lives - failures} of ${lives} lives recovered`);
  return failures;
}

async function main(names: readonly string[]): Promise<number> {
  const outageMs = Number(Deno.env.get("OUTAGE_SECONDS") ?? 60) * 1000;
  const kinds = KINDS.filter((kind) => names.length === 0 || names.includes(kind));
  const cluster = await startTestCluster();
  try {
    const operator = await cluster.operator({ config: CONFIG });
    const run = { cluster, operator, stages: STAGES, limitMs: LIMIT_MS };
    return await play(run, kinds, outageMs) === 0 ? 0 : 1;
  } finally {
    await cluster.stop();
  }
}

Deno.exit(await main(Deno.args));
