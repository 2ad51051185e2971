/**
 * Whose turn it is to restart pods for another configuration or image: a few clusters at a time, the
 * next ones when the former have run well for a while. Nothing is stored for it: pods that are marked,
 * and the ledger of restarts in the status, tell a new process where the one before stood.
 */

import { isFlagged } from "../cluster/observed/pods.ts";
import { isPending } from "../cluster/plan/steps/action.ts";
import type { Turn } from "../cluster/plan/steps/turn.ts";
import type { Subject } from "../cluster/subject.ts";
import type { Config } from "../config/config.ts";
import type { Logger } from "../log/logger.ts";
import type { ClusterEntry } from "./registry.ts";

/** When a cluster asks again that waits for others. */
const AGAIN_MS = 30_000;
/** Restarts as old as this belong to no wave that goes on. */
const OLD_MS = 24 * 60 * 60_000;

export interface WavePorts {
  readonly config: Pick<Config, "rolloutMaxClusters" | "rolloutBakeTimeMs" | "rolloutMaxDegraded">;
  readonly entries: () => readonly ClusterEntry[];
  readonly get: (key: string) => ClusterEntry | undefined;
  readonly nowMs: () => number;
  readonly logger: Pick<Logger, "info" | "warn">;
}

/** How many clusters are where. */
export interface WaveCounts {
  readonly waiting: number;
  readonly rolling: number;
  /** Have had their turn and are not well. */
  readonly degraded: number;
}

export interface Waves {
  /** Whether a cluster may begin. */
  turnOf(key: string): Turn;
  /** A cluster begins: it counts until its pods are as wanted. */
  begin(key: string): void;
  /** A pass has ended, however it went. */
  passed(key: string): void;
  counts(): WaveCounts;
}

/** Makes the waves of a process that has seen nothing yet. */
export function createWaves(ports: WavePorts): Waves {
  return new WaveBook(ports);
}

class WaveBook implements Waves {
  readonly #ports: WavePorts;
  /** Whose pods are being restarted. */
  readonly #rolling = new Set<string>();
  /** Who had a turn in the current wave. */
  #members = new Set<string>();
  /** When clusters were done, in milliseconds. */
  readonly #finished = new Map<string, number>();
  readonly #waiting = new Set<string>();
  /** Who failed before its turn: that it still does is no work of the wave. */
  readonly #failedBefore = new Set<string>();
  readonly #seen = new Set<string>();
  #allSeen = false;
  #told = "";

  constructor(ports: WavePorts) {
    this.#ports = ports;
  }

  turnOf(key: string): Turn {
    const { config, nowMs } = this.#ports;
    const max = config.rolloutMaxClusters;
    if (max <= 0 || this.#rolling.has(key)) return { kind: "open" };
    // The same words for all that they wait for: the status is written once.
    const closed = (againMs: number): Turn => ({
      kind: "closed",
      reason: "waits for its wave: another configuration or image restarts the pods of " +
        `${max === 1 ? "1 cluster" : `${max} clusters`} at a time (rollout_max_clusters)`,
      againMs,
    });
    if (!this.#hasSeenAll() || this.#isStopped()) return closed(AGAIN_MS);
    if (this.#rolling.size > 0) {
      return this.#members.size < max ? { kind: "open" } : closed(AGAIN_MS);
    }
    const bakedMs = Math.max(0, ...this.#finished.values()) + config.rolloutBakeTimeMs;
    return this.#finished.size === 0 || nowMs() >= bakedMs
      ? { kind: "open" }
      : closed(bakedMs - nowMs());
  }

  begin(key: string): void {
    if (this.#ports.config.rolloutMaxClusters <= 0 || this.#rolling.has(key)) return;
    if (this.#rolling.size === 0) this.#members = new Set();
    this.#rolling.add(key);
    this.#members.add(key);
    this.#finished.delete(key);
    const entry = this.#ports.get(key);
    if (entry !== undefined && hasFailed(entry)) this.#failedBefore.add(key);
    else this.#failedBefore.delete(key);
  }

  passed(key: string): void {
    if (this.#ports.config.rolloutMaxClusters <= 0) return;
    const entry = this.#ports.get(key);
    if (entry === undefined) return this.#forget(key);
    if (!this.#seen.has(key)) this.#takeUp(entry);
    this.#seen.add(key);
    if (entry.last?.plan.held.some(({ wave }) => wave === true)) this.#waiting.add(key);
    else this.#waiting.delete(key);
    if (this.#rolling.has(key) && isDone(entry, this.#failedBefore.has(key))) {
      this.#rolling.delete(key);
      this.#finished.set(key, this.#ports.nowMs());
    }
    this.#endWhenOver();
  }

  counts(): WaveCounts {
    return {
      waiting: this.#waiting.size,
      rolling: this.#rolling.size,
      degraded: this.#degraded().length,
    };
  }

  /** What an earlier process has begun, or finished of late. */
  #takeUp(entry: ClusterEntry): void {
    const { key, memory, last } = entry;
    const pods = last?.seen?.pods;
    if (pods?.known && pods.value.some(isFlagged)) return this.begin(key);
    const times = (memory.ledger ?? []).map(({ time }) => Date.parse(time));
    const newest = Math.max(0, ...times.filter((time) => !Number.isNaN(time)));
    if (this.#rolling.has(key) || this.#ports.nowMs() - newest > OLD_MS) return;
    this.#finished.set(key, newest);
  }

  #hasSeenAll(): boolean {
    this.#allSeen ||= this.#ports.entries().every(({ key }) => this.#seen.has(key));
    return this.#allSeen;
  }

  /** Clusters that do badly since their turn stop the others. */
  #isStopped(): boolean {
    const degraded = this.#degraded();
    const stopped = degraded.length > this.#ports.config.rolloutMaxDegraded;
    const names = stopped ? degraded.join(", ") : "";
    if (names !== this.#told) {
      if (stopped) {
        this.#ports.logger.warn(
          `no further cluster is restarted for another configuration or image: ${names} ` +
            "had a turn and is not well (rollout_max_degraded)",
        );
      } else this.#ports.logger.info("clusters are restarted in waves again");
    }
    this.#told = names;
    return stopped;
  }

  #degraded(): readonly string[] {
    const oldMs = this.#ports.nowMs() - OLD_MS;
    const done = [...this.#finished].filter(([, atMs]) => atMs > oldMs).map(([key]) => key);
    const is = (key: string, what: (entry: ClusterEntry) => boolean) => {
      const entry = this.#ports.get(key);
      return entry !== undefined && what(entry);
    };
    const fails = (key: string) => is(key, hasFailed) && !this.#failedBefore.has(key);
    return [
      ...[...this.#rolling].filter(fails),
      ...done.filter((key) => fails(key) || is(key, isDown)),
    ].sort();
  }

  /** Once nobody waits and the last ones have run well for long enough, a new beginning is made. */
  #endWhenOver(): void {
    if (this.#waiting.size > 0 || this.#rolling.size > 0 || this.#finished.size === 0) return;
    const { config, nowMs } = this.#ports;
    if (nowMs() < Math.max(...this.#finished.values()) + config.rolloutBakeTimeMs) return;
    this.#finished.clear();
    this.#members.clear();
  }

  #forget(key: string): void {
    const sets = [this.#rolling, this.#waiting, this.#seen, this.#failedBefore];
    for (const set of sets) set.delete(key);
    this.#finished.delete(key);
  }
}

/** What a turn is about. */
const OF_PODS: readonly Subject[] = ["statefulset", "rollout", "major upgrade"];

/** True once no pod waits for its restart and nothing else is left to do, or only what failed before. */
function isDone({ last }: ClusterEntry, failedBefore: boolean): boolean {
  if (last === undefined || (last.failure !== undefined && !failedBefore)) return false;
  const { plan, seen } = last;
  if (seen?.pods.known !== true || seen.pods.value.some(isFlagged)) return false;
  const counts = ({ subject }: { readonly subject: Subject }) =>
    !failedBefore || OF_PODS.includes(subject);
  return !plan.held.some((held) => isPending(held) && counts(held)) &&
    plan.steps.every((step) => step.action.kind === "event" || !counts(step));
}

function hasFailed({ last }: ClusterEntry): boolean {
  return last?.failure !== undefined;
}

function isDown({ cr }: ClusterEntry): boolean {
  return cr?.status?.conditions?.some(({ type, status }) =>
    type === "Ready" && status === "False"
  ) ?? false;
}
