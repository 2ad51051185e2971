/**
 * The operator's own controller over a simulated cluster, for suites that need no network: what a
 * pass works with, a writer that is listened to, and a way to let virtual time go on.
 */

import type { Postgresql } from "../api/types.gen.ts";
import { createDerivedVerifiers } from "../cluster/pass/passwords.ts";
import type { PassTools } from "../cluster/pass/reconcile.ts";
import type { Config } from "../config/config.ts";
import {
  type Controller,
  type ControllerPorts,
  createController,
} from "../controller/controller.ts";
import { createTeamReader } from "../controller/teams.ts";
import type { SimulatedCluster } from "../dry_run/simulated/cluster.ts";
import type { KubeObject, StatefulSet } from "../kubernetes/types.gen.ts";
import { Sensitive } from "../lib/sensitive.ts";
import { createLogger, type Logger } from "../log/logger.ts";
import { known } from "../ports/observation.ts";
import type { KubeWriter } from "../ports/ports.ts";
import { type ObjectRef, refOf } from "../ports/requests.ts";

export type WriteVerb = "create" | "replace" | "patch" | "delete";

/** Called in place of each write; calls `write`, or throws as a killed operator does. */
export type AroundWrite = <T>(
  verb: WriteVerb,
  ref: ObjectRef,
  write: () => Promise<T>,
) => Promise<T>;

/** The same writer, with `around` in place of each write. */
export function writerAround(kube: KubeWriter, around: AroundWrite): KubeWriter {
  return {
    create: (object, signal) => around("create", refOf(object), () => kube.create(object, signal)),
    replace: (object, signal) =>
      around("replace", refOf(object), () => kube.replace(object, signal)),
    patch: (request, signal) => around("patch", request.target, () => kube.patch(request, signal)),
    delete: (request, signal) =>
      around("delete", request.target, () => kube.delete(request, signal)),
    awaitGone: (request, signal) => kube.awaitGone(request, signal),
    tryCreate: (object, signal) => kube.tryCreate(object, signal),
    mayPatch: (target, signal) => kube.mayPatch(target, signal),
  };
}

/** What differs from a plain operator: nothing but the API server is asked, and nobody has teams. */
export interface ToolChanges extends Partial<Omit<PassTools, "inputs" | "config">> {
  readonly inputs?: Partial<PassTools["inputs"]>;
}

/** What a pass works with in a simulated cluster. Passwords are counted: no two are the same. */
export function toolsFor(
  { api, clock, patroni, writers }: SimulatedCluster,
  config: Config,
  { inputs, ...changes }: ToolChanges = {},
): PassTools {
  let passwords = 0;
  return {
    config,
    kube: api.reader,
    inputs: {
      kube: api.reader,
      owned: api.reader,
      teams: createTeamReader(config, undefined, clock.now),
      postgresTeams: () => [],
      infrastructureRoleDefinitions: [],
      eventStreamsSupported: () => known(false),
      ...inputs,
    },
    patroni,
    catalog: () => Promise.resolve(undefined),
    derived: createDerivedVerifiers(),
    writers,
    clock: { now: () => new Date(clock.now()) },
    newPassword: () => new Sensitive(`P${String(++passwords).padStart(63, "x")}`),
    ...changes,
  };
}

/** A logger that says what an operator says by itself, in the cluster's time. */
export function loggerFor({ clock }: SimulatedCluster, write: (line: string) => void): Logger {
  return createLogger({
    format: "text",
    verbosity: 0,
    now: () => new Date(clock.now()),
    write,
  });
}

/** Makes a controller that sees what the simulated API server has; it is not started. */
export function controllerFor(
  { api, clock }: SimulatedCluster,
  parts: Pick<ControllerPorts, "tools" | "config" | "logger"> & Partial<ControllerPorts>,
): Controller {
  const ofKind = (kind: string): KubeObject[] =>
    structuredClone(api.objects().filter((object) => object.kind === kind));
  return createController({
    controllerId: "",
    clock,
    live: api.reader,
    manifests: () => ofKind("postgresql") as Postgresql[],
    services: () => ofKind("Service"),
    statefulSets: () => ofKind("StatefulSet") as StatefulSet[],
    onChange: api.onChange,
    forgotten() {},
    metrics: { keyAdded() {}, keyTaken() {}, passEnded() {} },
    invalidate() {},
    ...parts,
  });
}

/** More turns than this between two timers: passes that follow each other without an end. */
const MOST_TURNS = 200_000;

/** Waits until no pass is under way and none is due; passes here wait for promises alone. */
async function idle(controller: Controller): Promise<void> {
  for (let quiet = 0, turns = 0; quiet < 25; quiet++) {
    await Promise.resolve();
    if (++turns > MOST_TURNS) throw new Error("the passes do not come to an end");
    const busy = (controller.workers()?.busy().length ?? 0) + controller.queue.waiting().length;
    if (busy > 0) quiet = 0;
  }
}

/** More timers than any run needs. */
const MOST_TIMERS = 50_000;

/** Lets virtual time go on, pass by pass; `endMs` is asked again after each. */
export async function runUntil(
  { clock }: SimulatedCluster,
  controller: Controller,
  endMs: () => number,
): Promise<void> {
  for (let timers = 0; timers < MOST_TIMERS; timers++) {
    await idle(controller);
    const [end, next] = [endMs(), clock.nextMs()];
    if (next === undefined || next > end) return clock.moveTo(end);
    clock.advance();
  }
  throw new Error("the operator does not come to rest");
}
