/**
 * One pass over one cluster, whatever it needs: its deletion, the word that its manifest cannot be
 * taken on, or bringing it to what the manifest asks for.
 */

import type { Postgresql } from "../../api/types.gen.ts";
import { type Issue, issueText, validate } from "../../api/validate.ts";
import type { Logger } from "../../log/logger.ts";
import { typedWriter } from "../../ports/client.gen.ts";
import type { Cancellation } from "../apply/apply_plan.ts";
import { clusterEvent } from "../events.ts";
import type { Plan } from "../plan/steps/action.ts";
import type { PlanContext } from "../plan/steps/context.ts";
import { continueDeletion, type DeletableCluster, type DeletionPorts } from "./delete.ts";
import { liveManifest } from "./live_manifest.ts";
import type { PassOutcome } from "./outcome.ts";
import { reconcile } from "./reconcile.ts";
import { invalidStatus, statusDiffers } from "./status.ts";

export interface PassAttempt {
  /** Noted in it: the manifest that was seen, and what was learned. */
  readonly cluster: DeletableCluster;
  /** Also ask Patroni and the databases, whether or not something has changed. */
  readonly full: boolean;
  readonly log: Logger;
  readonly cancellation: Cancellation;
  /** False once another operator has taken over: nothing is written any more. */
  readonly isOurs: () => boolean;
  /** Called as soon as there is a plan, before anything is done. */
  readonly planned: (cr: Postgresql, context: PlanContext, plan: Plan) => void;
}

/** Makes one pass. Throws where the manifest cannot be read, and for faults of the operator. */
export async function makePass(ports: DeletionPorts, attempt: PassAttempt): Promise<PassOutcome> {
  const { cluster, log, cancellation, isOurs } = attempt;
  if (ports.tools.shadow) return await watchOnly(ports, attempt);
  const deletion = await continueDeletion(ports, { cluster, log, cancellation });
  if (!isOurs()) return { kind: "left" };
  if (deletion.kind !== "manifest") {
    const { kind, ...record } = deletion;
    return { kind: kind === "gone" ? "gone" : "deleting", ...record };
  }
  const { cr } = deletion;
  cluster.cr = cr;
  const found = validate(cr, ports.config);
  const unmanaged = found.filter(({ severity }) => severity === "unmanaged");
  // A cluster that runs is not dropped because its manifest was renamed away from its team.
  const running = !["", "Invalid"].includes(cr.status?.PostgresClusterStatus ?? "");
  if (unmanaged.length > 0 && !running) {
    await markInvalid(ports, attempt, cr, unmanaged);
    return { kind: "unmanaged" };
  }
  const issues = found.filter(({ severity }) => severity !== "unmanaged");
  const { memory } = cluster;
  const report = await reconcile(ports.tools, {
    cr,
    issues,
    memory,
    full: attempt.full,
    cancellation,
    isOurs,
    planned: (context, plan) => {
      if (isOurs()) attempt.planned(cr, context, plan);
    },
  });
  return isOurs() ? { kind: "reconciled", report } : { kind: "left" };
}

/** In shadow mode: a plan of a manifest that is there; deletions are the other operator's. */
async function watchOnly(
  ports: DeletionPorts,
  { cluster, full, cancellation, planned }: PassAttempt,
): Promise<PassOutcome> {
  const cr = await liveManifest(ports, cluster.key, cancellation.abort);
  if (cr === undefined || cr.metadata.deletionTimestamp !== undefined) return { kind: "gone" };
  cluster.cr = cr;
  const issues = validate(cr, ports.config).filter(({ severity }) => severity !== "unmanaged");
  const report = await reconcile(ports.tools, {
    cr,
    issues,
    memory: cluster.memory,
    full,
    cancellation,
    planned: (context, plan) => planned(cr, context, plan),
  });
  return { kind: "reconciled", report };
}

/** Says in status and Event that this operator may not take the cluster on. */
async function markInvalid(
  { tools }: DeletionPorts,
  { log, cancellation }: PassAttempt,
  cr: Postgresql,
  issues: readonly Issue[],
): Promise<void> {
  const { name = "", namespace = "" } = cr.metadata;
  const message = issues.map(issueText).join("; ");
  const status = invalidStatus(cr, message, tools.clock.now());
  if (!statusDiffers(cr.status, status)) return;
  log.warn(message);
  tools.writers.events.emit(cr, clusterEvent("manifestRefused", message));
  const body = { status };
  const patch = { type: "merge", subresource: "status", body } as const;
  const { postgresqls } = typedWriter(tools.writers.kube);
  await postgresqls.patch({ namespace, name }, patch, cancellation.abort);
}
