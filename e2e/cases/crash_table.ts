/**
 * `deno task crash`: kills the operator before and after every write of several scenarios and
 * prints how each ended. Names of scenarios as arguments choose some of them.
 */
import { type ChainStage, type PointResult, runCrashChain } from "../support/crash_run.ts";
import { startTestCluster } from "../support/test_cluster.ts";
import { creation, deletion, imageChange, scale } from "./crash_stages.ts";

interface Chain {
  readonly name: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly stages: readonly ChainStage[];
}

const EVERY = "every point";
const NONE = "none";
const IMAGE = "ghcr.io/zalando/spilo-18:4.1-p1";

const CHAINS: readonly Chain[] = [
  {
    name: "lifecycle",
    stages: [
      { stage: creation(), thoroughness: EVERY },
      { stage: deletion("without finalizer"), thoroughness: EVERY },
    ],
  },
  {
    name: "finalizer",
    config: { enable_finalizers: "true" },
    stages: [
      { stage: creation(), thoroughness: NONE },
      { stage: deletion("with finalizer"), thoroughness: EVERY },
    ],
  },
  {
    name: "scale",
    stages: [
      { stage: creation({ numberOfInstances: 1 }), thoroughness: NONE },
      { stage: scale(3), thoroughness: EVERY },
    ],
  },
  {
    name: "image",
    stages: [
      { stage: creation({ numberOfInstances: 3 }), thoroughness: NONE },
      { stage: imageChange(IMAGE), thoroughness: EVERY },
    ],
  },
];

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

function printPoint(point: PointResult): void {
  const { write, differences, twice, violations, unseen, seconds } = point;
  const equal = differences.length === 0;
  const verdict = unseen ? "unseen" : equal ? "equal" : "DIFFERENT";
  print(`  ${verdict.padEnd(9)} ${seconds.toFixed(1).padStart(5)} s  ${write}`);
  for (const line of [...differences, ...twice.map((it) => `TWICE ${it}`), ...violations]) {
    print(`      ${line.slice(0, 400)}`);
  }
}

function row(cells: readonly (string | number)[]): string {
  const [name = "", ...rest] = cells;
  return [String(name).padEnd(34), ...rest.map((cell) => String(cell).padStart(7))].join(" ");
}

async function main(names: readonly string[]): Promise<number> {
  const rows: string[] = [];
  let failures = 0;
  for (const { name, config, stages } of CHAINS) {
    if (names.length > 0 && !names.includes(name)) continue;
    print(name);
    const cluster = await startTestCluster();
    try {
      const options = { onPoint: printPoint, ...(config === undefined ? {} : { config }) };
      for (const { stage, writes, points } of await runCrashChain(cluster, stages, options)) {
        if (points.length === 0) continue;
        const unseen = points.filter((point) => point.unseen).length;
        const equal = points.filter((point) => point.differences.length === 0).length - unseen;
        const twice = points.reduce((sum, point) => sum + point.twice.length, 0);
        const broken = points.reduce((sum, point) => sum + point.violations.length, 0);
        failures += points.length - equal - unseen + twice + broken;
        rows.push(
          row([`${name}: ${stage}`, writes.length, points.length, equal, unseen, twice, broken]),
        );
      }
    } finally {
      await cluster.stop();
    }
  }
  print(`\n${row(["", "writes", "points", "equal", "unseen", "twice", "broken"])}`);
  rows.forEach(print);
  return failures === 0 ? 0 : 1;
}

Deno.exit(await main(Deno.args));
