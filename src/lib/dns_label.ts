/** Names that Kubernetes limits to one label of DNS: small letters, digits and dashes, 63 at most. */

import { createHash } from "node:crypto";

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LONGEST = 63;
const HASH_LENGTH = 8;

/** True for a name that is a label. */
export function isDnsLabel(name: string): boolean {
  return name.length <= LONGEST && DNS_LABEL.test(name);
}

/**
 * A label for any name: the name itself where it is one, else what is left of it and a hash, so that
 * two names never share a label.
 */
export function dnsLabel(name: string): string {
  if (isDnsLabel(name)) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_LENGTH);
  const kept = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, LONGEST - HASH_LENGTH - 1).replaceAll(/^-+|-+$/g, "");
  return kept === "" ? hash : `${kept}-${hash}`;
}
