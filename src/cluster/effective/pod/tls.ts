/**
 * Resolves a cluster's own TLS certificate: where its Secrets are mounted, and under which paths
 * PostgreSQL and the pooler find key, certificate and CA.
 *
 * Zalando: pkg/cluster/k8sres.go, generateTlsMounts
 */

import type { PostgresqlSpec } from "../../../api/types.gen.ts";

const MOUNT_PATH = "/tls";
const CA_MOUNT_PATH = "/tlsca";

/** One Secret and the folder that it appears in. */
export interface TlsMount {
  readonly secretName: string;
  readonly mountPath: string;
}

export interface EffectiveTls {
  readonly mounts: readonly TlsMount[];
  readonly certificateFile: string;
  readonly privateKeyFile: string;
  readonly caFile: string | undefined;
}

/** Resolves the certificate of a cluster; undefined where Spilo makes its own. */
export function resolveTls(spec: PostgresqlSpec): EffectiveTls | undefined {
  const tls = spec.tls;
  if (!tls || !tls.secretName) return undefined;
  const caMountPath = tls.caSecretName ? CA_MOUNT_PATH : MOUNT_PATH;
  const caFile = tls.caFile ? inFolder(caMountPath, tls.caFile) : undefined;
  return {
    mounts: [
      { secretName: tls.secretName, mountPath: MOUNT_PATH },
      ...(caFile !== undefined && tls.caSecretName
        ? [{ secretName: tls.caSecretName, mountPath: caMountPath }]
        : []),
    ],
    certificateFile: inFolder(MOUNT_PATH, tls.certificateFile || "tls.crt"),
    privateKeyFile: inFolder(MOUNT_PATH, tls.privateKeyFile || "tls.key"),
    caFile,
  };
}

/** Joins like a path: an absolute file stays, `.`, `..` and double slashes are resolved. */
function inFolder(folder: string, file: string): string {
  if (file.startsWith("/")) return file;
  const parts: string[] = [];
  for (const part of `${folder}/${file}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
