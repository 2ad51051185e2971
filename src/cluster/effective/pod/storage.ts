/**
 * Resolves the data volume: size, class and properties of the claims, and how it is mounted.
 *
 * Zalando: pkg/cluster/k8sres.go, generatePersistentVolumeClaimTemplate and generateVolumeMounts
 */

import type { PostgresqlSpec } from "../../../api/types.gen.ts";
import type { LabelSelector } from "../../../kubernetes/types.gen.ts";
import { formatQuantity, parseQuantity, type Quantity } from "../../../lib/quantity.ts";
import type { Findings } from "../findings.ts";

export interface EffectiveStorage {
  /** Canonical quantity. */
  readonly size: string;
  readonly quantity: Quantity;
  readonly storageClass: string | undefined;
  readonly selector: LabelSelector | undefined;
  readonly subPath: { readonly path: string; readonly kind: "plain" | "expression" } | undefined;
  /** Properties of the cloud volume; undefined leaves them as they are. */
  readonly iops: number | undefined;
  readonly throughput: number | undefined;
  readonly type: string | undefined;
}

/** Resolves the data volume; an unreadable size becomes an issue. */
export function resolveStorage(spec: PostgresqlSpec, findings: Findings): EffectiveStorage {
  const { volume } = spec;
  const quantity = parseQuantity(volume.size);
  if (quantity === undefined) {
    findings.issues.push({
      subject: "statefulset",
      path: "spec.volume.size",
      value: volume.size,
      message: "is not a Kubernetes quantity",
    });
  }
  return {
    size: quantity ? formatQuantity(quantity) : volume.size,
    quantity: quantity ?? { nanos: 0n, format: "BinarySI" },
    storageClass: volume.storageClass || undefined,
    selector: volume.selector,
    subPath: volume.subPath
      ? { path: volume.subPath, kind: volume.isSubPathExpr === true ? "expression" : "plain" }
      : undefined,
    iops: volume.iops,
    throughput: volume.throughput,
    type: volume.type || undefined,
  };
}
