/**
 * Names written `namespace/name` or just `name`.
 *
 * Zalando: pkg/spec/types.go, NamespacedName.DecodeWorker
 */

import type { NamespacedName } from "./config.ts";

/** Reads such a name; undefined when there is no name in it. */
export function parseNamespacedName(
  text: string,
  defaultNamespace: string,
): NamespacedName | undefined {
  const slash = text.indexOf("/");
  const namespace = slash < 0 ? "" : text.slice(0, slash);
  const name = slash < 0 ? text : text.slice(slash + 1).replace(/^\/+/, "");
  if (name === "") return undefined;
  return Object.freeze({ namespace: namespace === "" ? defaultNamespace : namespace, name });
}

/** Writes a name with its namespace. */
export function formatNamespacedName({ namespace, name }: NamespacedName): string {
  return `${namespace}/${name}`;
}
