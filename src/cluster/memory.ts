/**
 * What the operator remembers of a cluster between passes. Everything here may be lost at any time:
 * it spares work (looks at Patroni and at databases) and never decides what should be.
 */

/** A look at Patroni or at the databases that found nothing to do. */
export interface Look {
  /** What was looked for; another fingerprint needs another look. */
  readonly fingerprint: string;
}

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

/** What was done of late for one cluster; see `pass/brake.ts`. */
export interface BrakeLedger {
  /** Hash of what was wanted when the repetitions below were counted. */
  wish: string;
  /** By what a step does and why: how often in a row it was done, and when last. */
  repeated: Map<string, { count: number; lastMs: number }>;
  /** Restarts, switchovers and recreations of the last hour, oldest first. */
  disruptions: { atMs: number; wish: string }[];
  /** What the last change of the StatefulSet was for: path and both values. */
  causes: readonly string[];
  /** What people were told already. */
  told: string;
}

/** A ledger with nothing in it. */
export function emptyLedger(): BrakeLedger {
  return { wish: "", repeated: new Map(), disruptions: [], causes: [], told: "" };
}

export interface ClusterMemory {
  /** `metadata.generation` of the last pass that ended with everything as it should be. */
  settledGeneration?: number;
  /** `metadata.generation` of the last change whose beginning the status told. */
  announcedGeneration?: number;
  patroniLook?: Look;
  catalogLook?: Look & {
    /** What stays as it is in the databases until a person changes something. */
    readonly left?: readonly { readonly subject: string; readonly reason: string }[];
  };
  /** Secrets whose last write failed, as `namespace/name`. */
  readonly unwritten: Set<string>;
  /** By role: the password that a user name was put beside, as a fingerprint. */
  readonly named: Map<string, string>;
  /** Patroni took a change of parameters: until then restarts may turn out to be pending. */
  patroniUntilMs?: number;
  /** What the server said of its version, as PostgreSQL numbers it: 170005. */
  serverVersion?: number;
  /** The attempt of this process, and whether no script of an earlier one can still run. */
  upgrade?: { readonly attempt: UpgradeAttempt | undefined; readonly awaited: boolean };
  /** A switchover that Patroni is to make later, and when. */
  scheduledMove?: { readonly leader: string; readonly atMs: number };
  /** Pods on nodes being drained that were made anew, which is done once. */
  readonly movedOff: Set<string>;
  /** Last status sent: a server that drops fields must not be sent them again and again. */
  statusSent?: string;
  /** Replication slots that the manifest has asked for: those may be removed once it no longer does. */
  readonly slots: Set<string>;
  /** Parameters that the manifest has asked for: likewise. */
  readonly parameters: Set<string>;
  /** By role: version of the Secret whose password the pods have, or were marked to get. */
  readonly podPasswords: Map<string, string>;
  /** The last change of parameters only lowered values: the primary restarts before its replicas. */
  restartPrimaryFirst: boolean;
  /** By pod's uid: for which parameters its server was restarted last, and when. */
  readonly restarted: Map<string, { readonly parameters: string; readonly atMs: number }>;
  /** Marked pods were seen: the end of the rolling restart is still to be told. */
  rolling: boolean;
  /** By uid: the image that a pod of the present template was made for. */
  readonly madeFor: Map<string, string>;
  /** By object: what was last written of it, and which of its fields are others'. */
  readonly writes: Map<string, FieldWrites>;
  /** What was done of late, so that steps without lasting effect are not repeated on and on. */
  brake: BrakeLedger;
  /** When the pass first had to wait, as milliseconds since the epoch. */
  waitingSinceMs?: number;
  /** Notices already told by an Event for this generation. */
  readonly told: Set<string>;
  /** The failure that the log told last. */
  failureLogged?: string;
  /** Consecutive passes with a failure, for the back-off. */
  failures: number;
}

/** Memory of a cluster that was never seen. */
export function emptyMemory(): ClusterMemory {
  return {
    movedOff: new Set(),
    slots: new Set(),
    parameters: new Set(),
    podPasswords: new Map(),
    named: new Map(),
    unwritten: new Set(),
    restartPrimaryFirst: false,
    restarted: new Map(),
    rolling: false,
    madeFor: new Map(),
    writes: new Map(),
    brake: emptyLedger(),
    told: new Set(),
    failures: 0,
  };
}
