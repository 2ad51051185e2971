/**
 * `deno task faults`: every failure of the API server for every verb and kind that the life of a
 * cluster asks for, once and for ten minutes, one life each; and for all requests at once. Prints
 * faults injected and lives that recovered. Names of failures as arguments choose among them; SEED says
 * which chances are taken.
 */

import { FAILURES } from "./failures.ts";
import { live, plansOf } from "./life.ts";

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

const SEED = Number(Deno.env.get("SEED") ?? 1);
const undisturbed = await live();
if (undisturbed.problems.length > 0) throw new Error(undisturbed.problems.join("\n"));
const names = Object.keys(FAILURES).filter((name) =>
  Deno.args.length === 0 || Deno.args.includes(name)
);
let [lives, injected, lost] = [0, 0, 0];
print(`${undisturbed.rights.length} rights are asked for in a life`);
print("| failure | how | lives | faults injected | recovered |");
print("| --- | --- | --- | --- | --- |");
for (const name of names) {
  for (const { how, plans } of plansOf(name, undisturbed.rights)) {
    let [faults, recovered] = [0, 0];
    const wrong: string[] = [];
    for (const { what, plan } of plans) {
      const life = await live(plan, undisturbed, SEED);
      faults += life.injected;
      if (life.problems.length === 0) recovered++;
      else wrong.push(`${name} ${how} of ${what}:`, ...life.problems.map((line) => `    ${line}`));
    }
    lives += plans.length;
    injected += faults;
    lost += plans.length - recovered;
    print(`| ${name} | ${how} | ${plans.length} | ${faults} | ${recovered} |`);
    for (const line of wrong) print(line.slice(0, 400));
  }
}
print(`${injected} faults injected, ${lives - lost} of ${lives} lives recovered, SEED=${SEED}`);
Deno.exit(lost === 0 ? 0 : 1);
