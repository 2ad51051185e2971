/** The closing table of a run, and whether it is green. */
import type { Outcome } from "./play.ts";

/** `skipped` are scenarios that were left out on request. */
export function tableOf(
  outcomes: readonly Outcome[],
  skipped: readonly string[],
): { text: string; green: boolean } {
  const lines = outcomes.map(lineOf);
  const all = outcomes.flatMap(({ results }) => results);
  const passed = all.filter((it) => it.passed).length;
  const good = outcomes.filter(isGreen).length;
  const failures = outcomes.flatMap(({ name, results, broken, evidence }) => [
    ...results.filter((it) => !it.passed).map(({ assert, detail }) =>
      `${name}: ${assert}${detail === undefined ? "" : `: ${detail}`}`
    ),
    ...(broken === undefined ? [] : [`${name}: broke off: ${broken}`]),
    ...(evidence === undefined ? [] : [`${name}: see ${evidence}`]),
  ]);
  const seconds = outcomes.reduce((sum, it) => sum + it.seconds, 0);
  const text = [
    ...lines,
    ...skipped.map((name) => `${name.padEnd(WIDTH)} left out`),
    ...failures,
    `${good}/${outcomes.length} scenarios, ${passed}/${all.length} checks, ${seconds.toFixed(0)} s`,
  ].join("\n");
  return { text, green: outcomes.length > 0 && good === outcomes.length };
}

const WIDTH = 46;

function isGreen({ results, broken }: Outcome): boolean {
  return broken === undefined && results.every(({ passed }) => passed);
}

function lineOf(outcome: Outcome): string {
  const { name, results, seconds } = outcome;
  const passed = results.filter((it) => it.passed).length;
  const count = `${passed}/${results.length}`.padStart(6);
  return `${name.padEnd(WIDTH)} ${count} ${seconds.toFixed(0).padStart(5)} s` +
    (isGreen(outcome) ? "" : "  FAILED");
}
