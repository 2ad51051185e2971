/**
 * Resolves what a new cluster is copied from: the running source, or its archive up to a moment.
 * A restore in place is a clone of a cluster's own former self: same name, former uid, a timestamp.
 *
 * Zalando: pkg/cluster/k8sres.go, generateCloneEnvironment
 */

import type { Postgresql } from "../../../api/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import { type Findings, warn } from "../findings.ts";

/** Where the archive of the source is: a bucket of the configuration, or a path of the manifest. */
export type CloneArchive =
  | { readonly kind: "path"; readonly path: string }
  | {
    readonly kind: "bucket";
    /** Undefined where the configuration names no bucket: variables from elsewhere have to. */
    readonly store: "s3" | "gs" | "azure" | undefined;
    readonly name: string;
    /** Former uid of the source; '' gives the archive of clusters before there were uids. */
    readonly uid: string;
  };

export type EffectiveClone =
  | { readonly method: "basebackup"; readonly source: string }
  | {
    readonly method: "archive";
    readonly source: string;
    readonly timestamp: string;
    readonly archive: CloneArchive;
    readonly s3: {
      readonly endpoint: string;
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly forcePathStyle: boolean | undefined;
    };
  };

/** Resolves the source of a cluster; undefined where it starts empty. */
export function resolveClone(
  cr: Postgresql,
  config: Config,
  findings: Findings,
): EffectiveClone | undefined {
  const clone = cr.spec.clone;
  const source = clone?.cluster ?? "";
  if (!clone || source === "") return undefined;
  if (!clone.timestamp) {
    if (source === cr.metadata.name) {
      warn(
        findings,
        "spec.clone names the cluster itself without a timestamp: nothing to copy from",
      );
    }
    return { method: "basebackup", source };
  }
  return {
    method: "archive",
    source,
    timestamp: clone.timestamp,
    archive: clone.s3_wal_path
      ? { kind: "path", path: clone.s3_wal_path }
      : { kind: "bucket", ...bucket(config, findings), uid: clone.uid ?? "" },
    s3: {
      endpoint: clone.s3_endpoint ?? "",
      accessKeyId: clone.s3_access_key_id ?? "",
      secretAccessKey: clone.s3_secret_access_key ?? "",
      forcePathStyle: clone.s3_force_path_style,
    },
  };
}

function bucket(
  config: Config,
  findings: Findings,
): { store: "s3" | "gs" | "azure" | undefined; name: string } {
  if (config.walS3Bucket !== "") return { store: "s3", name: config.walS3Bucket };
  if (config.walGsBucket !== "") return { store: "gs", name: config.walGsBucket };
  if (config.walAzStorageAccount !== "") {
    return { store: "azure", name: config.walAzStorageAccount };
  }
  warn(
    findings,
    "spec.clone has a timestamp, but neither s3_wal_path nor the operator's configuration names " +
      "an archive",
  );
  return { store: undefined, name: "" };
}
