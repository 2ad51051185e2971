/**
 * The global sidecars (`sidecars`): a list of containers, or a map from name to container, which is
 * the only form that the reference's schema lets through. In a ConfigMap the same as YAML or JSON.
 */

import { parse } from "yaml";
import type { Container } from "../kubernetes/types.gen.ts";
import type { Read } from "./loading.ts";

/** Reads the containers of an OperatorConfiguration. */
export function readContainers(raw: unknown): Read<readonly Container[]> {
  const list = Array.isArray(raw) ? raw : isRecord(raw) ? namedContainers(raw) : undefined;
  if (list === undefined) return { rule: "must be a list of containers" };
  const names = new Set<string>();
  for (const [index, container] of list.entries()) {
    if (!isRecord(container) || !isText(container.name) || !isText(container.image)) {
      return { rule: `must give every container a name and an image, but item ${index} lacks one` };
    }
    if (names.has(container.name)) {
      return { rule: `must name every container differently, but ${container.name} comes twice` };
    }
    names.add(container.name);
  }
  return { value: list as Container[] };
}

/**
 * Reads the containers of a ConfigMap. A text that is neither a list nor a map is left out with a
 * warning: the reference takes it, and makes containers without a name of it.
 */
export function readContainersText(text: string): Read<readonly Container[]> {
  let raw: unknown;
  try {
    raw = parse(text);
  } catch {
    return { rule: "must be a list of containers in YAML or JSON" };
  }
  if (typeof raw === "object" && raw !== null) return readContainers(raw);
  return {
    value: [],
    warnings: ["is ignored: it must be a list of containers in YAML or JSON"],
  };
}

function namedContainers(map: Record<string, unknown>): unknown[] {
  return Object.entries(map).map(([name, body]) => isRecord(body) ? { ...body, name } : body);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
