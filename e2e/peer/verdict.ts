/** What the peer's suite says of one test. */

export interface Verdict {
  readonly test: string;
  readonly verdict: "pass" | "fail" | "error" | "skip";
  readonly seconds: number;
  /** Why, where it is no pass. */
  readonly words: string;
}

const MARK = "VERDICT ";

/** The verdict that a line tells; undefined for everything else that is printed. */
export function verdictIn(line: string): Verdict | undefined {
  return line.startsWith(MARK) ? JSON.parse(line.slice(MARK.length)) as Verdict : undefined;
}

/** A verdict for people. */
export function verdictLine({ test, verdict, seconds, words }: Verdict): string {
  const head = `${verdict.padEnd(5)} ${seconds.toFixed(1).padStart(6)} s  ${test}`;
  return words === "" ? head : `${head}\n      ${words.replaceAll(/\s+/g, " ")}`;
}
