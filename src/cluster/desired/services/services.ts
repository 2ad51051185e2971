/**
 * Services of the primary and of the replicas.
 *
 * Zalando: pkg/cluster/k8sres.go, generateService
 */

import type { Service, ServiceSpec } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import type { Exposure, ServiceExposure } from "../../effective/exposure.ts";
import type { ClusterIdentity } from "../../effective/identity.ts";
import { inheritedOver } from "../annotations.ts";
import { type MemberRole, roleLabels } from "../labels.ts";
import { serviceName } from "../names.ts";
import { ownerFields } from "../owner.ts";

/** Port of PostgreSQL, of its services and of the poolers. */
export const POSTGRES_PORT = 5432;

/** The part of an effective spec that services are made of. */
export interface ServiceSource {
  readonly identity: ClusterIdentity;
  readonly exposure: Exposure;
}

/** True where Patroni keeps its state in ConfigMaps rather than in Endpoints or etcd. */
export function patroniUsesConfigMaps(config: Config): boolean {
  return config.etcdHost === "" && config.kubernetesUseConfigmaps !== false;
}

/** The Service that clients reach the primary by. */
export function primaryService(source: ServiceSource, config: Config): Service {
  // With Endpoints, Patroni itself says where the primary is; a selector would fight with it.
  const selector = patroniUsesConfigMaps(config)
    ? roleLabels(source.identity, "base", "primary", config)
    : undefined;
  return memberService(source, config, { role: "primary", selector });
}

/** The Service that clients reach replicas by. */
export function replicaService(source: ServiceSource, config: Config): Service {
  const selector = roleLabels(source.identity, "base", "replica", config);
  return memberService(source, config, { role: "replica", selector });
}

/** How a service is exposed, in the fields of its spec; the first port takes the node port. */
export function exposureFields(
  exposure: ServiceExposure,
  port: { name: string },
): Omit<ServiceSpec, "selector"> {
  const { type, nodePort, sourceRanges, annotations: _, ipFamilies, ...asGiven } = exposure;
  return {
    type,
    ports: [{
      name: port.name,
      port: POSTGRES_PORT,
      targetPort: POSTGRES_PORT,
      ...(nodePort === undefined ? {} : { nodePort }),
    }],
    ...(sourceRanges === undefined ? {} : { loadBalancerSourceRanges: [...sourceRanges] }),
    ...(ipFamilies === undefined ? {} : { ipFamilies: [...ipFamilies] }),
    ...asGiven,
  };
}

function memberService(
  { identity, exposure }: ServiceSource,
  config: Config,
  of: { role: MemberRole; selector: Record<string, string> | undefined },
): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: serviceName(identity.name, of.role),
      namespace: identity.namespace,
      labels: roleLabels(identity, "full", of.role, config),
      ...inheritedOver(identity, exposure[of.role].annotations),
      ...ownerFields(identity),
    },
    spec: {
      ...exposureFields(exposure[of.role], { name: "postgresql" }),
      ...(of.selector === undefined ? {} : { selector: of.selector }),
    },
  };
}
