/**
 * One pass over one cluster: read inputs, resolve, build, read state, plan, apply, report. It keeps
 * nothing but what may be lost (`memory.ts`) and never waits: what is under way shows in a later
 * pass, which an event or `requeueAfterMs` brings.
 */

import type { Postgresql } from "../../api/types.gen.ts";
import { type Issue, issueText } from "../../api/validate.ts";
import type { Node, StatefulSet } from "../../kubernetes/types.gen.ts";
import type { Config } from "../../config/config.ts";
import { type Observation, unknown } from "../../ports/observation.ts";
import type { Sensitive } from "../../lib/sensitive.ts";
import { applyPlan, type Cancellation } from "../apply/apply_plan.ts";
import type { Writers } from "../apply/perform.ts";
import { type BrakeView, noteSteps } from "./brake.ts";
import type { CatalogReader } from "./catalog_reader.ts";
import { inTime } from "./in_time.ts";
import { checkPasswords, type DerivedVerifiers } from "./passwords.ts";
import type { DesiredCluster } from "../desired/cluster.ts";
import { desiredCluster } from "../desired/desired_cluster.ts";
import { POOLER_APPLICATION } from "../desired/pooler/labels.ts";
import type { Inputs } from "../effective/inputs.ts";
import type { Notice } from "../effective/notice.ts";
import { type EffectiveSpec, resolveSpec } from "../effective/spec.ts";
import { upgradeGoal } from "../effective/version.ts";
import { type LookQuestion, needsPatroni, writablePrimary } from "./due.ts";
import { type LedgerView, recentDisruptions } from "./ledger.ts";
import type { ClusterMemory } from "./memory.ts";
import { type ObservedCluster, observedObject } from "../observed/cluster.ts";
import { archivesWal, type ObservedBackups } from "../observed/backups.ts";
import { isLeaving } from "../observed/nodes.ts";
import { podRef } from "../observed/pods.ts";
import { type InputReaders, readInputs } from "../observed/read_inputs.ts";
import { readPatroni } from "../observed/read_patroni.ts";
import { readState } from "../observed/read_state.ts";
import type { Held, Plan, Step } from "../plan/steps/action.ts";
import type { PlanContext, PlanningOperator, Source } from "../plan/steps/context.ts";
import { credentialPlan } from "../plan/credentials/credential_inputs.ts";
import { foreignRefusals } from "../plan/steps/ownership.ts";
import { independent, relies } from "../plan/plan_cluster.ts";
import { refsOf } from "../plan/refs.ts";
import { asksPatroni } from "../plan/requests/plan_requests.ts";
import { refusalsOf } from "../plan/refusals.ts";
import type { Clock, KubeReader, PatroniApi } from "../../ports/ports.ts";
import { noteWrites } from "./others.ts";
import type { Turn } from "../plan/steps/turn.ts";
import { waits } from "../plan/pods/wave.ts";
import { brakeView, planPass } from "./plan_pass.ts";
import { noteRefusals, refusalOf } from "./refused.ts";
import { causeOf } from "./causes.ts";
import { noting } from "./sources.ts";
import { remember } from "./remember.ts";
import { foreignObjectsFor, secretRivals } from "./foreign_objects.ts";
import { announceStart, announceSteps, report } from "./report.ts";
import { type PodRef, refOf } from "../../ports/requests.ts";
import type { Namespaced } from "../../ports/typed.ts";
import type { VolumeReader } from "./volume_reader.ts";
import { type Phase, phaseOf } from "../plan/steps/phase.ts";
import type { PassReport } from "./outcome.ts";

/** How long all members of a cluster, and all its databases, may keep one pass waiting. */
const PATRONI_MS = 60_000;
const CATALOG_MS = 120_000;
const ARCHIVE_MS = 60_000;
/** How long the cloud may keep one pass waiting. */
const CLOUD_MS = 60_000;

/** Asks one primary. */
export type BackupReader = (
  primary: PodRef,
  signal: AbortSignal,
) => Promise<Observation<ObservedBackups>>;

/** Everything that a pass reads with, writes with, and may not make up itself. */
export interface PassTools {
  readonly config: Config;
  readonly kube: KubeReader;
  readonly inputs: InputReaders;
  readonly patroni: PatroniApi;
  /** All nodes; absent where there are none to follow. */
  readonly nodes?: () => Observation<readonly Node[]>;
  /** Manifests of the same name in other namespaces, as far as they can be used. */
  readonly namesakes?: (of: Namespaced) => readonly Postgresql[];
  readonly catalog: CatalogReader;
  /** Absent where no cloud is asked. */
  readonly ebsVolumes?: VolumeReader;
  /** Asks a primary's pod for its backups; absent where nobody wants to know. */
  readonly backups?: BackupReader;
  readonly derived: DerivedVerifiers;
  readonly writers: Writers;
  readonly clock: Clock;
  readonly newPassword: () => Sensitive;
  /** Lets clusters restart a few at a time; absent where they need not wait for each other. */
  readonly waves?: WaveGate;
  /** Who this is; absent where nobody asks why. */
  readonly operator?: PlanningOperator;
  /** Another operator looks after the clusters: plans are made, and nothing is done. */
  readonly shadow?: true;
}

/** Whose turn it is to restart pods for what no manifest asked. */
export interface WaveGate {
  turnOf(key: string): Turn;
  /** The cluster begins. */
  begin(key: string): void;
}

export interface PassRequest {
  readonly cr: Postgresql;
  /** What is wrong with the manifest itself: with any of them nothing is touched. */
  readonly issues: readonly Issue[];
  /** A periodic pass, which also asks Patroni and the databases. */
  readonly full: boolean;
  readonly memory: ClusterMemory;
  readonly cancellation: Cancellation;
  /** False once another operator has taken over: nothing is written any more. */
  readonly isOurs?: () => boolean;
  /** Told as soon as there is a plan, before anything is done. */
  readonly planned?: (context: PlanContext, plan: Plan) => void;
}

/** Makes one pass. Throws only for faults of the operator itself. */
export async function reconcile(tools: PassTools, request: PassRequest): Promise<PassReport> {
  const { cr, memory, issues } = request;
  const { PostgresClusterStatus: word = "" } = cr.status ?? {};
  if (word === "" || word === "Invalid") memory.newSince = cr.metadata.generation ?? 1;
  const fatal = issues.filter(({ scope }) => scope === undefined);
  if (fatal.length > 0) {
    const plan = refusedPlan(cr, fatal);
    const phase = phaseOf(cr, memory.settledGeneration, memory.settledManifest);
    if (tools.shadow) return onlyPlanned(plan, phase);
    return { plan, outcomes: [], ...await report(tools, request, { phase, plan, outcomes: [] }) };
  }
  const { context: found, notices } = await gather(tools, request, issues);
  const context = inTurn(tools, found);
  const view = brakeView(memory.brake, context);
  takeUpLedger(memory, cr, view);
  const plan = planPass(context, view);
  if (waits(plan.steps, context)) tools.waves?.begin(plan.key);
  const { phase } = context;
  request.planned?.(context, plan);
  if (tools.shadow) return onlyPlanned(plan, phase);
  const ledger = ledgerView(context, view, memory);
  const begun = { phase, plan, outcomes: [], context, ledger };
  await announceStart(tools, request, begun);
  const doable = await announceSteps(tools, request, begun);
  const refused = (step: Step) => refusalOf(memory.refused, step, view.nowMs);
  const rules = { refused, relies, together: independent };
  const outcomes = await applyPlan(doable, tools.writers, cr, request.cancellation, rules);
  noteRefusals(memory.refused, outcomes, view.nowMs);
  remember(memory, context, { plan: doable, outcomes });
  noteSteps(memory.brake, outcomes, view);
  noteWrites(memory.writes, doable, outcomes, view.nowMs);
  const done = { phase, plan: doable, outcomes, context, notices, ledger };
  const status = await report(tools, request, done);
  return { plan: doable, outcomes, ...status };
}

/** Asks for the cluster's turn; it is taken without a pause in which another could. */
function inTurn({ waves }: PassTools, context: PlanContext): PlanContext {
  if (waves === undefined) return context;
  const { namespace, name } = context.effective.identity;
  return { ...context, turn: waves.turnOf(`${namespace}/${name}`) };
}

function onlyPlanned(plan: Plan, phase: Phase): PassReport {
  return { plan, outcomes: [], phase, settled: plan.steps.length === 0, failure: undefined };
}

function ledgerView(
  context: PlanContext,
  view: BrakeView,
  { settledInputs }: ClusterMemory,
): LedgerView {
  const { observed: { pods }, now } = context;
  return {
    now,
    causeOf: (step) => causeOf(step, context, settledInputs),
    pods: pods.known ? pods.value : [],
    get wish() {
      return view.wish;
    },
  };
}

/** A process that is new counts what the one before it has restarted within the hour. */
function takeUpLedger(memory: ClusterMemory, { status }: Postgresql, view: BrakeView): void {
  if (memory.ledger !== undefined || status?.restarts === undefined) return;
  memory.ledger = status.restarts;
  memory.brake.disruptions = recentDisruptions(status.restarts, view.wish);
}

function refusedPlan(cr: Postgresql, issues: readonly Issue[]): Plan {
  const { namespace = "", name = "", generation = 0 } = cr.metadata;
  const held = issues.map(({ path, message, ...rest }) => ({
    subject: "manifest" as const,
    kind: "refused" as const,
    reason: issueText({ path, message, ...rest }),
  }));
  return { key: `${namespace}/${name}`, generation, steps: [], held };
}

/** Reads, resolves and builds: everything that a plan is made of. */
export async function gather(
  tools: PassTools,
  request: Pick<PassRequest, "cr" | "memory" | "full" | "cancellation">,
  manifestIssues: readonly Issue[] = [],
): Promise<{ context: PlanContext; notices: readonly Notice[] }> {
  const { cr, memory } = request;
  const { config, clock } = tools;
  const signal = request.cancellation.abort;
  const now = clock.now();
  const sources: Source[] = [];
  const readers = { ...tools.inputs, kube: noting(tools.inputs.kube, sources) };
  const inputs = await readInputs(readers, cr, config, signal);
  const { spec, notices, issues, unknowns } = resolveSpec(cr, config, inputs, now);
  const desired = desiredCluster(spec, config);
  const observed = await readCluster(tools, { ...request, desired, effective: spec, now });
  const claimant = { cr, config, effective: spec, desired, observed };
  const foreignObjects = await foreignObjectsFor(tools, claimant, signal);
  const refused = foreignRefusals(claimant, foreignObjects);
  const phase = refused.everything
    ? phaseOf(cr, memory.settledGeneration)
    : phaseOfCluster(cr, memory, observed, desired);
  const base = {
    cr,
    config,
    effective: spec,
    desired,
    observed,
    memory,
    secretRivals: await secretRivals(tools, claimant, signal),
    foreignObjects,
    nothingPossible: refused.everything,
    refusals: [
      ...refusalsOf({ manifest: manifestIssues, issues, unknowns }),
      ...refused.held,
      ...unreadTeams(inputs, phase, { cr, memory }),
    ],
    phase,
    sources: sources.sort((a, b) => a.object < b.object ? -1 : 1),
    operator: tools.operator ?? { version: "" },
    now,
  };
  const made: Sensitive[] = [];
  const newPassword = () => {
    const password = tools.newPassword();
    made.push(password);
    return password;
  };
  const credentials = credentialPlan({ ...base, newPassword });
  const asked = { ...base, credentials, newPassword: tools.newPassword, newPasswords: made };
  const passwords = await checkPasswords(asked, tools.derived, { signal });
  return { context: { ...asked, passwords }, notices };
}

/** A manifest without a status whose pods are there already was not created by this operator. */
function phaseOfCluster(
  cr: Postgresql,
  memory: ClusterMemory,
  { objects }: ObservedCluster,
  desired: DesiredCluster,
): Phase {
  const set = observedObject(objects, refOf(desired.statefulSet));
  const unmarked = (cr.status?.PostgresClusterStatus ?? "") === "";
  const found = unmarked && memory.settledGeneration === undefined;
  return found && set.known && set.value
    ? "sync"
    : phaseOf(cr, memory.settledGeneration, memory.settledManifest);
}

/**
 * A new cluster waits for its teams; one that runs, or whose manifest somebody changed since, only
 * goes without their roles for a while.
 */
function unreadTeams(
  { teams }: Inputs,
  phase: Phase,
  { cr, memory }: Pick<PassRequest, "cr" | "memory">,
): Held[] {
  const changed = (cr.metadata.generation ?? 1) > (memory.newSince ?? 1);
  if (teams.known || phase !== "creation" || changed) return [];
  return [{ subject: "credentials", kind: "unreadable", reason: teams.reason }];
}

interface ReadRequest extends Pick<PassRequest, "cr" | "memory" | "full" | "cancellation"> {
  readonly desired: DesiredCluster;
  readonly effective: EffectiveSpec;
  readonly now: Date;
}

async function readCluster(tools: PassTools, request: ReadRequest): Promise<ObservedCluster> {
  const { cr, desired, effective, memory, full } = request;
  const { config } = tools;
  const signal = request.cancellation.abort;
  const { namespace = "", name = "" } = cr.metadata;
  const base = { ...config.clusterLabels, [config.clusterNameLabel]: name };
  const streams = tools.inputs.eventStreamsSupported();
  const state = await readState(tools.kube, {
    namespace,
    cluster: name,
    refs: refsOf(desired),
    labels: base,
    poolerLabels: { ...base, ...POOLER_APPLICATION },
    eventStreams: streams.known && streams.value,
  }, signal);
  const set = observedObject<StatefulSet>(state.objects, refOf(desired.statefulSet));
  const nodes = tools.nodes?.();
  const question: LookQuestion = {
    desired,
    pods: state.pods.known ? state.pods.value : [],
    statefulSet: set.known ? set.value : undefined,
    memory,
    roleLabel: config.podRoleLabel,
    full,
    nowMs: request.now.getTime(),
    upgradeGoal: upgradeGoal(effective, config),
    asked: asksPatroni({ effective, cr, memory }),
    leavingNodes: leavingNodes(nodes, config),
  };
  const [patroni, catalog, ebsVolumes, backups] = await Promise.all([
    needsPatroni(question)
      ? inTime(
        { ms: PATRONI_MS, what: "Patroni", signal },
        (signal) => readPatroni(tools.patroni, question.pods, config.podRoleLabel, signal),
      )
      : undefined,
    inTime(
      { ms: CATALOG_MS, what: "the databases", signal },
      (signal) =>
        tools.catalog({ ...question, ...state, pods: question.pods, config, effective }, signal),
    ),
    inTime(
      { ms: CLOUD_MS, what: "AWS", signal },
      async (signal) =>
        await tools.ebsVolumes?.({ ...state, config, effective, memory, full }, signal),
    ),
    inTime({ ms: ARCHIVE_MS, what: "the archive", signal }, askArchive(tools, question)),
  ]);
  return { ...state, nodes, patroni, catalog, ebsVolumes, backups };
}

/** Only at periodic looks, and only where pods are wanted that archive something. */
function askArchive(
  { backups }: PassTools,
  { full, statefulSet, pods, roleLabel, desired }: LookQuestion,
): (signal: AbortSignal) => Promise<ObservedCluster["backups"]> {
  const primary = writablePrimary(pods, roleLabel);
  const sleeps = desired.statefulSet.spec?.replicas === 0;
  const asks = full && !sleeps && statefulSet !== undefined && archivesWal(statefulSet);
  if (backups === undefined || !asks) return () => Promise.resolve(undefined);
  if (primary === undefined) {
    return () => Promise.resolve(unknown("there is no primary that could be asked for backups"));
  }
  return (signal) => backups(podRef(primary), signal);
}

function leavingNodes(
  nodes: Observation<readonly Node[]> | undefined,
  { nodeReadinessLabel }: Config,
): ReadonlySet<string> {
  const leaving = nodes?.known
    ? nodes.value.filter((node) => isLeaving(node, nodeReadinessLabel))
    : [];
  return new Set(leaving.map(({ metadata }) => metadata.name ?? ""));
}
