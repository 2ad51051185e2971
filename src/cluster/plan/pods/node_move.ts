/**
 * Takes the primary off a node that is being drained: by a switchover to a replica elsewhere, after
 * moving one away where all are on such nodes; a single pod is recreated. What is done follows from
 * where pods and nodes are now, so that a drain that is called off ends it too.
 *
 * Zalando: pkg/controller/node.go, moveMasterPodsOffNode; pkg/cluster/pod.go, MigrateMasterPod
 */

import type { Node, Pod } from "../../../kubernetes/types.gen.ts";
import { isInService, isLeaving } from "../../observed/nodes.ts";
import { podRef, primariesOf } from "../../observed/pods.ts";
import { heldPlan, NOTHING, type PlanContext, type SubjectPlan } from "../steps/context.ts";
import { recreatePod } from "./recreate_pod.ts";
import { standstill } from "./standstill.ts";
import { switchoverSteps } from "./switchover.ts";
import { takeoverFrom } from "./takeover.ts";

const SUBJECT = "node move";

/** How soon to look again while nobody can take over. */
const RECHECK_MS = 60_000;
/** How long Patroni may take to carry out a switchover that is due. */
const PATIENCE_MS = 60_000;

/** Plans the next step away from a node that is being drained. */
export function planNodeMove(context: PlanContext): SubjectPlan {
  const { nodes, pods } = context.observed;
  if (!pods.known || !nodes?.known) return NOTHING;
  const [primary] = primariesOf(pods.value, context.config.podRoleLabel);
  if (primary === undefined) return NOTHING;
  const { nodeReadinessLabel } = context.config;
  const node = nodeOf(primary, nodes.value);
  if (node === undefined || !isLeaving(node, nodeReadinessLabel)) return NOTHING;
  const still = standstill(context, SUBJECT);
  if (still !== undefined) return still;
  const why = `node ${node.metadata.name} is being drained`;
  const lasting = nodes.value.filter((one) => isInService(one, nodeReadinessLabel));
  if (lasting.length === 0) return postponed(`${why}, and there is no other to move to`);
  const replicas = pods.value.filter((pod) => pod !== primary);
  if (replicas.length === 0) return recreation(context, primary, `${why}, it is the only pod`);
  return moveOver(context, { primary, replicas, lasting, why });
}

function nodeOf(pod: Pod, nodes: readonly Node[]): Node | undefined {
  return nodes.find(({ metadata }) => metadata.name === pod.spec?.nodeName);
}

function postponed(reason: string): SubjectPlan {
  return { ...heldPlan(SUBJECT, "postponed", reason), requeueAfterMs: RECHECK_MS };
}

interface Move {
  readonly primary: Pod;
  readonly replicas: readonly Pod[];
  readonly lasting: readonly Node[];
  readonly why: string;
}

function moveOver(context: PlanContext, move: Move): SubjectPlan {
  const { primary, replicas, lasting, why } = move;
  const elsewhere = replicas.filter((pod) => nodeOf(pod, lasting) !== undefined);
  const found = takeoverFrom(context, primary, elsewhere);
  if (found.kind === "candidate") return handOver(context, { primary, candidate: found.pod, why });
  if (found.kind === "unreadable") return postponed(`${why}: ${found.reason}`);
  const first = takeoverFrom(context, primary, replicas);
  if (first.kind !== "candidate") return postponed(`${why}, but ${first.reason}`);
  return recreation(context, first.pod, `${why}, and it is on such a node too`);
}

/** Recreates a pod, once a pod and node: it may be bound to where it is. */
function recreation(context: PlanContext, pod: Pod, why: string): SubjectPlan {
  if (context.memory.movedOff.has(moveKey(pod))) {
    return postponed(`${pod.metadata.name} was recreated but stays on ${pod.spec?.nodeName}`);
  }
  return recreatePod(SUBJECT, pod, why);
}

/** Names a pod on its node. */
export function moveKey({ metadata, spec }: Pod): string {
  return `${metadata.name} on ${spec?.nodeName}`;
}

/** Switches over now, or has Patroni do it when the next window opens. */
function handOver(
  context: PlanContext,
  { primary, candidate, why }: {
    readonly primary: Pod;
    readonly candidate: Pod;
    readonly why: string;
  },
): SubjectPlan {
  const { now, effective, memory, config } = context;
  const { window, nextStart } = effective.maintenance;
  const leader = podRef(primary);
  const scheduled = memory.scheduledMove;
  const due = scheduled?.leader === leader.name &&
    now.getTime() < scheduled.atMs + PATIENCE_MS;
  if (due) {
    const at = new Date(scheduled.atMs).toISOString();
    return postponed(`${why}, a switchover is scheduled at ${at}`);
  }
  const target = candidate.metadata.name ?? "";
  const at = window === "closed" && nextStart !== undefined ? patroniTime(nextStart) : "";
  return {
    steps: switchoverSteps(SUBJECT, leader, target, [why], at),
    held: [],
    requeueAfterMs: config.patroniApiCheckIntervalMs,
  };
}

/** As Patroni takes times: `2026-01-05T12:00+00`. */
function patroniTime(at: Date): string {
  return `${at.toISOString().slice(0, 16)}+00`;
}
