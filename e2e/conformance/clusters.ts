/** The clusters of a recorded step, resolved and built. */

import type { Postgresql } from "../../src/api/types.gen.ts";
import { type ResolvedSpec, resolveSpec } from "../../src/cluster/effective/spec.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { recordedInputs } from "./inputs.ts";
import type { RecordedStep } from "./recorded.ts";

/** No window of the cases is open at this time but those that last all day. */
const NOW = new Date("2026-01-14T12:00:30Z");

/** Clusters in the case's own namespace: shared objects of other cases are none of its business. */
export function clustersOf(step: RecordedStep): Postgresql[] {
  return [...step.documents.values()].filter(({ kind, metadata }) =>
    kind === "postgresql" && metadata.namespace === step.namespace
  ) as unknown as Postgresql[];
}

/** A cluster's manifest with every question answered. */
export function resolved(step: RecordedStep, cluster: Postgresql): ResolvedSpec {
  return resolveSpec(cluster, step.config, recordedInputs(step, cluster), NOW);
}

/** The object of a kind and name among recorded ones. */
export function findObject(
  objects: readonly KubeObject[],
  kind: string,
  name: string | undefined,
): KubeObject | undefined {
  return objects.find((object) => object.kind === kind && object.metadata.name === name);
}
