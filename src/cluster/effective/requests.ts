/**
 * What people ask for by annotations of the manifest: `acid.zalan.do/request-<what>: <id>[,arguments]`.
 * A request is an input like any other; the id tells one from the next. Zalando's operator does not
 * look at them.
 */

import type { Postgresql } from "../../api/types.gen.ts";

/** What the annotation of a request begins with. */
export const REQUEST_PREFIX = "acid.zalan.do/request-";

/** A request that can be understood. */
export type AskedRequest =
  /** Hands over to `to`, or to the best replica; not before `at`. */
  | { readonly what: "switchover"; readonly id: string; readonly to?: string; readonly at?: Date }
  /** Restarts all pods one by one, or only PostgreSQL where a changed parameter waits for it. */
  | { readonly what: "restart"; readonly id: string; readonly only?: "pending" }
  /** While the annotation is there nothing of the cluster is changed. */
  | { readonly what: "pause"; readonly id: string }
  /** While the annotation is there the cluster has no pods. */
  | { readonly what: "hibernate"; readonly id: string }
  /** Makes a logical backup now. */
  | { readonly what: "backup"; readonly id: string }
  /** Asks whether the data could be upgraded, and changes nothing. */
  | { readonly what: "upgrade-check"; readonly id: string; readonly to?: number };

/** One that cannot, and why. */
export interface WrongRequest {
  readonly what: string;
  readonly id: string;
  readonly problem: string;
}

export interface EffectiveRequests {
  readonly asked: readonly AskedRequest[];
  readonly wrong: readonly WrongRequest[];
}

/** Names of the arguments of each request. */
const ARGUMENTS: Readonly<Record<AskedRequest["what"], readonly string[]>> = {
  "switchover": ["to", "at"],
  "restart": ["only"],
  "pause": [],
  "hibernate": [],
  "backup": [],
  "upgrade-check": ["to"],
};

const ID = /^[A-Za-z0-9]([A-Za-z0-9._:-]{0,61}[A-Za-z0-9])?$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/;
const LONGEST_ID = 63;

/** Reads the requests of a manifest, in the order of their names. */
export function resolveRequests({ metadata }: Postgresql): EffectiveRequests {
  const found = Object.entries(metadata.annotations ?? {})
    .filter(([key]) => key.startsWith(REQUEST_PREFIX))
    .sort(([a], [b]) => a < b ? -1 : 1)
    .map(([key, value]) => readRequest(key.slice(REQUEST_PREFIX.length), value));
  return {
    asked: found.flatMap((request) => "problem" in request ? [] : [request]),
    wrong: found.flatMap((request) => "problem" in request ? [request] : []),
  };
}

/** True for a request that holds as long as its annotation is there. */
export function isLasting({ what }: { readonly what: string }): boolean {
  return what === "pause" || what === "hibernate";
}

/** One request: `what` as the annotation names it, and its value. */
export function readRequest(what: string, text: string): AskedRequest | WrongRequest {
  const [id = "", ...rest] = text.split(",").map((part) => part.trim());
  const wrong = (problem: string): WrongRequest => ({
    what: what.slice(0, LONGEST_ID),
    id: id.slice(0, LONGEST_ID),
    problem,
  });
  if (!isKind(what)) {
    return wrong(`no such request; there are ${Object.keys(ARGUMENTS).join(", ")}`);
  }
  if (!ID.test(id)) {
    return wrong("the value must begin with an id of up to 63 letters, digits, dots and dashes");
  }
  const given = new Map<string, string>();
  for (const part of rest) {
    const [name = "", value] = splitOnce(part);
    if (value === undefined || value === "" || !ARGUMENTS[what].includes(name)) {
      return wrong(argumentProblem(what));
    }
    given.set(name, value);
  }
  return withArguments(what, id, given) ?? wrong(argumentProblem(what));
}

function isKind(what: string): what is AskedRequest["what"] {
  return Object.hasOwn(ARGUMENTS, what);
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

const EXAMPLES: Readonly<Record<string, string>> = {
  "switchover": "to=POD and at=2026-01-31T22:00Z",
  "restart": "only=pending",
  "upgrade-check": "to=17",
};

function argumentProblem(what: AskedRequest["what"]): string {
  const example = EXAMPLES[what];
  return example === undefined
    ? "it takes no arguments beside its id"
    : `what may follow its id is ${example}`;
}

/** Undefined where a value cannot be used. */
function withArguments(
  what: AskedRequest["what"],
  id: string,
  given: ReadonlyMap<string, string>,
): AskedRequest | undefined {
  const to = given.get("to");
  switch (what) {
    case "switchover":
      return switchover(id, to, given.get("at"));
    case "restart": {
      const only = given.get("only");
      if (only === undefined) return { what, id };
      return only === "pending" ? { what, id, only } : undefined;
    }
    case "upgrade-check":
      if (to === undefined) return { what, id };
      return /^[1-9]\d$/.test(to) ? { what, id, to: Number(to) } : undefined;
    default:
      return { what, id };
  }
}

function switchover(
  id: string,
  to: string | undefined,
  at: string | undefined,
): AskedRequest | undefined {
  const date = at === undefined ? undefined : new Date(at);
  const wrong = date !== undefined && (Number.isNaN(date.getTime()) || !TIME.test(at ?? ""));
  if (wrong || (to !== undefined && !/^[a-z0-9.-]{1,253}$/.test(to))) return undefined;
  return {
    what: "switchover",
    id,
    ...(to === undefined ? {} : { to }),
    ...(date === undefined ? {} : { at: date }),
  };
}
