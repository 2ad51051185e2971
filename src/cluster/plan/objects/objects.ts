/**
 * The objects that carry no state of their own: service account, Services, Endpoints, disruption
 * budgets, backup job, and the metadata of Patroni's objects.
 *
 * Zalando: pkg/cluster/sync.go, syncServices, syncPatroniResources, syncPodDisruptionBudgets,
 * syncLogicalBackupJob
 */

import type { Endpoints, KubeObject, ServiceAccount } from "../../../kubernetes/types.gen.ts";
import { withPrimaryAddress } from "../../desired/services/endpoints.ts";
import { observedObject } from "../../observed/cluster.ts";
import { primariesOf } from "../../observed/pods.ts";
import { describeRef, type ObjectRef, refOf } from "../../../ports/requests.ts";
import { compareCronJob } from "../compare/cron_job.ts";
import type { Difference } from "../compare/difference.ts";
import { compareForeignContent } from "../compare/endpoints.ts";
import { comparePodDisruptionBudget } from "../compare/pod_disruption_budget.ts";
import { joinPlans, NOTHING, type PlanContext, step, type SubjectPlan } from "../steps/context.ts";
import { mendOf } from "../steps/mend.ts";
import { isOwn } from "../steps/ownership.ts";
import { ensureAbsent, ensureObject } from "./ensure.ts";
import { ensureService } from "./service_annotations.ts";
import { planFixedFields } from "./fixed_fields.ts";
import { mergePatch } from "../steps/merge_patch.ts";
import { clusterEvent } from "../../events.ts";

/** Annotation of the role that pods take on in AWS. */
const ROLE_ARN = "eks.amazonaws.com/role-arn";

/** Service account and role binding of the pods; shared by all clusters of a namespace. */
export function planServiceAccount(context: PlanContext): SubjectPlan {
  const { serviceAccount, roleBinding } = context.desired;
  const options = { onError: "continue" } as const;
  return joinPlans([
    ensureObject("service account", serviceAccount, context, {
      ...options,
      compare: compareServiceAccount,
    }),
    ensureObject("service account", roleBinding, context, { ...options, compare: () => [] }),
  ]);
}

/** Only the role annotation is kept; the rest of an existing account is its owner's. */
function compareServiceAccount(desired: ServiceAccount, observed: ServiceAccount): Difference[] {
  const [want, have] = [desired, observed].map(({ metadata }) => metadata.annotations?.[ROLE_ARN]);
  if (want === have) return [];
  return [{
    path: `metadata.annotations["${ROLE_ARN}"]`,
    desired: want,
    observed: have,
    effect: "patch",
  }];
}

function nameOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** Services of the primary and the replicas, and the primary's Endpoints where Patroni uses them. */
export function planServices(context: PlanContext): SubjectPlan {
  const { services, endpoints } = context.desired;
  const service = (role: "primary" | "replica") =>
    ensureService("services", services[role], context, {
      created: clusterEvent(
        "serviceCreated",
        nameOf(services[role]),
        role === "primary" ? "master" : "replica",
      ),
    });
  return joinPlans([
    ...(endpoints === undefined ? [] : [planEndpoints(context, endpoints)]),
    service("primary"),
    service("replica"),
    planFixedFields("services", Object.values(services), context),
  ]);
}

/**
 * Patroni writes the addresses; the operator makes the object and keeps its metadata. Endpoints that
 * got lost are made with the address of the running primary.
 */
function planEndpoints(context: PlanContext, endpoints: Endpoints): SubjectPlan {
  const { observed, config } = context;
  const [primary] = observed.pods.known
    ? primariesOf(observed.pods.value, config.podRoleLabel)
    : [];
  const address = primary?.status?.podIP;
  const object = address === undefined ? endpoints : withPrimaryAddress(endpoints, address);
  return ensureObject("services", object, context, {
    compare: (desired, observed) =>
      compareForeignContent(desired.metadata, observed.metadata, context.config),
    created: clusterEvent("endpointsCreated", nameOf(endpoints), "master"),
  });
}

/** Both disruption budgets. */
export function planDisruptionBudgets(context: PlanContext): SubjectPlan {
  const { primary, criticalOperation } = context.desired.disruptionBudgets;
  return joinPlans(
    [primary, criticalOperation].map((budget) =>
      ensureObject("disruption budgets", budget, context, {
        whenPatchForbidden: "recreate",
        compare: (desired, observed) =>
          comparePodDisruptionBudget(desired, observed, context.config),
      })
    ),
  );
}

/** The backup job, or that there is none. */
export function planLogicalBackup(context: PlanContext): SubjectPlan {
  const { logicalBackup } = context.desired;
  if (logicalBackup === undefined) return planAbsence(context, "logical backup", "CronJob");
  return ensureObject("logical backup", logicalBackup, context, {
    compare: (desired, observed) => compareCronJob(desired, observed, context.config),
  });
}

/** Removes objects of one kind that the manifest no longer asks for and that are this cluster's. */
export function planAbsence(
  context: PlanContext,
  subject: "logical backup" | "pooler",
  ...kinds: readonly string[]
): SubjectPlan {
  const ours = (ref: ObjectRef) => {
    const found = observedObject(context.observed.objects, ref);
    return !found.known || found.value === undefined || isOwn(found.value, context);
  };
  return joinPlans(
    context.desired.absent.filter((ref) => kinds.includes(ref.kind)).filter(ours).map((ref) =>
      ensureAbsent(subject, ref, context, {
        reason: `${describeRef(ref)} is no longer asked for`,
        propagation: ref.kind === "Deployment" ? "Foreground" : "Background",
      })
    ),
  );
}

/** Owner references and inherited annotations of the objects that Patroni makes. */
export function planPatroniObjects(context: PlanContext): SubjectPlan {
  const { refs, metadata } = context.desired.patroniObjects;
  return joinPlans(refs.map((ref) => planPatroniObject(context, ref, metadata)));
}

function planPatroniObject(
  context: PlanContext,
  ref: ObjectRef,
  metadata: KubeObject["metadata"],
): SubjectPlan {
  const observed = observedObject(context.observed.objects, ref);
  if (!observed.known || observed.value === undefined) return NOTHING;
  if (!isOwn(observed.value, context)) return NOTHING;
  const differences = compareForeignContent(metadata, observed.value.metadata, context.config);
  if (differences.length === 0) return NOTHING;
  const object = { ...observed.value, metadata };
  const request = {
    target: refOf(observed.value),
    type: "merge",
    body: mergePatch(object, observed.value, differences),
  } as const;
  const mends = mendOf(ref, metadata, observed.value, differences);
  const options = { onError: "continue", mends } as const;
  const action = { kind: "patch", request } as const;
  return { steps: [step("patroni objects", differences, action, options)], held: [] };
}
