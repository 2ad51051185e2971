/**
 * `deno task writer [WORD]`: what a client notices that writes all the time while pods, nodes and
 * versions change: the longest gap between two writes, how often the primary changed, and whether an
 * acknowledged write was lost. Ends with 1 for a lost write or a switchover too many.
 */
import { ensurePackages } from "../../devcluster/packages.ts";
import { ensureMajor } from "../../devcluster/postgres_majors.ts";
import { startTestCluster } from "../../support/test_cluster.ts";
import { checksOf } from "../checks.ts";
import type { WriterEvent } from "./events.ts";

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

interface Row {
  readonly name: string;
  readonly acknowledged: number;
  readonly lost: number;
  readonly gapMs: number;
  readonly switchovers: number;
  readonly allowed: number;
}

await ensurePackages({ log: print });
for (const major of ["17", "18"]) await ensureMajor(major, print);
// Which versions there are is read when these are loaded.
const { Life } = await import("../life.ts");
const { lostOf, startWriter } = await import("./client.ts");
const { WRITER_EVENTS } = await import("./events.ts");

/** Writes go on for a while after an event, so that what comes late is noticed too. */
const WRITES_BEFORE = 100;
const WRITES_AFTER = 200;

async function play(event: WriterEvent): Promise<Row> {
  const cluster = await startTestCluster({ runtime: "process", nodes: event.nodes });
  try {
    const namespace = await cluster.namespace();
    const life = new Life(cluster, namespace, event.config ?? {}, checksOf([]), print);
    await life.configure();
    await life.start(event.spec);
    await event.prepare?.(life);
    const primaries: string[] = [life.primary().metadata.name ?? ""];
    const stop = cluster.view.onChange(({ object }) => {
      const { labels, name = "" } = object.metadata;
      const leads = object.kind === "Pod" && labels?.["spilo-role"] === "master";
      if (leads && !labels["application"]?.includes("pooler") && primaries.at(-1) !== name) {
        primaries.push(name);
      }
    });
    const writer = await startWriter(life);
    await writer.more(WRITES_BEFORE);
    await event.act(life);
    await life.settled();
    await writer.more(WRITES_AFTER);
    const written = await writer.stop();
    stop();
    return {
      name: event.name,
      acknowledged: written.acknowledged.length,
      lost: (await lostOf(life, written)).length,
      gapMs: Math.round(written.gapMs),
      switchovers: primaries.length - 1,
      allowed: event.switchovers,
    };
  } finally {
    await cluster.stop();
  }
}

const word = Deno.args[0] ?? "";
const rows: Row[] = [];
for (const event of WRITER_EVENTS.filter(({ name }) => name.includes(word))) {
  print(event.name);
  rows.push(await play(event));
}
print(`\n${"".padEnd(46)} longest gap  switchovers   written  lost`);
for (const { name, gapMs, switchovers, acknowledged, lost } of rows) {
  print(
    `${name.padEnd(46)} ${`${gapMs} ms`.padStart(11)} ${String(switchovers).padStart(12)} ` +
      `${String(acknowledged).padStart(9)} ${String(lost).padStart(5)}`,
  );
}
const good = rows.length > 0 &&
  rows.every(({ lost, switchovers, allowed }) => lost === 0 && switchovers <= allowed);
Deno.exit(good ? 0 : 1);
