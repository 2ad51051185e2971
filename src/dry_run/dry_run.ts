/**
 * Everything that the operator would do for one manifest, pass after pass, until nothing is left to
 * do. The passes are the operator's own; what they write to exists in memory only.
 */

import { RESOURCES } from "../ports/resources.gen.ts";
import { refTo } from "../ports/typed.ts";
import { type Issue, issueText, validate } from "../api/validate.ts";
import { checkPostgresql } from "../api/validator.gen.ts";
import type { Postgresql } from "../api/types.gen.ts";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import { type ClusterMemory, emptyMemory } from "../cluster/pass/memory.ts";
import type { TeamReader } from "../cluster/observed/read_inputs.ts";
import { seenTargets } from "../cluster/plan/deletion.ts";
import type { Plan } from "../cluster/plan/steps/action.ts";
import { type ShownHeld, type ShownPlan, showPlans } from "./show.ts";
import type { KubeReader } from "../ports/ports.ts";
import { type PassTools, reconcile } from "../cluster/pass/reconcile.ts";
import type { PassReport } from "../cluster/pass/outcome.ts";
import { type ObjectRef, refOf } from "../ports/requests.ts";
import type { Config } from "../config/config.ts";
import { deletionTargets } from "../cluster/pass/delete.ts";
import { createDerivedVerifiers } from "../cluster/pass/passwords.ts";
import { infrastructureRoleDefinitions } from "../config/infrastructure_roles.ts";
import { simulateCluster, type SimulatedCluster } from "./simulated/cluster.ts";
import { known, type Observation } from "../ports/observation.ts";
import { Sensitive } from "../lib/sensitive.ts";
import { storedPatroni } from "./sources.ts";

export interface DryRunRequest {
  /** The manifest as its file has it. */
  readonly manifest: KubeObject;
  readonly config: Config;
  readonly reader: KubeReader;
  /** Where objects of others are read, if elsewhere. */
  readonly inputs?: KubeReader;
  /** The manifest as the live cluster has it, if it is there. */
  readonly live: Postgresql | undefined;
  /** The manifest is all that will stand there, and not only what a person applies. */
  readonly complete?: true;
  readonly eventStreamsSupported: Observation<boolean>;
  readonly teams: TeamReader;
  /** What the API server adds to what it stores; nothing where it is left out. */
  readonly stored?: (object: KubeObject) => KubeObject;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** More passes than any change needs; a plan that is not settled by then says so. */
const MOST_PASSES = 60;

/** Makes all passes for one manifest. */
export async function dryRun(request: DryRunRequest): Promise<ShownPlan> {
  return (await dryRunWithPlans(request)).shown;
}

/** The same, with the plans of the passes; none where the manifest is refused as a whole. */
export async function dryRunWithPlans(
  request: DryRunRequest,
): Promise<{ readonly shown: ShownPlan; readonly plans: readonly Plan[] }> {
  const { manifest } = request;
  const refused = refusals(request);
  const { namespace = "", name = "" } = manifest.metadata;
  if (refused.length > 0) {
    const cluster = `${namespace}/${name}`;
    return { shown: { cluster, effect: "none", changes: [], held: refused }, plans: [] };
  }
  const { plans, last } = await dryRunPasses(request);
  const shown = showPlans(plans);
  const failed = last.outcomes.flatMap((outcome): ShownHeld[] =>
    outcome.result === "failed"
      ? [{ subject: outcome.step.subject, kind: "blocked", reason: outcome.error.message }]
      : []
  );
  return { shown: { ...shown, held: [...shown.held, ...failed] }, plans };
}

/** What the deletion of a stored manifest would take along. @throws where that cannot be known */
export async function dryRunDeletion(
  request:
    & Pick<DryRunRequest, "config" | "reader" | "inputs" | "eventStreamsSupported" | "teams">
    & {
      readonly manifest: Postgresql;
      readonly now: Date;
      readonly signal: AbortSignal;
    },
): Promise<readonly ObjectRef[]> {
  const { manifest, config, reader, now, signal } = request;
  const { namespace = "", name = "" } = manifest.metadata;
  const { clusterNameLabel, podRoleLabel: roleLabel } = config;
  const startMs = now.getTime();
  const cluster = simulateCluster({ clusterNameLabel, roleLabel, origin: reader, startMs });
  const question = {
    cluster: { key: `${namespace}/${name}`, memory: emptyMemory() },
    // What could not be listed is left out of the answer, and stays.
    log: { warn() {} },
    cancellation: { stop: signal, abort: signal },
  };
  const ports = { tools: toolsOf(cluster, request), config, live: reader };
  return seenTargets(await deletionTargets(ports, question, manifest));
}

export interface DryRunPasses {
  readonly plans: readonly Plan[];
  readonly last: PassReport;
  readonly objects: readonly KubeObject[];
  /** Patroni's dynamic configuration of the cluster; undefined where none can be asked. */
  readonly patroni: Readonly<Record<string, unknown>> | undefined;
}

/** What keeps the API server or the operator from taking the manifest at all. */
export function refusals(
  { manifest, config, live }: Pick<DryRunRequest, "manifest" | "config" | "live">,
): ShownHeld[] {
  // A cluster that runs is not dropped because its manifest was renamed away from its team.
  const running = !["", "Invalid"].includes(live?.status?.PostgresClusterStatus ?? "");
  const held = (reason: string): ShownHeld => ({ subject: "manifest", kind: "refused", reason });
  const issues = validate(manifest, config).filter(isFatal)
    .filter(({ severity }) => severity !== "unmanaged" || !running).map((issue) =>
      held(issueText(issue))
    );
  if (issues.length > 0) return issues;
  return checkPostgresql(manifest).map(({ path, rule, expected }) =>
    held(`${path} breaks the schema (${rule}): it must be ${expected}`)
  );
}

function isFatal({ scope }: Issue): boolean {
  return scope === undefined;
}

/** The passes of a manifest that can be used, and the objects that stand in the end. */
export async function dryRunPasses(request: DryRunRequest): Promise<DryRunPasses> {
  const { config, now, signal, live } = request;
  const cluster = simulateCluster({
    clusterNameLabel: config.clusterNameLabel,
    roleLabel: config.podRoleLabel,
    origin: request.reader,
    startMs: now.getTime(),
    ...(request.stored === undefined ? {} : { stored: request.stored }),
    ...(live === undefined ? {} : { patroni: storedPatroni(request.reader, config) }),
  });
  const { ref, memory } = putManifest(cluster, request);
  const tools = toolsOf(cluster, request);
  const issues = validate(request.manifest, config)
    .filter(({ severity }) => severity !== "unmanaged");
  const plans: Plan[] = [];
  let before = "";
  for (;;) {
    const cr = structuredClone(cluster.api.find(ref)) as Postgresql;
    const cancellation = { stop: signal, abort: signal };
    const last = await reconcile(tools, { cr, issues, full: true, memory, cancellation });
    plans.push(last.plan);
    while (cluster.clock.advance());
    const steps = JSON.stringify(last.plan.steps.map(({ subject, reasons }) => [subject, reasons]));
    const acted = last.plan.steps.some(({ action }) => action.kind !== "event");
    if (!acted || steps === before || plans.length === MOST_PASSES) {
      return { plans, last, objects: cluster.api.objects(), patroni: await configOf(cluster, ref) };
    }
    before = steps;
  }
}

async function configOf({ api, patroni }: SimulatedCluster, cluster: ObjectRef) {
  const { namespace = "" } = cluster;
  const name = `${cluster.name}-0`;
  if (api.find(refTo(RESOURCES.Pod, { namespace, name })) === undefined) return undefined;
  const { signal } = new AbortController();
  // A live one that cannot be read is told by the pass itself.
  return await patroni.getConfig({ namespace, name, ip: "" }, signal).catch(() => undefined);
}

/** Puts the manifest on top of the live one, as `kubectl apply` would. */
function putManifest(
  { api }: SimulatedCluster,
  request: DryRunRequest,
): { ref: ObjectRef; memory: ClusterMemory } {
  const { manifest, live } = request;
  const memory = emptyMemory();
  const ref = refOf(manifest);
  if (live === undefined) {
    api.put(manifest);
    return { ref, memory };
  }
  const before = api.put(live);
  memory.settledGeneration = before.metadata.generation ?? 1;
  // What a running operator has seen in the manifest and may therefore take back.
  for (const name of Object.keys(live.spec.postgresql?.parameters ?? {})) {
    memory.parameters.add(name);
  }
  for (const slot of Object.keys(live.spec.patroni?.slots ?? {})) memory.slots.add(slot);
  const { labels, annotations } = manifest.metadata;
  const metadata = {
    ...before.metadata,
    ...manifest.metadata,
    labels: request.complete ? { ...labels } : { ...before.metadata.labels, ...labels },
    annotations: request.complete
      ? { ...annotations }
      : { ...before.metadata.annotations, ...annotations },
  };
  api.put({ ...before, ...manifest, metadata });
  return { ref, memory };
}

function toolsOf(
  cluster: SimulatedCluster,
  request: Pick<DryRunRequest, "config" | "inputs" | "eventStreamsSupported" | "teams">,
): PassTools {
  const { config, teams } = request;
  const { api, clock, patroni, writers } = cluster;
  return {
    config,
    kube: api.reader,
    inputs: {
      kube: request.inputs ?? api.reader,
      owned: api.reader,
      teams,
      postgresTeams: () => [],
      infrastructureRoleDefinitions: infrastructureRoleDefinitions(config),
      eventStreamsSupported: () => request.eventStreamsSupported,
    },
    patroni,
    catalog: () => Promise.resolve(undefined),
    derived: createDerivedVerifiers(),
    writers,
    clock: { now: () => new Date(clock.now()) },
    newPassword: () => new Sensitive("x".repeat(64)),
  };
}

/** No Teams API is asked, so nobody belongs to a team. */
export const NO_TEAMS: TeamReader = () => Promise.resolve(known([]));
