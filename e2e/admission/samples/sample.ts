/** The smallest pod that a sample changes, and what several kinds of samples need. */

import type {
  Container,
  PersistentVolumeClaimSpec,
  PodSpec,
} from "../../../src/kubernetes/types.gen.ts";

/** One sample: a pod spec, or the spec of a claim template. */
export interface Sample {
  readonly name: string;
  readonly pod?: PodSpec;
  readonly claim?: PersistentVolumeClaimSpec;
}

export const IMAGE = "registry.example/spilo:1";

/** A pod spec of one container. */
export function pod(spec: Partial<PodSpec>): PodSpec {
  return { containers: [{ name: "postgres", image: IMAGE }], ...spec };
}

/** A sample whose only container has these fields. */
export function container(name: string, fields: Partial<Container>): Sample {
  return { name, pod: pod({ containers: [{ name: "postgres", image: IMAGE, ...fields }] }) };
}

/** What a claim's spec has beside its size. */
export const CLAIM = { accessModes: ["ReadWriteOnce" as const] };
export const resources = (storage: string) => ({ resources: { requests: { storage } } });
export const FIELD = { fieldRef: { fieldPath: "metadata.name" } };
