/**
 * A manifest as the text that somebody edits, and single fields of it: a form changes its field alone,
 * and what people wrote around it stays, comments included. Pure.
 */

import { parse, parseDocument, stringify } from "yaml";
import type { Json } from "../changed_paths.ts";

/** A manifest out of a text, or why it is none. */
export type ReadText =
  | { readonly manifest: Json; readonly problem: undefined }
  | { readonly manifest: null; readonly problem: string };

/** Reads YAML. */
export function readText(text: string): ReadText {
  try {
    return { manifest: parse(text) as Json, problem: undefined };
  } catch (error) {
    return { manifest: null, problem: (error as Error).message };
  }
}

/** A manifest as text. */
export function textOf(manifest: Json): string {
  return stringify(manifest, { lineWidth: 0 });
}

/** The value at a path; undefined where there is none. */
export function fieldAt(manifest: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = manifest;
  for (const key of path) {
    value = typeof value === "object" && value !== null && !Array.isArray(value) &&
        Object.hasOwn(value, key)
      ? value[key]
      : undefined;
  }
  return value;
}

/** The text with another value at a path; undefined takes it out, and sections that are empty then. */
export function withField(text: string, path: readonly string[], value: Json | undefined): string {
  const document = parseDocument(text);
  if (value === undefined) {
    document.deleteIn(path);
    for (let depth = path.length - 1; depth > 1; depth--) {
      const section = document.toJS() as Json;
      const left = fieldAt(section, path.slice(0, depth));
      if (typeof left !== "object" || left === null || Object.keys(left).length > 0) break;
      document.deleteIn(path.slice(0, depth));
    }
  } else {
    for (let depth = 1; depth < path.length; depth++) {
      const section = fieldAt(document.toJS() as Json, path.slice(0, depth));
      const isSection = typeof section === "object" && section !== null && !Array.isArray(section);
      if (!isSection) document.setIn(path.slice(0, depth), document.createNode({}));
    }
    document.setIn(path, document.createNode(value));
  }
  return document.toString({ lineWidth: 0 });
}
