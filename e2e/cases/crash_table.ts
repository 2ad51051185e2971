/**
 * `deno task crash`: kills the operator before and after every write of what people ask of clusters,
 * and prints how each ended. First in memory, where every kind of write has its place in one count;
 * then as a process in front of the dev cluster. Parts of names as arguments choose some of them.
 */
import { runStory } from "../crash/run.ts";
import { STORIES } from "../crash/stories.ts";
import {
  type ChainStage,
  type PointResult,
  runCrashChain,
  type StageReport,
} from "../support/crash_run.ts";
import { startTestCluster } from "../support/test_cluster.ts";
import { creation, deletion, imageChange, scale } from "./crash_stages.ts";

interface Chain {
  readonly name: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly stages: readonly ChainStage[];
}

const EVERY = "every point" as const;
const NONE = "none";
const IMAGE = "ghcr.io/zalando/spilo-18:4.1-p1";

const CHAINS: readonly Chain[] = [
  {
    name: "process: lifecycle",
    stages: [
      { stage: creation(), thoroughness: EVERY },
      { stage: deletion("without finalizer"), thoroughness: EVERY },
    ],
  },
  {
    name: "process: finalizer",
    config: { enable_finalizers: "true" },
    stages: [
      { stage: creation(), thoroughness: NONE },
      { stage: deletion("with finalizer"), thoroughness: EVERY },
    ],
  },
  {
    name: "process: scale",
    stages: [
      { stage: creation({ numberOfInstances: 1 }), thoroughness: NONE },
      { stage: scale(3), thoroughness: EVERY },
    ],
  },
  {
    name: "process: image",
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
  return [String(name).padEnd(54), ...rest.map((cell) => String(cell).padStart(7))].join(" ");
}

/** The lines of the table, and what went wrong in all of them. */
class Table {
  readonly #rows: string[] = [];
  readonly #sums = [0, 0, 0, 0, 0, 0];
  failures = 0;

  add(name: string, { writes, points }: StageReport): void {
    if (points.length === 0) return;
    const unseen = points.filter((point) => point.unseen).length;
    const equal = points.filter((point) => point.differences.length === 0).length - unseen;
    const twice = points.reduce((sum, point) => sum + point.twice.length, 0);
    const broken = points.reduce((sum, point) => sum + point.violations.length, 0);
    this.failures += points.length - equal - unseen + twice + broken;
    const cells = [writes.length, points.length, equal, unseen, twice, broken];
    cells.forEach((cell, index) => this.#sums[index]! += cell);
    this.#rows.push(row([name, ...cells]));
  }

  print(): void {
    print(`\n${row(["", "writes", "points", "equal", "unseen", "twice", "broken"])}`);
    this.#rows.forEach(print);
    print(row(["all", ...this.#sums]));
  }
}

/** What is wrong is printed at once, the rest in the table alone: there are thousands of points. */
function printWrong(point: PointResult): void {
  const { differences, twice, violations } = point;
  if (differences.length + twice.length + violations.length > 0) printPoint(point);
}

async function tellStories(table: Table, isChosen: (name: string) => boolean): Promise<void> {
  for (const story of STORIES.filter(({ name }) => isChosen(name))) {
    print(story.name);
    const options = { thoroughness: EVERY, onPoint: printWrong } as const;
    table.add(story.name, await runStory(story, options));
  }
}

async function runProcesses(table: Table, isChosen: (name: string) => boolean): Promise<void> {
  for (const { name, config, stages } of CHAINS.filter(({ name }) => isChosen(name))) {
    print(name);
    const cluster = await startTestCluster();
    try {
      const options = { onPoint: printPoint, ...(config === undefined ? {} : { config }) };
      for (const report of await runCrashChain(cluster, stages, options)) {
        table.add(`${name}: ${report.stage}`, report);
      }
    } finally {
      await cluster.stop();
    }
  }
}

async function main(names: readonly string[]): Promise<number> {
  const isChosen = (name: string) =>
    names.length === 0 || names.some((part) => name.includes(part));
  const table = new Table();
  await tellStories(table, isChosen);
  await runProcesses(table, isChosen);
  table.print();
  return table.failures === 0 ? 0 : 1;
}

Deno.exit(await main(Deno.args));
