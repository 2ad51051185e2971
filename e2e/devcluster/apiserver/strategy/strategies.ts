/** The table from resource to strategy. */
import type { ResourceType } from "../resource_type.ts";
import type { Strategy } from "./strategy.ts";

const BUILTIN: Record<string, Strategy> = {};
const NONE: Strategy = {};

/** What is special about a resource; an empty strategy for plain ones. */
export function strategyOf(type: ResourceType): Strategy {
  return BUILTIN[type.storageKey] ?? NONE;
}
