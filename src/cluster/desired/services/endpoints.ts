/**
 * Endpoints of the primary: where Patroni does not keep its state in ConfigMaps, it writes its
 * leader here, and the operator only provides the object.
 *
 * Zalando: pkg/cluster/k8sres.go, generateEndpoint; pkg/cluster/resources.go,
 * generateEndpointSubsets
 */

import type { Endpoints } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import type { ClusterIdentity } from "../../effective/identity.ts";
import { inheritedOver } from "../annotations.ts";
import { roleLabels } from "../labels.ts";
import { serviceName } from "../names.ts";
import { ownerFields } from "../owner.ts";
import { patroniUsesConfigMaps, POSTGRES_PORT } from "./services.ts";

/** The primary's Endpoints without addresses; undefined where Patroni uses ConfigMaps. */
export function primaryEndpoints(
  identity: ClusterIdentity,
  config: Config,
): Endpoints | undefined {
  if (patroniUsesConfigMaps(config)) return undefined;
  return {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: {
      name: serviceName(identity.name, "primary"),
      namespace: identity.namespace,
      labels: roleLabels(identity, "full", "primary", config),
      ...inheritedOver(identity),
      ...ownerFields(identity),
    },
  };
}

/**
 * The Endpoints with the address of the running primary: for Endpoints that got lost, so that
 * clients find the primary again before Patroni next writes them.
 */
export function withPrimaryAddress(endpoints: Endpoints, podIp: string): Endpoints {
  return {
    ...endpoints,
    subsets: [{
      addresses: [{ ip: podIp }],
      ports: [{ name: "postgresql", port: POSTGRES_PORT, protocol: "TCP" }],
    }],
  };
}
