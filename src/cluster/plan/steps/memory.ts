/**
 * What a planner may know of passes before this one. It is gone after a restart of the operator, so
 * a planner may only let it decide what is harmless to decide late or twice. Each field says what a
 * restart costs. What has to survive is written on objects: marks on pods, the deletion's note, the
 * annotations of an upgrade.
 */

import type { PostgresqlRequest } from "../../../api/types.gen.ts";
import type { Held } from "./action.ts";

/** How an attempt at a major version upgrade ended, until that is written down. */
export interface UpgradeAttempt {
  readonly result: "ended" | "failed" | "lost";
  readonly message: string;
  /** When a pass first saw the cluster after it. */
  readonly sinceMs?: number;
}

/** The last write of one object; see `pass/others.ts`. */
export interface FieldWrites {
  /** Hash of the object as it was built. */
  readonly wish: string;
  readonly atMs: number;
  /** `metadata.generation` that the write led to. */
  readonly generation?: number;
  /** Fields that the write put right. */
  readonly paths: ReadonlySet<string>;
  /** Fields that others set, until the wish changes. */
  readonly left: Set<string>;
}

/** A look at Patroni or at the databases that found nothing to do. */
export interface Look {
  /** What was looked for; another fingerprint needs another look. */
  readonly fingerprint: string;
}

/** What a pass knows of the passes before it. */
export interface PlanMemory {
  /** `metadata.generation` that was last brought about. Lost: the next pass compares less strictly. */
  readonly settledGeneration?: number;
  /** When a pass first had to wait. Lost: the patience with databases begins again. */
  readonly waitingSinceMs?: number;
  /**
   * Slots and parameters that the manifest has asked for: they are reset once it no longer does.
   * Lost: what was taken out of the manifest before the restart stays, as with Zalando's operator.
   */
  readonly slots: ReadonlySet<string>;
  readonly parameters: ReadonlySet<string>;
  /** By role: version of the Secret whose password the pods have. Lost: pods may be marked again. */
  readonly podPasswords: ReadonlyMap<string, string>;
  /** Secrets whose last write failed, as `namespace/name`. Lost: they are written again. */
  readonly unwritten: ReadonlySet<string>;
  /** By role: the password that a user name was put beside, as a fingerprint. Lost: asked again. */
  readonly named: ReadonlyMap<string, string>;
  /**
   * The last change of parameters only lowered values, so the primary restarts before its replicas.
   * Asked only where neither Patroni nor PostgreSQL says so. Lost: replicas restart first.
   */
  readonly restartPrimaryFirst: boolean;
  /** By pod's uid: for which parameters its server was restarted. Lost: it may be restarted again. */
  readonly restarted: ReadonlyMap<string, { readonly parameters: string; readonly atMs: number }>;
  /** Marked pods were seen. Lost: the end of their restart is not told by an Event. */
  readonly rolling: boolean;
  /** The server's version, as PostgreSQL numbers it: 170005. Lost: it is asked again. */
  readonly serverVersion?: number;
  /**
   * The attempt of this process at an upgrade, and whether no script of an earlier one can still
   * run. Lost: a pass waits for such a script first, and pods carry the mark of the attempt.
   */
  readonly upgrade?: {
    readonly attempt: UpgradeAttempt | undefined;
    readonly awaited: boolean;
  };
  /** By uid: the image that a pod of the present template was made for. Lost: its note says it. */
  readonly madeFor: ReadonlyMap<string, string>;
  /** By object: what was last written of it, and which fields are others'. Lost: they are set again. */
  readonly writes: ReadonlyMap<string, FieldWrites>;
  /** The last look at the databases, and what stays as it is there. Lost: they are looked at. */
  readonly catalogLook?: Look & {
    /** What stays as it is in the databases until a person changes something. */
    readonly left?: readonly { readonly subject: string; readonly reason: string }[];
  };
  /** The last look at the cloud's volumes, and what stays as it is there. Lost: looked at again. */
  readonly volumeLook?: Look & { readonly held: readonly Held[] };
  /** A switchover that Patroni is to make later. Lost: it may be asked for again. */
  readonly scheduledMove?: { readonly leader: string; readonly atMs: number };
  /** Pods on nodes being drained that were recreated, which is done once. Lost: once more. */
  readonly movedOff: ReadonlySet<string>;
  /** Answers to requests as they were last written. Lost: the status has them. */
  readonly answers?: readonly PostgresqlRequest[];
}
