/**
 * `deno run -A e2e/scenarios/main.ts [NAME…] [--allow-skip NAME,NAME] [--list]`: the life of a
 * cluster on real servers, scenario by scenario, and how many checks passed.
 *
 * A name stands for every scenario that contains it. What this machine lacks is fetched; a scenario
 * that is left out by `--allow-skip` is told, any other has to be played.
 */
import { parseArgs } from "node:util";
import { BACKUP_PACKAGES, ensurePackages } from "../devcluster/packages.ts";
import { ensureMajor } from "../devcluster/postgres_majors.ts";
import type { Outcome } from "./play.ts";
import { tableOf } from "./table.ts";

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    "allow-skip": { type: "string", default: "" },
    list: { type: "boolean", default: false },
  },
});

await ensurePackages({ log: print, also: BACKUP_PACKAGES });
for (const major of ["17", "18"]) await ensureMajor(major, print);
// Which versions there are is read when these are loaded.
const { SCENARIOS } = await import("./all.ts");
const { play } = await import("./play.ts");

if (values.list) {
  for (const { name, asserts } of SCENARIOS) {
    print([name, ...asserts.map((assert) => `  ${assert}`)].join("\n"));
  }
  Deno.exit(0);
}
const skipped = values["allow-skip"].split(",").filter((name) => name !== "");
const unknown = skipped.filter((name) => !SCENARIOS.some((it) => it.name === name));
if (unknown.length > 0) {
  print(`unknown scenario in --allow-skip: ${unknown.join(", ")}`);
  Deno.exit(2);
}
const chosen = SCENARIOS.filter(({ name }) =>
  positionals.length === 0 || positionals.some((part) => name.includes(part))
);
const outcomes: Outcome[] = [];
for (const scenario of chosen) {
  if (skipped.includes(scenario.name)) continue;
  print(`\n${scenario.name}`);
  outcomes.push(await play(scenario, print));
}
const left = chosen.filter(({ name }) => skipped.includes(name)).map(({ name }) => name);
const { text, green } = tableOf(outcomes, left);
print(`\n${text}`);
Deno.exit(green ? 0 : 1);
