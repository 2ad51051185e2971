/**
 * Compares a FabricEventStream with what the manifest asks for. The order of its streams has no
 * meaning; the random end of its name is kept.
 *
 * Zalando: pkg/cluster/streams.go, compareStreams
 */

import type { EventStream, FabricEventStream } from "../../../api/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import type { Difference } from "./difference.ts";
import { compareMetadata } from "./metadata.ts";
import { mismatches } from "./structure.ts";

/** What of an event stream is not as it should be. */
export function compareEventStream(
  desired: FabricEventStream,
  observed: FabricEventStream,
  config: Config,
): Difference[] {
  const [wanted, present] = [desired.spec.eventStreams, observed.spec.eventStreams];
  const metadata = compareMetadata(desired.metadata, observed.metadata, {
    config,
    labels: "keep",
    stale: "leave",
  });
  if (sameStreams(wanted, present)) return metadata;
  const path = "spec.eventStreams";
  return [...metadata, { path, desired: wanted, observed: present, effect: "patch" }];
}

/** The existing object of an application among those of the cluster. */
export function streamOf(
  applicationId: string,
  observed: readonly FabricEventStream[],
): FabricEventStream | undefined {
  return observed.find(({ spec }) => spec.applicationId === applicationId);
}

function sameStreams(wanted: readonly EventStream[], present: readonly EventStream[]): boolean {
  const rest = [...present];
  const found = wanted.every((stream) => {
    const at = rest.findIndex((other) => mismatches("", stream, other).length === 0);
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
  return found && rest.length === 0;
}
