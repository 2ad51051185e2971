/**
 * Compares objects that somebody else fills: Endpoints, and what Patroni makes for itself. Only
 * owners and inherited annotations are the operator's; addresses and contents never are.
 *
 * Zalando: pkg/cluster/sync.go, syncEndpoint, syncPatroniConfigMap, syncPatroniEndpoint
 */

import type { ObjectMeta } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import type { Difference } from "./difference.ts";
import { compareMetadata, labelsOf } from "./metadata.ts";

/** What of the metadata of such an object is not as it should be. */
export function compareForeignContent(
  desired: ObjectMeta,
  observed: ObjectMeta,
  config: Config,
): Difference[] {
  return compareMetadata(desired, observed, {
    config,
    labels: labelsOf(observed, config),
    stale: "leave",
  });
}
