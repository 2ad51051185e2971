/**
 * FabricEventStreams: one an application, found again by `spec.applicationId` because their names
 * end in random characters. Zalando: pkg/cluster/streams.go, syncStreams
 */

import type { FabricEventStream } from "../../../api/types.gen.ts";
import { refOf } from "../../../ports/requests.ts";
import { compareEventStream, streamOf } from "../compare/event_stream.ts";
import {
  heldPlan,
  joinPlans,
  NOTHING,
  type PlanContext,
  step,
  type SubjectPlan,
} from "../steps/context.ts";
import { mergePatch } from "../steps/merge_patch.ts";
import { mendOf } from "../steps/mend.ts";
import { knownPublications, planPublications } from "../databases/publications.ts";

const SUBJECT = "streams";

/** Plans the event streams; nothing where the API server does not know their kind. */
export function planStreams(context: PlanContext): SubjectPlan {
  const { eventStreams: observed } = context.observed;
  if (!observed.known) {
    // Nobody may know their kind, or nobody may let us look: that is no matter without a wish.
    const asked = context.desired.eventStreams.length > 0;
    return asked ? heldPlan(SUBJECT, "unreadable", observed.reason) : NOTHING;
  }
  if (observed.value === undefined) return NOTHING;
  const present = observed.value;
  // A stream is made once the publications that it reads from are there.
  const published = knownPublications(context.observed.catalog);
  const applications = context.effective.streams.applications.filter(({ sources }) =>
    sources.every(({ slot }) => published.has(slot))
  );
  const readable = new Set(applications.map(({ applicationId }) => applicationId));
  const asked = context.desired.eventStreams;
  const wanted = asked.filter(({ spec }) =>
    readable.has(spec.applicationId) || streamOf(spec.applicationId, present) !== undefined
  );
  const ids = new Set(asked.map(({ spec }) => spec.applicationId));
  return joinPlans([
    planPublications(context),
    ...wanted.map((stream) => planStream(context, stream, present)),
    ...present.filter(({ spec }) => !ids.has(spec.applicationId)).map(removal),
  ]);
}

function planStream(
  context: PlanContext,
  desired: FabricEventStream,
  present: readonly FabricEventStream[],
): SubjectPlan {
  const observed = streamOf(desired.spec.applicationId, present);
  if (observed === undefined) {
    const reason = `FabricEventStream for application ${desired.spec.applicationId} is missing`;
    return { steps: [step(SUBJECT, [reason], { kind: "create", object: desired })], held: [] };
  }
  const differences = compareEventStream(desired, observed, context.config);
  if (differences.length === 0) return NOTHING;
  const request = {
    target: refOf(observed),
    type: "merge",
    body: mergePatch(desired, observed, differences),
  } as const;
  const mends = mendOf(refOf(observed), desired, observed, differences);
  return { steps: [step(SUBJECT, differences, { kind: "patch", request }, { mends })], held: [] };
}

function removal(stream: FabricEventStream): SubjectPlan {
  const { uid } = stream.metadata;
  const request = {
    target: refOf(stream),
    propagation: "Background",
    ...(uid === undefined ? {} : { preconditions: { uid } }),
  } as const;
  const reason = `no stream of the manifest has application ${stream.spec.applicationId}`;
  return { steps: [step(SUBJECT, [reason], { kind: "delete", request })], held: [] };
}
