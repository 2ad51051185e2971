/**
 * What both sources share: what reading one value gives, the collection of all of them with their
 * problems, and its end as a frozen `Config`.
 */

import type { Config } from "./config.ts";
import type { Parameter } from "./parameters.ts";
import { type Problem, shownValue } from "./problems.ts";

/** What reading one parameter's value gives: the value, or the rule that the text breaks. */
export type Read<T> =
  | { readonly value: T; readonly warnings?: readonly string[] }
  | { readonly rule: string };

/** What reading needs besides the value itself. */
export interface ReadContext {
  /** Namespace of names that are written without one. */
  readonly operatorNamespace: string;
}

/** A configuration that can be used, and what a person should know about it. */
export interface LoadedConfig {
  readonly config: Config;
  readonly warnings: readonly string[];
}

/** Collects values, problems and warnings while a source is read. */
export interface Loading {
  readonly values: Map<string, unknown>;
  readonly problems: Problem[];
  readonly warnings: string[];
}

/** Starts reading a source. */
export function startLoading(): Loading {
  return { values: new Map(), problems: [], warnings: [] };
}

/** Takes in what reading one parameter gave; `written` is the value as its source holds it. */
export function take(
  loading: Loading,
  parameter: Parameter,
  { read, written }: { read: Read<unknown>; written: unknown },
): void {
  const secrecy = parameter.kind === "secret" ? "secret" : "public";
  if ("rule" in read) {
    const value = shownValue(written, secrecy);
    loading.problems.push({ parameter: parameter.key, value, rule: read.rule });
    return;
  }
  for (const warning of read.warnings ?? []) loading.warnings.push(`${parameter.key} ${warning}`);
  loading.values.set(parameter.property, read.value);
  if (parameter.enum === undefined || typeof read.value !== "string" || read.value === "") return;
  if (!parameter.enum.includes(read.value)) {
    loading.warnings.push(
      `${parameter.key}: ${shownValue(read.value, secrecy)} is none of ${
        parameter.enum.join(", ")
      }`,
    );
  }
}

/** The values as a configuration; call it only when there was no problem. */
export function frozenConfig(values: ReadonlyMap<string, unknown>): Config {
  return deepFreeze(Object.fromEntries(values)) as unknown as Config;
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
