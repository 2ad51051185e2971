/**
 * Takes a cluster down. Only what the operator made is deleted, each object by the uid that was
 * seen, and volume claims and Secrets only where the configuration says so.
 *
 * A manifest without a finalizer is gone when this begins. So that an operator killed half-way can
 * go on, the first write leaves the list of everything to delete on the primary's Service, which is
 * deleted last. Zalando: pkg/cluster/cluster.go, Delete
 */

import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { describeRef, type ObjectRef, type Propagation, refOf } from "../../ports/requests.ts";
import { FINALIZER } from "../desired/names.ts";
import type { Plan, Step } from "./steps/action.ts";
import { eventStep, step } from "./steps/context.ts";

const SUBJECT = "deletion";

/** Annotation of the primary's Service: the rest of an unfinished deletion, as JSON. */
export const DELETION_ANNOTATION = "acid.zalan.do/unfinished-deletion";

/** One object to delete: what it is and which one of that name. */
export interface DeletionTarget {
  readonly ref: ObjectRef;
  readonly uid: string;
}

/** Everything that goes with one cluster, in the order of deletion. */
export interface Deletion {
  /** `metadata.uid` of the manifest. */
  readonly uid: string;
  readonly targets: readonly DeletionTarget[];
}

/** Kinds in the order of their deletion; the primary's Service comes last of all. */
const ORDER = [
  "FabricEventStream",
  "CronJob",
  "StatefulSet",
  "Pod",
  "PersistentVolumeClaim",
  "Deployment",
  "Secret",
  "PodDisruptionBudget",
  "Endpoints",
  "ConfigMap",
  "Service",
];

/** Puts the objects of a cluster in the order in which they go. */
export function deletionOf(
  uid: string,
  primaryService: string,
  objects: readonly KubeObject[],
): Deletion {
  const rank = ({ kind, metadata }: KubeObject) =>
    kind === "Service" && metadata.name === primaryService ? ORDER.length : ORDER.indexOf(kind);
  const targets = [...objects]
    .sort((a, b) =>
      rank(a) - rank(b) || ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1)
    )
    .map((object) => ({ ref: refOf(object), uid: object.metadata.uid ?? "" }));
  return { uid, targets };
}

/** Reads the note that an unfinished deletion left; undefined where there is none or it is broken. */
export function deletionNote(service: KubeObject): Deletion | undefined {
  const text = service.metadata.annotations?.[DELETION_ANNOTATION];
  if (text === undefined) return undefined;
  try {
    const note = JSON.parse(text) as Partial<Deletion>;
    return typeof note.uid === "string" && Array.isArray(note.targets)
      ? { uid: note.uid, targets: note.targets }
      : undefined;
  } catch {
    return undefined;
  }
}

export interface DeletionState {
  readonly key: string;
  readonly cr: KubeObject | undefined;
  readonly deletion: Deletion;
  /** Targets that are still there and not yet on their way out, by `describeRef`. */
  readonly present: ReadonlyMap<string, KubeObject>;
  /** True once the start was told by an Event. */
  readonly told: boolean;
}

/** Plans what is left to do of a deletion; no steps when all is gone. */
export function planDeletion(state: DeletionState): Plan {
  const left = state.deletion.targets.filter(({ ref, uid }) => {
    const object = state.present.get(describeRef(ref));
    return object !== undefined && object.metadata.uid === uid &&
      object.metadata.deletionTimestamp === undefined;
  });
  const finalizers = state.cr?.metadata.finalizers ?? [];
  const steps: Step[] = [
    ...(state.told ? [] : [eventStep(SUBJECT, {
      type: "Normal",
      reason: "Delete",
      message: "Started deletion of cluster resources",
    })]),
    ...(finalizers.length === 0 ? noteSteps(state, left) : []),
    ...left.map(deletionStep),
    ...(left.length === 0 && finalizers.includes(FINALIZER) ? [release(state.cr, finalizers)] : []),
  ];
  const { generation = 0 } = state.cr?.metadata ?? {};
  return { key: state.key, generation, steps, held: [] };
}

/** Leaves the list on the Service that goes last, unless it stands there. */
function noteSteps(state: DeletionState, left: readonly DeletionTarget[]): Step[] {
  const last = state.deletion.targets.at(-1);
  if (last === undefined || left.length < 2) return [];
  const service = state.present.get(describeRef(last.ref));
  if (service === undefined || deletionNote(service) !== undefined) return [];
  const note = JSON.stringify(state.deletion);
  const request = {
    target: last.ref,
    type: "merge",
    body: { metadata: { uid: last.uid, annotations: { [DELETION_ANNOTATION]: note } } },
  } as const;
  const reason = `note what has to be deleted: ${left.length} objects`;
  return [step(SUBJECT, [reason], { kind: "patch", request })];
}

function deletionStep({ ref, uid }: DeletionTarget): Step {
  const propagation: Propagation = ref.kind === "Deployment" ? "Foreground" : "Orphan";
  const request = { target: ref, propagation, preconditions: { uid } } as const;
  const reason = `${describeRef(ref)} goes with its cluster`;
  const action = { kind: "delete", request } as const;
  return step(SUBJECT, [reason], action, { onError: "continue", effect: "destructive" });
}

/** Lets go of the manifest. */
function release(cr: KubeObject | undefined, finalizers: readonly string[]): Step {
  const rest = finalizers.filter((finalizer) => finalizer !== FINALIZER);
  const { resourceVersion } = cr?.metadata ?? {};
  const request = {
    target: refOf(cr as KubeObject),
    type: "merge",
    body: {
      metadata: {
        finalizers: rest.length === 0 ? null : rest,
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
    },
  } as const;
  return step(SUBJECT, ["everything of the cluster is gone"], { kind: "patch", request });
}
