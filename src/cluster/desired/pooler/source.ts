/** What a pooler is made of. */

import type { ClusterIdentity, StringMap } from "../../effective/identity.ts";
import type { EffectivePooler } from "../../effective/pooler.ts";
import type { EffectiveScheduling } from "../../effective/pod/scheduling.ts";
import type { EffectiveSecurity } from "../../effective/pod/security.ts";
import type { EffectiveTls } from "../../effective/pod/tls.ts";

/** The part of an effective spec that a pooler's pods are made of. */
export interface PoolerDeploymentSource {
  readonly identity: ClusterIdentity;
  readonly pooler: EffectivePooler;
  readonly scheduling: EffectiveScheduling;
  readonly security: EffectiveSecurity;
  readonly tls: EffectiveTls | undefined;
  /** Configured and manifest annotations of pods. */
  readonly podAnnotations: StringMap;
  /** Names of the infrastructure roles, which may look at the pooler's statistics. */
  readonly infrastructureRoles: readonly string[];
}
