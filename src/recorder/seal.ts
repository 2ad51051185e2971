/**
 * Hides what is not known to be harmless in what is recorded, so that the plan stays the same: equal
 * texts get equal marks, an empty text stays empty, and a verifier keeps its kind. A mark is made with
 * a key that never leaves the process, so nobody can try texts until one fits. Pure.
 */

import { createHmac } from "node:crypto";
import { verifierKind } from "../cluster/sql/scram.ts";
import { decodeBase64, encodeBase64 } from "../lib/base64.ts";
import { harmlessRule } from "../lib/harmless.ts";
import { REDACTED, redactedText, type Segment } from "../lib/redact.ts";
import { isPlannersOwn } from "./plain_fields.ts";
import type { TextRules } from "./tagged.ts";

const MARK = /^sealed-[0-9a-f]{24}$/;
const MARK_LETTERS = 24;
/** What salt and first digits of a verifier's mark are, so that it is known as one. */
const SCRAM_MARK = /^SCRAM-SHA-256\$4096:c2VhbGVk\$/;
const MD5_MARK = /^md55ea1ed00[0-9a-f]{24}$/;

/** Keys of a Secret whose texts are no secret. */
const HARMLESS_KEYS: readonly string[] = ["username", "nextRotation"];
/** A line of a pooler's user list. */
const USER_LINE = /^("(?:[^"]|"")*") "((?:[^"]|"")*)"$/;
/** Where the path of what a Secret holds begins. */
const IN_SECRET = "of a Secret";
const SECRET: readonly Segment[] = [{ key: IN_SECRET, element: true }];

const OWN_PARAMETERS: Segment = { key: "parameters", element: false };
const ENV: Segment = { key: "env", element: false };

export interface Sealing {
  /** Random, of this process. */
  readonly key: Uint8Array;
  /** What stands for hashes over texts that are hidden. */
  readonly hashes: ReadonlyMap<string, string>;
}

/** How texts are written into a recording. */
export function sealing({ key, hashes }: Sealing): TextRules {
  const mark = (text: string) => markOf(text, key);
  const text = (value: string, path: readonly Segment[]): string => {
    if (value === "" || isMark(value)) return value;
    if (isOfSecret(path)) return sealedData(value, path, mark);
    const hash = hashes.get(value) ?? sealedLabel(value, hashes);
    if (hash !== undefined) return hash;
    if (redactedText(value, path) === value || isPlannersOwn(value, path)) return value;
    return isRule(path) ? sealedRule(value, mark) : sealedJson(value, path, text) ?? mark(value);
  };
  return {
    text,
    sensitive: (value) => sealedSecret(value.reveal(), mark),
    object: (value, path) => ({ value, path: pathInside(value, path) }),
  };
}

/** True for what stands in the place of a hidden text. */
export function isMark(text: string): boolean {
  return MARK.test(text) || SCRAM_MARK.test(text) || MD5_MARK.test(text) || text === REDACTED;
}

/** Objects are the same wherever they stand. */
function pathInside(
  value: Readonly<Record<string, unknown>>,
  path: readonly Segment[],
): readonly Segment[] {
  if (value["kind"] === "Secret") return SECRET;
  if (typeof value["kind"] === "string" && typeof value["metadata"] === "object") return [];
  const last = path.at(-1);
  if (last === undefined) return path;
  if (last.key === "metadata" && !last.element) return [last];
  if (/Parameters$/.test(last.key)) return [...path, OWN_PARAMETERS];
  // Variables of containers before they are put together.
  return last.element && path[1]?.key === "environment" ? [ENV, last] : path;
}

function markOf(text: string, key: Uint8Array): string {
  const digest = createHmac("sha256", key).update(text).digest("hex");
  const short = digest.slice(0, MARK_LETTERS);
  switch (verifierKind(text)) {
    case "md5":
      return `md55ea1ed00${short}`;
    case "scram-sha-256": {
      const part = btoa(digest.slice(0, 32));
      return `SCRAM-SHA-256$4096:c2VhbGVk$${part}:${part}`;
    }
    default:
      return `sealed-${short}`;
  }
}

/** A text that is secret as a whole; of a user list the names stay. */
function sealedSecret(text: string, mark: (text: string) => string): string {
  if (text === "" || isMark(text)) return text;
  const lines = text.split("\n");
  if (!lines.every((line) => line === "" || USER_LINE.test(line))) return mark(text);
  return lines.map((line) =>
    line.replace(USER_LINE, (_, name: string, password: string) => {
      const sealed = sealedSecret(password.replaceAll('""', '"'), mark);
      return `${name} "${sealed}"`;
    })
  ).join("\n");
}

function isOfSecret(path: readonly Segment[]): boolean {
  return path[0]?.key === IN_SECRET && ["data", "stringData"].includes(path[1]?.key ?? "");
}

/** A value of a Secret's data, or of its texts. */
function sealedData(
  value: string,
  path: readonly Segment[],
  mark: (text: string) => string,
): string {
  const key = path.at(-1)?.key ?? "";
  const encoded = path.at(1)?.key === "data";
  const text = encoded ? decodeBase64(value) : value;
  if (text === undefined || HARMLESS_KEYS.includes(key)) return text === undefined ? "!" : value;
  const sealed = sealedSecret(text, mark);
  return encoded ? encodeBase64(sealed) : sealed;
}

/** A rule of pg_hba.conf, in the manifest or where it was put together. */
function isRule(path: readonly Segment[]): boolean {
  return path.at(-1)?.element === true && ["pg_hba", "hba"].includes(path.at(-2)?.key ?? "");
}

/** Word by word: what may be shown of a rule stays. */
function sealedRule(rule: string, mark: (text: string) => string): string {
  return rule.split(/(\s+)/).map((word) =>
    word.trim() === "" || harmlessRule(word) === word ? word : mark(word)
  ).join("");
}

/** The label that holds two hashes. */
function sealedLabel(value: string, hashes: ReadonlyMap<string, string>): string | undefined {
  const parts = value.split(".");
  if (parts.length !== 2 || !parts.some((part) => hashes.has(part))) return undefined;
  return parts.map((part) => hashes.get(part) ?? part).join(".");
}

/** JSON within a text is looked into where it can be written again as it was. */
function sealedJson(
  value: string,
  path: readonly Segment[],
  text: TextRules["text"],
): string | undefined {
  if (!/^[[{]/.test(value)) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    if (JSON.stringify(parsed) !== value) return undefined;
    // The configuration in a variable is looked into as if it stood in the variable's place.
    const inside = path.at(-1)?.key === "value" ? path.slice(0, -1) : path;
    return JSON.stringify(sealedTexts(parsed, inside, text));
  } catch {
    return undefined;
  }
}

function sealedTexts(value: unknown, path: readonly Segment[], text: TextRules["text"]): unknown {
  if (typeof value === "string") return text(value, path);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((each, at) =>
      sealedTexts(each, [...path, { key: String(at), element: true }], text)
    );
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      sealedTexts(each, [...path, { key, element: false }], text),
    ]),
  );
}
