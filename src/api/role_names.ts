/**
 * Names and flags of roles as the manifest and infrastructure roles write them.
 *
 * Zalando: pkg/cluster/util.go, isValidUsername and normalizeUserFlags
 */

/** As in the names of Kubernetes objects, with underscores. */
export const ROLE_NAME = /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/;

/** Longest name of PostgreSQL, in bytes: it cuts longer ones without a word. */
const NAME_BYTES = 63;

/** Why a name would be cut by PostgreSQL; undefined where it is kept. */
export function longNameProblem(name: string): string | undefined {
  const bytes = new TextEncoder().encode(name).length;
  return bytes > NAME_BYTES
    ? `the name has ${bytes} bytes, and PostgreSQL would cut it to ${NAME_BYTES}`
    : undefined;
}

const ATTRIBUTES = new Set([
  "SUPERUSER",
  "LOGIN",
  "CREATEDB",
  "INHERIT",
  "REPLICATION",
  "BYPASSRLS",
  "CREATEROLE",
]);

export type NormalizedFlags =
  | { readonly flags: readonly string[]; readonly login: boolean }
  | { readonly problem: string };

/**
 * Upper case, each once, sorted. LOGIN is added unless login is named; NOLOGIN is left out, as it
 * is what CREATE ROLE does by itself and a role never loses LOGIN.
 */
export function normalizeFlags(given: readonly string[]): NormalizedFlags {
  const flags = new Set<string>();
  for (const flag of given.map((text) => text.toUpperCase())) {
    const attribute = flag.startsWith("NO") ? flag.slice(2) : flag;
    if (!ATTRIBUTES.has(attribute)) return { problem: `flag ${JSON.stringify(flag)} is not valid` };
    const opposite = flag === attribute ? `NO${flag}` : attribute;
    if (flags.has(opposite)) {
      return { problem: `flags ${opposite} and ${flag} contradict each other` };
    }
    flags.add(flag);
  }
  if (!flags.has("NOLOGIN")) flags.add("LOGIN");
  flags.delete("NOLOGIN");
  return { flags: [...flags].sort(), login: flags.has("LOGIN") };
}
