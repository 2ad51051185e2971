/**
 * What differs between the StatefulSet that should be and the one that is, and what each difference
 * costs: a patch, a new StatefulSet around running pods, or new pods.
 *
 * The effects are those of Zalando's operator, so that a change costs a cluster the same as before:
 * pkg/cluster/cluster.go, compareStatefulSetWith. Fields that it forgets (contents of tolerations
 * and volumes, commands, the scheduler) are compared here.
 */

import type { PersistentVolumeClaim, StatefulSet } from "../../../kubernetes/types.gen.ts";
import { withClaimDefaults } from "./pod_defaults.ts";
import type { Difference, DifferenceEffect } from "./difference.ts";
import { elementPath } from "./difference.ts";
import { withoutIgnored } from "./ignored.ts";
import { compareOwners } from "./metadata.ts";
import { podMismatches } from "./pod_template.ts";
import { mismatches } from "./structure.ts";
import type { Mismatch } from "./difference.ts";
import { ownValue } from "../../../lib/own_value.ts";

/** Annotation of the API server's own tools that says when pods were restarted by hand. */
const FOREIGN_ANNOTATIONS = ["kubectl.kubernetes.io/"];

export interface StatefulSetRules {
  /**
   * `triggers` leaves out what Zalando's operator never compares: on a cluster that it has run, such
   * a difference may be years old, and nobody who lets another operator take over expects a restart
   * for it. `everything` counts once the manifest changes.
   */
  readonly scope: "everything" | "triggers";
  /** With lazy upgrade a new Spilo image waits for the next restart of a pod. */
  readonly lazyImageUpgrade: boolean;
  readonly ignoredAnnotations: readonly string[];
  /** True for annotations of the StatefulSet itself that the operator passes on. */
  readonly managesAnnotation: (key: string) => boolean;
}

/** Pod fields whose change also needs the StatefulSet to be recreated, as Zalando does. */
const REPLACING_POD_FIELDS =
  /\.(serviceAccountName|terminationGracePeriodSeconds|affinity|topologySpreadConstraints|tolerations|securityContext|priorityClassName)\b/;

/** What Zalando's operator does not compare, by path; of lists it compares the length. */
const FORGOTTEN =
  /^metadata\.labels|\.spec\.schedulerName|\]\.(command|args|lifecycle|workingDir|imagePullPolicy|startupProbe)\b/;
const FORGOTTEN_CONTENTS = [".tolerations", ".volumes"];

/** Every difference, StatefulSet fields first. */
export function compareStatefulSet(
  wanted: StatefulSet,
  observed: StatefulSet,
  rules: StatefulSetRules,
): Difference[] {
  const desired = withoutIgnored(wanted, observed, rules.ignoredAnnotations);
  const found = [
    ...compareSetItself(desired, observed, rules),
    ...compareClaims(desired, observed),
    ...compareTemplateMetadata(desired, observed),
    ...comparePods(desired, observed, rules),
  ];
  if (rules.scope === "everything") return found;
  return found.filter(({ path }) => !FORGOTTEN.test(path) && !isContent(path, desired, observed));
}

/** True for a path into a list of pods' fields that has as many elements as it should. */
function isContent(path: string, desired: StatefulSet, observed: StatefulSet): boolean {
  const [want, have] = [desired.spec?.template?.spec, observed.spec?.template?.spec];
  return FORGOTTEN_CONTENTS.some((list) => {
    if (!path.startsWith(`spec.template.spec${list}`)) return false;
    const field = list.slice(1) as "tolerations" | "volumes";
    return (want?.[field]?.length ?? 0) === (have?.[field]?.length ?? 0);
  });
}

function differences(found: readonly Mismatch[], ...effects: DifferenceEffect[]): Difference[] {
  return found.flatMap((mismatch) => effects.map((effect) => ({ ...mismatch, effect })));
}

function compareSetItself(
  desired: StatefulSet,
  observed: StatefulSet,
  rules: StatefulSetRules,
): Difference[] {
  const [want, have] = [desired.spec, observed.spec];
  const retention = { whenDeleted: "Retain", whenScaled: "Retain" };
  return [
    ...differences(mismatches("spec.replicas", want?.replicas, have?.replicas), "patch"),
    ...compareOwners(desired.metadata, observed.metadata, "recreate"),
    ...differences(
      annotationMismatches(
        "metadata.annotations",
        desired.metadata.annotations,
        observed.metadata.annotations,
        rules.managesAnnotation,
      ),
      "recreate",
    ),
    ...differences(labelMismatches(desired, observed), "patch"),
    ...differences(
      mismatches(
        "spec.podManagementPolicy",
        want?.podManagementPolicy,
        have?.podManagementPolicy ?? "OrderedReady",
      ),
      "recreate",
    ),
    ...differences(
      mismatches(
        "spec.persistentVolumeClaimRetentionPolicy",
        { ...retention, ...want?.persistentVolumeClaimRetentionPolicy },
        { ...retention, ...have?.persistentVolumeClaimRetentionPolicy },
      ),
      "recreate",
    ),
    ...differences(
      mismatches("spec.selector", want?.selector, have?.selector),
      "recreate",
    ),
    ...differences(
      mismatches("spec.serviceName", want?.serviceName, have?.serviceName),
      "recreate",
    ),
    ...differences(
      mismatches(
        "spec.updateStrategy.type",
        want?.updateStrategy?.type,
        have?.updateStrategy?.type,
      ),
      "patch",
    ),
  ];
}

/** Labels that should be there; others on the object are somebody else's. */
function labelMismatches(desired: StatefulSet, observed: StatefulSet): Mismatch[] {
  const have = observed.metadata.labels ?? {};
  const shared = Object.fromEntries(
    Object.keys(desired.metadata.labels ?? {}).map((key) => [key, ownValue(have, key)]),
  );
  return mismatches("metadata.labels", desired.metadata.labels, shared);
}

/** Wanted annotations that differ, and unwanted ones among those that `managed` tells are ours. */
function annotationMismatches(
  path: string,
  desired: Record<string, string> | undefined,
  observed: Record<string, string> | undefined,
  managed: (key: string) => boolean,
): Mismatch[] {
  const have = Object.fromEntries(
    Object.entries(observed ?? {}).filter(([key]) =>
      Object.hasOwn(desired ?? {}, key) || managed(key)
    ),
  );
  return mismatches(path, desired, have);
}

/** Claim templates by name. */
function compareClaims(desired: StatefulSet, observed: StatefulSet): Difference[] {
  const path = "spec.volumeClaimTemplates";
  const want = desired.spec?.volumeClaimTemplates ?? [];
  const have = observed.spec?.volumeClaimTemplates ?? [];
  const nameOf = ({ metadata }: PersistentVolumeClaim) => metadata.name ?? "";
  const extra = have.filter((claim) => !want.some((one) => nameOf(one) === nameOf(claim)));
  return [
    ...want.flatMap((claim) => {
      const found = have.find((one) => nameOf(one) === nameOf(claim));
      return differences(claimMismatches(path, claim, found), "recreate");
    }),
    ...differences(
      extra.map((claim) => ({
        path: elementPath(path, nameOf(claim)),
        desired: undefined,
        observed: nameOf(claim),
      })),
      "recreate",
    ),
  ];
}

function claimMismatches(
  path: string,
  desired: PersistentVolumeClaim,
  observed: PersistentVolumeClaim | undefined,
): Mismatch[] {
  const at = elementPath(path, desired.metadata.name ?? "");
  const relevant = (claim: PersistentVolumeClaim | undefined) => ({
    metadata: { name: claim?.metadata.name, annotations: claim?.metadata.annotations },
    spec: withClaimDefaults(claim?.spec ?? {}),
  });
  return mismatches(at, relevant(desired), relevant(observed));
}

function compareTemplateMetadata(desired: StatefulSet, observed: StatefulSet): Difference[] {
  const [want, have] = [desired.spec?.template?.metadata, observed.spec?.template?.metadata];
  const path = "spec.template.metadata";
  const ours = (key: string) => !FOREIGN_ANNOTATIONS.some((prefix) => key.startsWith(prefix));
  return [
    ...differences(
      mismatches(`${path}.labels`, want?.labels, have?.labels),
      "recreate",
      "rollout",
    ),
    ...differences(
      annotationMismatches(`${path}.annotations`, want?.annotations, have?.annotations, ours),
      "recreate",
    ),
  ];
}

function comparePods(
  desired: StatefulSet,
  observed: StatefulSet,
  rules: StatefulSetRules,
): Difference[] {
  const [want, have] = [desired.spec?.template?.spec, observed.spec?.template?.spec];
  if (want === undefined || have === undefined) return [];
  const found = podMismatches("spec.template.spec", want, have);
  const volumes = found.pod.filter(({ path }) => path.includes(".volumes"));
  const others = found.pod.filter(({ path }) => !path.includes(".volumes"));
  return [
    ...differences(found.containers, "patch", "rollout"),
    ...(rules.lazyImageUpgrade
      ? differences(found.images, "recreate")
      : differences(found.images, "patch", "rollout")),
    ...others.flatMap((mismatch) =>
      REPLACING_POD_FIELDS.test(mismatch.path)
        ? differences([mismatch], "recreate", "rollout")
        : differences([mismatch], "patch", "rollout")
    ),
    ...volumeDifferences(volumes, want.volumes?.length ?? 0, have.volumes?.length ?? 0),
  ];
}

/** A volume that comes or goes brings a mount with it, which rolls; changed contents roll by themselves. */
function volumeDifferences(found: readonly Mismatch[], want: number, have: number): Difference[] {
  return want === have ? differences(found, "patch", "rollout") : differences(found, "recreate");
}
