/**
 * The wish for a StatefulSet in short, as a label on it: what it was last written for. With it a
 * pass knows, also after a restart of the operator, whether a difference is a new wish or somebody's
 * doing: pods are restarted and a StatefulSet is recreated once for one wish. The label goes along
 * with writes that are made anyway; without it (a cluster just taken over) every difference counts.
 * Labels of a StatefulSet are compared by neither operator, so it costs nothing on the way back.
 */

import type { StatefulSet, StatefulSetSpec } from "../../../kubernetes/types.gen.ts";
import type { Difference } from "../compare/difference.ts";
import { rollingParts } from "../compare/pod_template.ts";
import { hashOf } from "../steps/mend.ts";

export const WISH_LABEL = "acid.zalan.do/wish";

const HASH_LENGTH = 16;

/** Hashes of what a StatefulSet should be. */
export interface Wish {
  /** Of what pods are restarted for. */
  readonly pods: string;
  /** Of everything but the number of replicas. */
  readonly all: string;
}

/** The wish for a StatefulSet. With lazy upgrades the image restarts no pod. */
export function wishFor(desired: StatefulSet, lazyImages: boolean): Wish {
  const { replicas: _, ...spec } = desired.spec ?? {};
  const { labels, annotations, ownerReferences } = desired.metadata;
  const template = desired.spec?.template;
  const parts = rollingParts(template?.spec ?? { containers: [] }, lazyImages);
  return {
    pods: short([template?.metadata?.labels, parts]),
    all: short([labels, annotations, ownerReferences, spec]),
  };
}

function short(value: unknown): string {
  return hashOf(value).replace(/[^A-Za-z0-9]/g, "").slice(0, HASH_LENGTH);
}

/** The wish that a StatefulSet was last written for; undefined where nobody noted it. */
export function notedWish(observed: StatefulSet): Wish | undefined {
  const [pods, all] = (observed.metadata.labels?.[WISH_LABEL] ?? "").split(".");
  return pods === undefined || all === undefined ? undefined : { pods, all };
}

/** The StatefulSet with its wish on it. */
export function withWish(desired: StatefulSet, { pods, all }: Wish): StatefulSet {
  const labels = { ...desired.metadata.labels, [WISH_LABEL]: `${pods}.${all}` };
  return { ...desired, metadata: { ...desired.metadata, labels } };
}

/** What Kubernetes lets nobody change in a StatefulSet. */
const FIXED = ["volumeClaimTemplates", "selector", "serviceName", "podManagementPolicy"];

function isFixed(path: string): boolean {
  return FIXED.some((field) => path.startsWith(`spec.${field}`));
}

/** The part of a StatefulSet's spec that can be changed in place. */
export function changeable({ spec }: StatefulSet): Partial<StatefulSetSpec> {
  return Object.fromEntries(Object.entries(spec ?? {}).filter(([key]) => !FIXED.includes(key)));
}

/** The differences of a StatefulSet by what may be done about them. */
export interface Judged {
  readonly mended: readonly Difference[];
  /** Cannot be set back without a recreation, which this wish has had. */
  readonly left: readonly Difference[];
}

/** A wish, and what was found where it should be. */
export interface Judgement {
  readonly wish: Wish;
  /** What the StatefulSet was last written for. */
  readonly noted: Wish | undefined;
  /** True for what another controller has added by a request of its own. */
  readonly isAdded: (difference: Difference) => boolean;
}

/**
 * What a wish still allows: where it has been carried out already, a difference is somebody else's
 * doing, and so is at any time what others have added. It is set back in place, where that can be, and
 * restarts nothing: running pods never had it.
 */
export function judge(
  differences: readonly Difference[],
  { wish, noted, isAdded }: Judgement,
): Judged {
  const left: Difference[] = [];
  const mended = differences.flatMap((difference): Difference[] => {
    const { effect, path } = difference;
    const added = isAdded(difference);
    if (effect === "rollout") return added || wish.pods === noted?.pods ? [] : [difference];
    if (effect !== "recreate" || (wish.all !== noted?.all && !added)) return [difference];
    if (!isFixed(path)) return [{ ...difference, effect: "patch" }];
    left.push(difference);
    return [];
  });
  return { mended, left };
}
