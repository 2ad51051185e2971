/**
 * A Service as it is built, and without the annotations that nobody asks for any more.
 *
 * Whose an annotation is cannot be seen: policies add some to our own requests, and count as us in
 * `managedFields`. So a label notes which keys we wrote, as short hashes, along with a write that is
 * made anyway; a Service that was taken over has none until then. Neither operator compares labels
 * that it does not set.
 *
 * Zalando: pkg/cluster/resources.go, updateService
 */

import { createHash } from "node:crypto";
import type { ObjectMeta, Service } from "../../../kubernetes/types.gen.ts";
import type { Subject } from "../../subject.ts";
import { compareService } from "../compare/service.ts";
import { type Difference, fieldPath } from "../compare/difference.ts";
import type { PlanContext, SubjectPlan } from "../steps/context.ts";
import { ensureObject, type EnsureOptions } from "./ensure.ts";

/** The note: hashes with dots between them. */
export const ANNOTATIONS_LABEL = "acid.zalan.do/annotations";

const HASH_LENGTH = 6;
/** A label's value has at most 63 characters; further keys stay with the Service. */
const MOST_KEYS = 9;

/** Plans one Service of `subject`. */
export function ensureService(
  subject: Subject,
  service: Service,
  context: PlanContext,
  options: Omit<EnsureOptions<Service>, "compare"> = {},
): SubjectPlan {
  const { config } = context;
  const ignored = config.ignoredAnnotations;
  return ensureObject(subject, withNote(service, ignored), context, {
    ...options,
    compare(desired, observed) {
      const bare = withoutNote(desired);
      const found = compareService(bare, observed, config);
      const seen = new Set(found.map(({ path }) => path));
      const stale = staleAnnotations(bare.metadata, observed.metadata, ignored)
        .filter(({ path }) => !seen.has(path));
      const all = [...found, ...stale];
      return all.length === 0 ? [] : [...all, ...noteDifference(desired, observed)];
    },
  });
}

/** Annotations that we wrote and that should not be there. */
function staleAnnotations(
  desired: ObjectMeta,
  observed: ObjectMeta,
  ignored: readonly string[],
): Difference[] {
  const written = new Set((observed.labels?.[ANNOTATIONS_LABEL] ?? "").split("."));
  return Object.entries(observed.annotations ?? {})
    .filter(([key]) =>
      !Object.hasOwn(desired.annotations ?? {}, key) && !ignored.includes(key) &&
      written.has(hashOf(key))
    )
    .map(([key, value]) => ({
      path: fieldPath("metadata.annotations", key),
      desired: undefined,
      observed: value,
      effect: "patch",
    }));
}

function noteDifference(desired: Service, observed: Service): Difference[] {
  const [want, have] = [desired, observed].map(({ metadata }) =>
    metadata.labels?.[ANNOTATIONS_LABEL]
  );
  if (want === have) return [];
  const path = fieldPath("metadata.labels", ANNOTATIONS_LABEL);
  return [{ path, desired: want, observed: have, effect: "patch" }];
}

function withNote(service: Service, ignored: readonly string[]): Service {
  const keys = Object.keys(service.metadata.annotations ?? {}).filter((key) =>
    !ignored.includes(key)
  );
  if (keys.length === 0) return service;
  const note = keys.sort().slice(0, MOST_KEYS).map(hashOf).join(".");
  const labels = { ...service.metadata.labels, [ANNOTATIONS_LABEL]: note };
  return { ...service, metadata: { ...service.metadata, labels } };
}

function withoutNote(service: Service): Service {
  const { [ANNOTATIONS_LABEL]: _note, ...labels } = service.metadata.labels ?? {};
  return { ...service, metadata: { ...service.metadata, labels } };
}

function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, HASH_LENGTH);
}
