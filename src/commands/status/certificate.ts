/** The certificate that clients of a cluster see, as its Secret has it; pure. */

import { X509Certificate } from "node:crypto";
import type { Secret } from "../../kubernetes/types.gen.ts";

export interface Certificate {
  readonly secret: string;
  readonly subject: string;
  readonly until: string;
}

/** Reads the first certificate of a key. @throws where there is none */
export function certificateOf(secret: Secret, key: string): Certificate {
  const name = secret.metadata.name ?? "";
  const data = secret.data?.[key];
  if (data === undefined) throw new Error(`Secret ${name} has no key ${key}`);
  const certificate = new X509Certificate(atob(data));
  return {
    secret: name,
    subject: certificate.subject.replaceAll("\n", ", "),
    until: new Date(certificate.validTo).toISOString(),
  };
}
