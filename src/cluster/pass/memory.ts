/**
 * What the operator remembers of a cluster between passes. All of it is lost when the operator
 * restarts. Most of it spares requests or repeats of Events; what decides about steps is what
 * planners may ask for, and `plan/steps/memory.ts` says what its loss costs.
 */

import type { Postgresql, PostgresqlRestart } from "../../api/types.gen.ts";
import type { FieldWrites, Look, PlanMemory } from "../plan/steps/memory.ts";

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

/** A request that the API server refused; see `pass/refused.ts`. */
export interface RefusedRequest {
  readonly error: Error;
  /** How often in a row. */
  readonly count: number;
  /** When it may be sent again, as milliseconds since the epoch. */
  readonly untilMs: number;
}

/** A ledger with nothing in it. */
export function emptyLedger(): BrakeLedger {
  return { wish: "", repeated: new Map(), disruptions: [], causes: [], told: "" };
}

/** What planners may know, to be changed at the end of a pass. */
type Remembered = { -readonly [Key in keyof PlanMemory]: PlanMemory[Key] };

/** What the cluster was last brought to. */
export interface SettledInputs {
  readonly cr: Postgresql;
  /** By object: the version that was looked up. */
  readonly versions: ReadonlyMap<string, string>;
}

export interface ClusterMemory extends Remembered {
  readonly slots: Set<string>;
  readonly parameters: Set<string>;
  readonly podPasswords: Map<string, string>;
  readonly unwritten: Set<string>;
  readonly named: Map<string, string>;
  readonly restarted: Map<string, { readonly parameters: string; readonly atMs: number }>;
  readonly movedOff: Set<string>;
  readonly madeFor: Map<string, string>;
  /** The manifest that was last brought about; see `plan/steps/phase.ts`. */
  settledManifest?: string;
  /** The inputs of that; see `pass/causes.ts`. */
  settledInputs?: SettledInputs;
  /** The last change whose beginning the status told, likewise. */
  announcedManifest?: string;
  /** `metadata.generation` at which the cluster was taken on as a new one. */
  newSince?: number;
  /** Answers that found nothing to do: until something else is wanted nobody is asked again. */
  patroniLook?: Look;
  /** Patroni took a change of parameters: until then restarts may turn out to be pending. */
  patroniUntilMs?: number;
  /** Last status sent: a server that drops fields must not be sent them again and again. */
  statusSent?: string;
  /** By object: what was last written of it, and which of its fields are others'. */
  readonly writes: Map<string, FieldWrites>;
  /** What was done of late, so that steps without lasting effect are not repeated on and on. */
  brake: BrakeLedger;
  /** The ledger of restarts as it was last written; the status has it after a restart. */
  ledger?: readonly PostgresqlRestart[];
  /** By content: requests that the API server refused. */
  readonly refused: Map<string, RefusedRequest>;
  /** Failures that an Event has told since the cluster was last as it should be. */
  readonly toldFailures: Set<string>;
  /** Events sent already that are sent once for a generation or a deletion. */
  readonly told: Set<string>;
  /** The failure that the log told last. */
  failureLogged?: string;
  /** Passes in a row that failed for something that may pass by itself, for the back-off. */
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
    refused: new Map(),
    toldFailures: new Set(),
    told: new Set(),
    failures: 0,
  };
}
