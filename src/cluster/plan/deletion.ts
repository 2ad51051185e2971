/**
 * Takes a cluster down. Only what the operator made is deleted, each object by the uid that was
 * seen, and volume claims and Secrets only where the configuration says so.
 *
 * A manifest without a finalizer is gone when this begins. So that an operator killed half-way can
 * go on, the first write leaves the list of everything to delete on the primary's Service, which is
 * deleted last. Whoever may write that Service may write the list: it is a hint, and every target
 * has to prove by kind, name, labels and uid that it is the cluster's own.
 *
 * Patroni keeps its objects while it lives, and makes them again while it shuts down: those go once
 * the StatefulSet and the last pod are gone, whichever uid they have by then.
 * Zalando: pkg/cluster/cluster.go, Delete
 */

import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { describeRef, type ObjectRef, type Propagation, refOf } from "../../ports/requests.ts";
import {
  FINALIZER,
  patroniObjectName,
  poolerAuthSecretName,
  serviceName,
} from "../desired/names.ts";
import { STATE_SUFFIXES } from "../desired/services/patroni_objects.ts";
import { labelledFor, mayBelong, namesCluster } from "../desired/own_objects.ts";
import type { Config } from "../../config/config.ts";
import { ownValue } from "../../lib/own_value.ts";
import type { Plan, Step } from "./steps/action.ts";
import { eventStep, heldPlan, step } from "./steps/context.ts";
import { clusterEvent } from "../events.ts";

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
  /** True once the API server itself said that nothing can be added any more. */
  readonly isFinal?: true;
  /** Where the list comes from a note: targets are checked once more when they are read. */
  readonly noted?: {
    /** Of the manifest that has the name now: what is not older belongs to that one. */
    readonly before?: string;
    /** Of a cluster that nobody deleted in our sight: void once there is a manifest again. */
    readonly orphan?: true;
  };
}

/** What is left of a cluster whose manifest nobody saw go, from what carries its labels. */
export function orphanDeletion(
  uid: string,
  cluster: string,
  found: readonly KubeObject[],
  config: Config,
): Deletion {
  const own = found.filter((object) =>
    labelledFor(object, cluster, config) && mayBelong(refOf(object), cluster, config) &&
    mayGo(refOf(object), cluster, config)
  );
  const { targets } = deletionOf(uid, serviceName(cluster, "primary"), own);
  return { uid, targets, noted: { orphan: true } };
}

/** Whose notes are taken up. */
export interface NoteRules {
  readonly config: Config;
  readonly controllerId: string;
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

/**
 * Puts the objects of a cluster in the order in which they go. `unmade` is what is not there and may
 * be made while the cluster goes down.
 */
export function deletionOf(
  uid: string,
  primaryService: string,
  objects: readonly KubeObject[],
  unmade: readonly ObjectRef[] = [],
): Deletion {
  const service = objects.find(({ kind, metadata }) =>
    kind === "Service" && metadata.name === primaryService
  );
  const rank = (object: KubeObject) => {
    if (object === service) return ORDER.length;
    const elsewhere = service !== undefined &&
      object.metadata.namespace !== service.metadata.namespace;
    return elsewhere ? -1 : ORDER.indexOf(object.kind);
  };
  const targets = [...objects]
    .sort((a, b) =>
      rank(a) - rank(b) || ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1)
    )
    .map((object) => ({ ref: refOf(object), uid: object.metadata.uid ?? "" }));
  return { uid, targets: [...unmade.map((ref) => ({ ref, uid: UNMADE })), ...targets] };
}

/** What of a deletion was there when it was looked at. */
export function seenTargets({ targets }: Deletion): readonly ObjectRef[] {
  return targets.filter(({ uid }) => uid !== UNMADE).map(({ ref }) => ref);
}

/**
 * Reads the note that an unfinished deletion of this operator left on the primary's Service;
 * undefined where there is none or it is broken. Of its targets only those are taken that may be
 * the cluster's own, in its own namespace.
 */
export function deletionNote(
  service: KubeObject,
  { config, controllerId }: NoteRules,
): Deletion | undefined {
  const text = ownValue(service.metadata.annotations, DELETION_ANNOTATION);
  const { namespace, name = "" } = service.metadata;
  if (text === undefined || !labelledFor(service, name, config)) return undefined;
  const note = parseNote(text);
  if (note === undefined || note.controller !== controllerId) return undefined;
  const targets = note.targets.filter(isTarget).filter(({ ref }) =>
    ref.namespace === namespace && mayBelong(ref, name, config) && mayGo(ref, name, config)
  );
  return { uid: note.uid, targets, noted: {} };
}

/** Data and credentials go only where the configuration says so; a pooler's list goes with it. */
function mayGo(ref: ObjectRef, cluster: string, config: Config): boolean {
  if (ref.kind === "PersistentVolumeClaim") {
    return config.enablePersistentVolumeClaimDeletion !== false;
  }
  const lists = [
    poolerAuthSecretName(cluster, "primary"),
    poolerAuthSecretName(cluster, "replica"),
  ];
  return ref.kind !== "Secret" || config.enableSecretsDeletion !== false ||
    lists.includes(ref.name);
}

interface Note {
  readonly uid: string;
  /** `CONTROLLER_ID` of the operator that left the note. */
  readonly controller: string;
  readonly targets: readonly unknown[];
}

function parseNote(text: string): Note | undefined {
  try {
    const note = JSON.parse(text) as Partial<Note> | null;
    const { uid, controller, targets } = note ?? {};
    const whole = typeof uid === "string" && uid !== "" && typeof controller === "string" &&
      Array.isArray(targets);
    return whole ? { uid, controller, targets } : undefined;
  } catch {
    return undefined;
  }
}

function isTarget(value: unknown): value is DeletionTarget {
  const { uid, ref } = (value ?? {}) as Partial<DeletionTarget>;
  const texts = [uid, ref?.apiVersion, ref?.kind, ref?.namespace, ref?.name];
  return texts.every((text) => typeof text === "string" && text !== "");
}

/** True when an object that was found for a target is the cluster's own. */
export function isOwnTarget(
  object: KubeObject,
  cluster: string,
  { noted }: Deletion,
  config: Config,
): boolean {
  if (noted === undefined) return namesCluster(object, cluster, config);
  const { creationTimestamp = "" } = object.metadata;
  const older = noted.before === undefined ||
    (creationTimestamp !== "" && creationTimestamp < noted.before);
  return older && labelledFor(object, cluster, config);
}

export interface DeletionState {
  readonly key: string;
  readonly cr: KubeObject | undefined;
  readonly deletion: Deletion;
  /** `CONTROLLER_ID` of this operator. */
  readonly controllerId: string;
  /** Targets that are still there and not yet on their way out, by `describeRef`. */
  readonly present: ReadonlyMap<string, KubeObject>;
  /** True once the start was told by an Event. */
  readonly told: boolean;
  /** True where another manifest has the name now. */
  readonly replaced?: boolean;
}

/** Uid of a target that was not there when the list was made, and may be made yet. */
export const UNMADE = "unmade";

/** True for what Patroni makes by itself; a shutdown may make it again under another uid. */
export function isPatronis({ kind, name }: ObjectRef, cluster: string): boolean {
  if (!["Service", "Endpoints", "ConfigMap"].includes(kind)) return false;
  const names = STATE_SUFFIXES.map((suffix) => patroniObjectName(cluster, suffix));
  return names.includes(name) || kind === "Endpoints" && name === serviceName(cluster, "primary");
}

/** The targets that are there and not on their way out, each with the uid that it has now. */
function presentTargets({ key, deletion, present, replaced }: DeletionState): DeletionTarget[] {
  const cluster = key.split("/")[1] ?? "";
  return deletion.targets.flatMap(({ ref, uid }) => {
    const object = present.get(describeRef(ref));
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return [];
    const { uid: found = "" } = object.metadata;
    // Where there is a new manifest of that name, what Patroni made may be the new cluster's.
    const same = found === uid || !replaced && isPatronis(ref, cluster);
    return same ? [{ ref, uid: found }] : [];
  });
}

/** Kinds that make pods, or are some: while one is there, on its way out or not, others follow. */
const BUSY_KINDS: readonly string[] = ["StatefulSet", "Pod"];

/**
 * The StatefulSet, or a pod, that was seen and is still there; undefined where neither is. A cache
 * that is behind shows them a little longer.
 */
export function stillBusy(
  { deletion, present }: Pick<DeletionState, "deletion" | "present">,
): ObjectRef | undefined {
  return deletion.targets.find(({ ref, uid }) =>
    BUSY_KINDS.includes(ref.kind) && present.get(describeRef(ref))?.metadata.uid === uid
  )?.ref;
}

/** Plans what is left to do of a deletion; no steps and nothing held when all is gone. */
export function planDeletion(state: DeletionState): Plan {
  const cluster = state.key.split("/")[1] ?? "";
  const left = presentTargets(state);
  const busy = stillBusy(state);
  // The Service with the note goes last of all, so it waits too.
  const service = state.deletion.targets.at(-1)?.ref;
  const waits = (ref: ObjectRef) =>
    isPatronis(ref, cluster) || service !== undefined && describeRef(ref) === describeRef(service);
  const due = left.filter(({ ref }) => busy === undefined || !waits(ref));
  const held = busy === undefined
    ? []
    : heldPlan(SUBJECT, "waiting", `until ${busy.kind} ${busy.name} is gone`).held;
  const finalizers = state.cr?.metadata.finalizers ?? [];
  const steps: Step[] = [
    ...(state.told ? [] : [eventStep(SUBJECT, clusterEvent("deletionBegun"))]),
    ...(finalizers.length === 0 ? noteSteps(state, left) : []),
    ...due.map(deletionStep),
    ...(left.length === 0 && busy === undefined && finalizers.includes(FINALIZER)
      ? [release(state.cr, finalizers)]
      : []),
  ];
  const { generation = 0 } = state.cr?.metadata ?? {};
  return { key: state.key, generation, steps, held };
}

/** Leaves the list on the Service that goes last, unless it stands there. */
function noteSteps(state: DeletionState, left: readonly DeletionTarget[]): Step[] {
  const last = state.deletion.targets.at(-1);
  if (last === undefined || left.length < 2) return [];
  const service = state.present.get(describeRef(last.ref));
  if (service === undefined || service.metadata.uid !== last.uid) return [];
  const { uid, targets } = state.deletion;
  // What is elsewhere goes first; a note about other namespaces would not be believed.
  const here = targets.filter(({ ref }) => ref.namespace === last.ref.namespace);
  const text = JSON.stringify({ uid, controller: state.controllerId, targets: here });
  const present = ownValue(service.metadata.annotations, DELETION_ANNOTATION);
  if (present !== undefined && parseNote(present)?.uid === uid) return [];
  const request = {
    target: last.ref,
    type: "merge",
    body: { metadata: { uid: last.uid, annotations: { [DELETION_ANNOTATION]: text } } },
  } as const;
  const reason = `note what has to be deleted: ${left.length} objects`;
  return [step(SUBJECT, [reason], { kind: "patch", request })];
}

function deletionStep({ ref, uid }: DeletionTarget): Step {
  const propagation: Propagation = ref.kind === "Deployment" ? "Foreground" : "Orphan";
  const request = { target: ref, propagation, preconditions: { uid } } as const;
  const reason = `${describeRef(ref)} goes with its cluster`;
  const action = { kind: "delete", request } as const;
  // Pods that are deleted while their StatefulSet stands come again, and nobody deletes those.
  const onError = ref.kind === "StatefulSet" ? "stop" : "continue";
  return step(SUBJECT, [reason], action, { onError, effect: "destructive" });
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
