/**
 * Which changed input led to a step: the manifest, an object that it refers to, the operator's own
 * start, or somebody who changed an object of the cluster. It is written beside the reason, where a
 * server is disturbed, so that the chain is known after all processes and Events are gone. Pure.
 */

import type { Postgresql } from "../../api/types.gen.ts";
import type { StatefulSet } from "../../kubernetes/types.gen.ts";
import { describeRef, refOf } from "../../ports/requests.ts";
import { REQUEST_PREFIX } from "../effective/requests.ts";
import { observedObject } from "../observed/cluster.ts";
import { describeMismatch, type Mismatch } from "../plan/compare/difference.ts";
import { managerOf } from "../plan/compare/managers.ts";
import { mismatches } from "../plan/compare/structure.ts";
import type { Step } from "../plan/steps/action.ts";
import type { PlanContext } from "../plan/steps/context.ts";
import { mismatchesOf } from "../plan/steps/reasons.ts";
import type { SettledInputs } from "./memory.ts";
import { describeVersion, sourceOf } from "./sources.ts";

/** More changed fields than these are counted, not named. */
const MOST_FIELDS = 5;
const LONGEST = 1000;

export type CauseContext = Pick<
  PlanContext,
  "cr" | "sources" | "observed" | "desired" | "operator"
>;

/** The changed input behind a step, in words; the inputs as they were when all was well may be lost. */
export function causeOf(
  step: Step,
  context: CauseContext,
  settled: SettledInputs | undefined,
): string {
  const causes = step.asked === undefined
    ? [
      ...manifestChanges(context, settled),
      ...sourceChanges(context, settled),
      ...othersChanges(step, context, settled),
    ]
    : [requestOf(step.asked, context)];
  const start = causes.length === 0 && settled === undefined ? [operatorStart(context)] : [];
  return [...causes, ...start].join("; ").slice(0, LONGEST);
}

function manifestOf({ cr }: CauseContext): string {
  const { object } = sourceOf(cr);
  return `${object} (${describeVersion(sourceOf(cr))})`;
}

function requestOf({ what }: NonNullable<Step["asked"]>, context: CauseContext): string {
  const path = `metadata.annotations["${REQUEST_PREFIX}${what}"]`;
  const manager = managerOf(path, context.cr.metadata.managedFields);
  return `${manifestOf(context)}: ${path}${manager === undefined ? "" : ` set by ${manager}`}`;
}

/** Fields of the manifest that differ from when the cluster was last as it asked. */
function manifestChanges(context: CauseContext, settled: SettledInputs | undefined): string[] {
  const { cr } = context;
  if (settled !== undefined) {
    const fields = changedFields(settled.cr, cr);
    return fields.length === 0 ? [] : [`${manifestOf(context)}: ${fieldList(fields, cr)}`];
  }
  const seen = cr.status?.observedGeneration;
  const { generation } = cr.metadata;
  if (seen === undefined || seen === generation) return [];
  return [`${manifestOf(context)}: generation ${seen} → ${generation}`];
}

function changedFields(from: Postgresql, to: Postgresql): Mismatch[] {
  return [
    ...mismatches("metadata.labels", to.metadata.labels, from.metadata.labels),
    ...mismatches("metadata.annotations", to.metadata.annotations, from.metadata.annotations),
    ...mismatches("spec", to.spec, from.spec),
  ];
}

function fieldList(fields: readonly Mismatch[], { metadata }: Postgresql): string {
  const texts = fields.slice(0, MOST_FIELDS).map((field) => {
    const manager = managerOf(field.path, metadata.managedFields);
    return `${describeMismatch(field)}${manager === undefined ? "" : ` (set by ${manager})`}`;
  });
  const more = fields.length - texts.length;
  return [...texts, ...(more > 0 ? [`${more} more fields`] : [])].join(", ");
}

/** Objects that the manifest or the configuration refers to, and that are of another version. */
function sourceChanges({ sources }: CauseContext, settled: SettledInputs | undefined): string[] {
  if (settled === undefined) return [];
  return sources
    .filter(({ object, resourceVersion }) => settled.versions.get(object) !== resourceVersion)
    .map((source) => `${source.object} (${describeVersion(source)})`);
}

/** Whoever else has set a field of the StatefulSet that the step is about. */
function othersChanges(
  step: Step,
  { observed, desired, cr }: CauseContext,
  settled: SettledInputs | undefined,
): string[] {
  if (settled !== undefined && changedFields(settled.cr, cr).length > 0) return [];
  const ref = refOf(desired.statefulSet);
  const found = observedObject<StatefulSet>(observed.objects, ref);
  if (!found.known || found.value === undefined) return [];
  const { metadata } = found.value;
  const managers = mismatchesOf(step).flatMap(({ path }) =>
    managerOf(path, metadata.managedFields) ?? []
  );
  return [...new Set(managers)].map((manager) =>
    `${describeRef(ref)} (resourceVersion ${metadata.resourceVersion}): changed by ${manager}`
  );
}

function operatorStart({ operator }: CauseContext): string {
  const { version, configuration } = operator;
  const by = configuration === undefined
    ? ""
    : `, ${configuration.object} (${describeVersion(configuration)})`;
  return `start of operator ${version}${by}`;
}
