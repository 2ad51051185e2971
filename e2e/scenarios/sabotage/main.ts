/**
 * `deno task sabotage [WORD]`: proves that scenarios can fail. Each fault is put into a copy of the
 * operator's sources, and the scenario that looks for it is played: it must fail in that check.
 */
import { ensurePackages } from "../../devcluster/packages.ts";
import { ensureMajor } from "../../devcluster/postgres_majors.ts";
import { NOT_LOOKED_AT } from "../checks.ts";
import { permissionsOf } from "../../support/permissions.ts";
import { edited, type Sabotage } from "./sabotages.ts";

const ROOT = new URL("../../../", import.meta.url);

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

await ensurePackages({ log: print });
for (const major of ["17", "18"]) await ensureMajor(major, print);
// Which versions there are is read when these are loaded.
const { SCENARIOS } = await import("../all.ts");
const { play } = await import("../play.ts");
const { SABOTAGES } = await import("./sabotages.ts");

/** A program that is the operator with the fault, in a directory of its own. */
async function programWith(sabotage: Sabotage, directory: string): Promise<string> {
  await new Deno.Command("cp", {
    args: ["-r", new URL("src", ROOT).pathname, `${directory}/src`],
  }).output();
  for (const edit of sabotage.edits) {
    const file = `${directory}/src/${edit.file}`;
    await Deno.writeTextFile(file, edited(await Deno.readTextFile(file), edit));
  }
  const { imports, compilerOptions } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  );
  const project = { nodeModulesDir: "none", imports, compilerOptions };
  await Deno.writeTextFile(`${directory}/deno.json`, JSON.stringify(project));
  const command = [
    Deno.execPath(),
    "run",
    "--no-prompt",
    "--no-lock",
    ...permissionsOf("compile"),
    `${directory}/src/main.ts`,
  ];
  const program = `${directory}/operator`;
  await Deno.writeTextFile(program, `#!/bin/sh\nexec ${command.join(" ")} "$@"\n`, { mode: 0o755 });
  return program;
}

/** Whether the scenario found the fault, in words. */
async function attempt(sabotage: Sabotage): Promise<string | undefined> {
  const scenario = SCENARIOS.find(({ name }) => name === sabotage.scenario);
  if (scenario === undefined) return `there is no scenario ${sabotage.scenario}`;
  const directory = await Deno.makeTempDir({ prefix: "sabotage-" });
  try {
    Deno.env.set("OPERATOR_BINARY", await programWith(sabotage, directory));
    const { results, evidence } = await play(scenario, print);
    if (evidence !== undefined) await Deno.remove(evidence, { recursive: true });
    const found = results.find(({ assert }) => assert === sabotage.assert);
    if (found?.passed === true) return `${scenario.name} passed: ${sabotage.assert}`;
    // A scenario that never got there has found nothing.
    const looked = found !== undefined && found.detail !== NOT_LOOKED_AT;
    return looked ? undefined : `${scenario.name} did not get to its check`;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const word = Deno.args[0] ?? "";
const chosen = SABOTAGES.filter(({ name }) => name.includes(word));
const lines: string[] = [];
let missed = 0;
for (const sabotage of chosen) {
  print(`\n${sabotage.name}`);
  const wrong = await attempt(sabotage);
  if (wrong !== undefined) missed++;
  lines.push(`${sabotage.name.padEnd(52)} ${wrong ?? "found"}`);
}
print(`\n${lines.join("\n")}\n${chosen.length - missed}/${chosen.length} faults found`);
Deno.exit(chosen.length > 0 && missed === 0 ? 0 : 1);
