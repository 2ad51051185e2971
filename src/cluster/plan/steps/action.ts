/**
 * The plan as data: what to do, in which order, and why. Planners return it, `apply` performs it,
 * the debug API and `deno task plan` print it.
 */

import type { PostgresqlRequest } from "../../../api/types.gen.ts";
import type { KubeObject } from "../../../kubernetes/types.gen.ts";
import type { ModifyVolumeRequest } from "../../../ports/cloud.ts";
import type {
  DeleteRequest,
  ExecRequest,
  PatchRequest,
  PatroniRequest,
  PodRef,
  SqlTarget,
  SqlText,
  UpgradeRequest,
} from "../../../ports/requests.ts";
import type { Subject } from "../../subject.ts";
import type { ClusterEvent } from "../../events.ts";
import type { Mismatch } from "../compare/difference.ts";

export type Action =
  | { readonly kind: "create"; readonly object: KubeObject }
  | {
    readonly kind: "patch";
    readonly request: PatchRequest;
    /** Done instead where the operator's role may not patch objects of this kind. */
    readonly orRecreate?: { readonly object: KubeObject; readonly uid: string };
  }
  /** HTTP PUT. */
  | { readonly kind: "replace"; readonly object: KubeObject }
  /** Delete, wait until it is gone, create. */
  | {
    readonly kind: "recreate";
    readonly object: KubeObject;
    readonly uid: string;
    readonly propagation: "Orphan" | "Background";
  }
  | {
    readonly kind: "delete";
    readonly request: DeleteRequest;
    /** Comes in its place; the deletion fails where the API server would refuse it for good. */
    readonly successor?: KubeObject;
  }
  | {
    readonly kind: "sql";
    readonly target: SqlTarget;
    readonly statements: readonly SqlText[];
    /** One transaction unless a statement forbids it (CREATE DATABASE). */
    readonly mode: "transaction" | "autocommit";
  }
  | { readonly kind: "patroni"; readonly pod: PodRef; readonly request: PatroniRequest }
  | { readonly kind: "exec"; readonly request: ExecRequest }
  /** Begins a change of a volume in the cloud. */
  | { readonly kind: "modifyVolume"; readonly request: ModifyVolumeRequest }
  /** Takes minutes; fails with an UpgradeError. */
  | { readonly kind: "upgrade"; readonly request: UpgradeRequest }
  | { readonly kind: "event"; readonly note: ClusterEvent };

/** What a step does to running pods: the worst one decides the exit code of `deno task plan`. */
export type Effect = "none" | "reload" | "restart" | "destructive";

/** A field that is not as it should be, or a sentence, which nothing but people reads. */
export type Reason = Mismatch | string;

export interface Step {
  readonly subject: Subject;
  /** Never empty. */
  readonly reasons: readonly Reason[];
  readonly action: Action;
  /** `stop`: what follows in the plan is skipped when this step fails. */
  readonly onError: "stop" | "continue";
  readonly effect: Effect;
  /** What of one object the step puts right; absent for steps that are about something else. */
  readonly mends?: Mend;
  /** The request that asked for it; absent for what the manifest needs. */
  readonly asked?: Asked;
}

/** The request that a step belongs to, and its answer once the step is done. */
export interface Asked {
  readonly what: string;
  readonly id: string;
  readonly then: { readonly state: RequestState; readonly message: string };
}

/**
 * `waiting`: nothing was done yet. `started`: it was begun, and is not begun again. `active`: it holds
 * as long as its annotation is there. The others are answers for good.
 */
export type RequestState = "waiting" | "started" | "active" | "done" | "failed" | "refused";

/** The wish for one object, and where the object is not as wished. */
export interface Mend {
  /** `kind namespace/name`, and the uid of objects that come again under their name. */
  readonly object: string;
  /** Hash of the object as it is built. */
  readonly wish: string;
  /** `metadata.generation` that was looked at; absent where there was no object. */
  readonly generation?: number;
  /** Empty where the object is created. */
  readonly differences: readonly MendedField[];
}

/** One field that is not as wished. */
export interface MendedField {
  readonly path: string;
  /** `undefined` where the field should not be there. */
  readonly desired: unknown;
  readonly observed: unknown;
  readonly sensitive?: boolean;
  /** Who set it, as `managedFields` say; absent where they do not tell. */
  readonly manager?: string;
}

/**
 * Why a subject is held back: `waiting` for something that is under way, `unreadable` where what it
 * depends on could not be read, `refused` where the manifest asks for what cannot be done, `blocked`
 * where something outside has to change first: a short wait, then a failure. `braked` was done again
 * and again without lasting effect. `postponed` is said and shown, but the cluster counts as
 * settled: it runs well without. `left` is the same for what stays as it is until a person changes
 * something, and is told once by an Event; `overridden` for a field that somebody else sets;
 * `paused` for what a person wants left as it is for a while.
 */
export type HeldKind =
  | "waiting"
  | "unreadable"
  | "refused"
  | "blocked"
  | "braked"
  | "postponed"
  | "left"
  | "overridden"
  | "paused";

/** True for what keeps the cluster from being settled and other subjects from going on. */
export function isPending({ kind }: Pick<Held, "kind">): boolean {
  return !["postponed", "left", "overridden"].includes(kind);
}

/** Something wanted but not done yet, and what it waits for. */
export interface Held {
  readonly subject: Subject;
  readonly kind: HeldKind;
  readonly reason: string;
  /** How long it may be waited for before that is a failure; for ever with 0, as others when absent. */
  readonly limitMs?: number;
  /** What was left would have restarted pods. */
  readonly restarts?: true;
  /** Nothing else of the plan waits for it. */
  readonly alone?: true;
  /** It waits until it is the turn of its cluster. */
  readonly wave?: true;
  /** What is left to others, as `Kind namespace/name: path`. */
  readonly fields?: readonly string[];
}

export interface Plan {
  /** `namespace/name` of the cluster. */
  readonly key: string;
  /** `metadata.generation` that was planned for. */
  readonly generation: number;
  readonly steps: readonly Step[];
  readonly held: readonly Held[];
  /** Look again after this time although no event came. */
  readonly requeueAfterMs?: number;
  /** Fields that others set and that are left to them. */
  readonly left?: readonly LeftField[];
  /** `status.requests` as it should be before the first step; absent where nobody asks. */
  readonly requests?: readonly PostgresqlRequest[];
}

/** A field of one object that is left to whoever sets it, until the wish for the object changes. */
export interface LeftField extends MendedField {
  readonly object: string;
  readonly wish: string;
}

export type StepOutcome =
  | {
    readonly step: Step;
    readonly result: "done";
    /** `metadata.generation` of the object that was written, as the API server stored it. */
    readonly generation?: number;
  }
  /** `remembered`: it was refused a while ago and not asked for again. */
  | {
    readonly step: Step;
    readonly result: "failed";
    readonly error: Error;
    readonly remembered?: true;
  }
  | { readonly step: Step; readonly result: "skipped"; readonly because: string };
