/** `kubectl pg adopt` and `handback` for one cluster or for all, one after the other. */

import { firstOf, planOf } from "../fleet.ts";
import { readClusters } from "../list.ts";
import { CommandError, type Session } from "../session.ts";
import { type HandOver, handOver } from "./hand_over.ts";

const QUIET_MS = 30_000;
const PATIENCE_MS = 10 * 60_000;
/** Exit codes of plans that a person may accept. */
const ACCEPTABLE: Readonly<Record<string, readonly number[]>> = {
  restart: [3],
  destructive: [3, 4],
};

export interface FleetHandOver {
  readonly what: "adopt" | "handback";
  readonly cluster: string | undefined;
  /** Every cluster of the namespace, or of all of them. */
  readonly all: "namespace" | "everywhere" | undefined;
  readonly to: string | undefined;
  readonly accept: string | undefined;
  readonly config: string | undefined;
  readonly quietMs: number | undefined;
  readonly timeoutMs: number | undefined;
}

/** Hands over what is named; the exit code is 1 where one could not be. @throws CommandError */
export async function handOverClusters(session: Session, asked: FleetHandOver): Promise<number> {
  const { what, cluster, all, to, accept } = asked;
  if ((cluster === undefined) === (all === undefined)) {
    throw new CommandError("name a cluster, or --all for those of the namespace, -A for all");
  }
  if (what === "adopt" && to === undefined) {
    throw new CommandError(
      '--to names the CONTROLLER_ID of the operator that gets it; "" one without an id',
    );
  }
  if (accept !== undefined && ACCEPTABLE[accept] === undefined) {
    throw new CommandError(`--accept is restart or destructive, not ${accept}`);
  }
  if (cluster !== undefined) {
    await handOver(session, requestFor(session, asked, cluster));
    return 0;
  }
  let refused = 0;
  for (const { metadata } of await readClusters(session, all === "everywhere")) {
    const { namespace = "", name = "" } = metadata;
    const there = { ...session, namespace };
    try {
      await handOver(there, requestFor(there, asked, name));
    } catch (error) {
      refused++;
      const why = error instanceof Error ? error.message : String(error);
      session.terminal.complain(`${namespace}/${name} stays: ${why}\n`);
    }
  }
  session.terminal.print(refused === 0 ? "all are handed over\n" : `${refused} stay\n`);
  return refused === 0 ? 0 : 1;
}

function requestFor(session: Session, asked: FleetHandOver, cluster: string): HandOver {
  const { what, to, accept, config, quietMs = QUIET_MS, timeoutMs = PATIENCE_MS } = asked;
  return {
    ...{ cluster, what, to, quietMs, timeoutMs },
    accepted: ACCEPTABLE[accept ?? ""] ?? [],
    async plan(name) {
      const { exitCode, plan, problem } = await planOf(session, name, config);
      return { exitCode, why: problem || firstOf(plan) };
    },
  };
}
