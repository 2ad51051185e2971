/**
 * The objects of the connection poolers: for each wanted role a Deployment, a Service, and the
 * Secret with the user list.
 *
 * Zalando: pkg/cluster/connection_pooler.go, generateConnectionPoolerService,
 * generateConnectionPoolerAuthSecret
 */

import type { ObjectMeta, Service } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import type { Exposure } from "../../effective/exposure.ts";
import { inheritedOver } from "../annotations.ts";
import type { DesiredPooler } from "../cluster.ts";
import type { MemberRole } from "../labels.ts";
import { poolerAuthSecretName, poolerName } from "../names.ts";
import { ownerFields } from "../owner.ts";
import { exposureFields } from "../services/services.ts";
import { poolerDeployment } from "./deployment.ts";
import type { PoolerDeploymentSource } from "./source.ts";
import { fullPoolerLabels, POOLER_LABEL, poolerLabels } from "./labels.ts";

/** The part of an effective spec that poolers are made of. */
export interface PoolerSource extends PoolerDeploymentSource {
  readonly exposure: Exposure;
}

/** The wanted poolers, the primary's first. */
export function poolers(source: PoolerSource, config: Config): readonly DesiredPooler[] {
  return source.pooler.roles.map((role) => ({
    role,
    deployment: poolerDeployment(source, role, config),
    service: poolerService(source, role),
    authSecret: poolerAuthSecret(source, role, config),
  }));
}

function poolerService({ identity, exposure }: PoolerSource, role: MemberRole): Service {
  const name = poolerName(identity.name, role);
  const exposed = role === "primary" ? exposure.primaryPooler : exposure.replicaPooler;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name,
      namespace: identity.namespace,
      labels: poolerLabels(identity, name),
      ...inheritedOver(identity, exposed.annotations),
      ...ownerFields(identity),
    },
    spec: { ...exposureFields(exposed, { name }), selector: { [POOLER_LABEL]: name } },
  };
}

function poolerAuthSecret(
  { identity }: PoolerSource,
  role: MemberRole,
  config: Config,
): ObjectMeta {
  return {
    name: poolerAuthSecretName(identity.name, role),
    namespace: identity.namespace,
    labels: fullPoolerLabels(identity, role, config),
    ...inheritedOver(identity),
    ...ownerFields(identity),
  };
}
