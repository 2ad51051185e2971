/**
 * Objects that Patroni makes for itself. The operator never creates them; it only keeps owner
 * references and inherited annotations right, and removes them together with the cluster.
 *
 * Zalando: pkg/cluster/sync.go, syncPatroniResources
 */

import type { ObjectMeta } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import type { ClusterIdentity } from "../../effective/identity.ts";
import type { ObjectRef } from "../../../ports/requests.ts";
import { inheritedOver } from "../annotations.ts";
import { patroniObjectName, serviceName } from "../names.ts";
import { ownerFields } from "../owner.ts";
import { patroniUsesConfigMaps } from "./services.ts";

/** What Patroni keeps its state in, by the end of the name. */
export const STATE_SUFFIXES = ["leader", "config", "sync", "failover"];

/** References to Patroni's objects, and the metadata that they should carry. */
export function patroniObjects(
  identity: ClusterIdentity,
  config: Config,
): { refs: readonly ObjectRef[]; metadata: ObjectMeta } {
  const { namespace, name } = identity;
  const ref = (kind: string, object: string): ObjectRef => ({
    apiVersion: "v1",
    kind,
    namespace,
    name: object,
  });
  const inConfigMaps = patroniUsesConfigMaps(config);
  const state = STATE_SUFFIXES.map((suffix) =>
    ref(inConfigMaps ? "ConfigMap" : "Endpoints", patroniObjectName(name, suffix))
  );
  // Made by Kubernetes from the service's selector, but without owner or annotations.
  const replicas = inConfigMaps ? [] : [ref("Endpoints", serviceName(name, "replica"))];
  return {
    refs: [ref("Service", patroniObjectName(name, "config")), ...state, ...replicas],
    metadata: { ...inheritedOver(identity), ...ownerFields(identity) },
  };
}
