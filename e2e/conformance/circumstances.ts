/**
 * Circumstances of a step that an accepted difference may be bound to, so that the same text in
 * other circumstances stays a difference. Each is told by the inputs and by what the reference did.
 */

import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import type { RecordedStep } from "./recorded.ts";

/** A step, and what came before it in its case. */
export interface Place {
  readonly step: RecordedStep;
  readonly before: RecordedStep | undefined;
}

/** What `given` of an entry may say, and whether it is so for the text of a difference. */
export const CIRCUMSTANCES: Readonly<Record<string, (place: Place, text: string) => boolean>> = {
  /** The reference had failed, and the manifest is another one now. */
  mended: ({ step, before }) =>
    before !== undefined && before.golden.status.some((word) => word.endsWith("Failed")) &&
    JSON.stringify(manifests(step)) !== JSON.stringify(manifests(before)),
  /** The reference looks after a cluster no longer: it has no word for it. */
  forgotten: ({ step }) => step.golden.status.some((word) => word === ""),
  /** The reference told an Event of this type and reason in the step before. */
  "told before": ({ before }, text) =>
    (before?.golden.events ?? []).some(({ type, reason }) => text.includes(`${type} ${reason}`)),
  /** The reference began a new cluster in this step. */
  "new cluster": ({ step }) =>
    (step.golden.events ?? []).some(({ type, reason }) => type === "Normal" && reason === "Create"),
  /** The job as a whole may only be absent where no manifest asks for backups. */
  "no backup or a role": ({ step }, text) =>
    text.includes("iam.amazonaws.com/role") ||
    manifests(step).every(({ spec }) =>
      (spec as { enableLogicalBackup?: boolean }).enableLogicalBackup !== true
    ),
  /** No manifest has the annotations that are missing, for its services or for itself. */
  "annotation not asked for": ({ step }, text) => {
    const asked = new Set(manifests(step).flatMap(annotationsOf));
    return missingAnnotations(text).every((key) => !asked.has(key));
  },
};

/** Keys of a difference such as `….annotations.key: missing` or `….annotations: missing (want {…})`. */
function missingAnnotations(text: string): string[] {
  const key = /\.annotations\.(.+): missing/.exec(text)?.[1];
  if (key !== undefined) return [key];
  return Object.keys(JSON.parse(/\(want (\{.*\})\)$/.exec(text)?.[1] ?? "{}"));
}

function annotationsOf({ metadata, spec }: KubeObject): string[] {
  const fields = ["serviceAnnotations", "masterServiceAnnotations", "replicaServiceAnnotations"];
  const found = fields.map((field) => (spec as Record<string, object | undefined>)[field]);
  return [metadata.annotations, ...found].flatMap((map) => Object.keys(map ?? {}));
}

function manifests({ documents }: RecordedStep): KubeObject[] {
  return [...documents.values()].filter(({ kind }) => kind === "postgresql");
}
