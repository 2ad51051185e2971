/**
 * What is wrong with a configuration: problems stop the operator, all of them told at once; warnings
 * do not. Neither shows the value of a secret parameter.
 */

export interface Problem {
  readonly parameter: string;
  /** The value as it was written, '' where it adds nothing, `[redacted]` where it is secret. */
  readonly value: string;
  /** What the value has to be: "must be …". */
  readonly rule: string;
}

/** The configuration cannot be used; `problems` lists everything that is wrong with it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];

  constructor(source: string, problems: readonly Problem[]) {
    super([`cannot use ${source}:`, ...problems.map((row) => `  ${problemText(row)}`)].join("\n"));
    this.problems = problems;
  }
}

/** One line that names parameter, value and rule. */
export function problemText({ parameter, value, rule }: Problem): string {
  return value === "" ? `${parameter} ${rule}` : `${parameter}: ${value} ${rule}`;
}

/** The longest part of a value that a message shows. */
const SHOWN = 60;

/** A value as a message shows it: quoted, shortened, and redacted where the parameter is secret. */
export function shownValue(value: unknown, secrecy: "secret" | "public"): string {
  if (secrecy === "secret") return "[redacted]";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
