/**
 * `deno task hostile:peers`: every client against every way of misbehaving, many calls at a time, and
 * a good cluster beside many bad ones. Prints a table; exits 1 where a bound is passed.
 */

import { waitBeside } from "./neighbours.ts";
import { BOUNDS, excesses, trials } from "./trials.ts";

const CALLS = Number(Deno.args[0] ?? 20);
const BAD_CLUSTERS = [20, 100, 400];

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

const wrong: string[] = [];
print(`${CALLS} calls at the same time; bounds: ${JSON.stringify(BOUNDS)}\n`);
print("| peer | mode | took ms | loop p99 ms | worst ms | grew MB |");
print("| --- | --- | --- | --- | --- | --- |");
for await (const trial of trials(CALLS)) {
  const { peer, mode, tookMs, p99Ms, worstMs, grewMb } = trial;
  print(`| ${[peer, mode, tookMs, p99Ms, worstMs, grewMb].join(" | ")} |`);
  wrong.push(...excesses(trial));
}
print("\n| clusters whose Patroni hangs | passes that hang | a good cluster waits ms |");
print("| --- | --- | --- |");
for (const bad of BAD_CLUSTERS) {
  const { hanging, waitedMs } = await waitBeside(bad);
  print(`| ${bad} | ${hanging} | ${waitedMs} |`);
  if (waitedMs > 1000) wrong.push(`beside ${bad} bad clusters a good one waits ${waitedMs} ms`);
}
for (const line of wrong) print(`\nOVER THE BOUND: ${line}`);
Deno.exit(wrong.length === 0 ? 0 : 1);
