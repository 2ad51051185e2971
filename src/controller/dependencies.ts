/** Objects of others that a cluster is made from: a change of one of them asks for a pass. */

import type { DesiredCluster } from "../cluster/desired/cluster.ts";
import { describeRef, type ObjectRef } from "../ports/requests.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import { refTo } from "../ports/typed.ts";
import type { Config, NamespacedName } from "../config/config.ts";
import { infrastructureRoleDefinitions } from "../config/infrastructure_roles.ts";

/** Names (`Kind namespace/name`) of what a cluster of `namespace` depends on. */
export function dependenciesOf(
  config: Config,
  namespace: string,
  desired: Pick<DesiredCluster, "credentials">,
  foreignObjects: readonly ObjectRef[] = [],
): string[] {
  const name = (kind: "ConfigMap" | "Secret", ref: NamespacedName) =>
    describeRef(refTo(RESOURCES[kind], ref));
  const environment = config.podEnvironmentConfigmap;
  const local = [config.podEnvironmentSecret, config.logicalBackupCronjobEnvironmentSecret]
    .filter((secret) => secret !== "")
    .map((secret) => ({ namespace, name: secret }));
  const definitions = infrastructureRoleDefinitions(config).map(({ secretName }) => secretName);
  // Secrets in other namespaces carry the cluster's name, but not where the cluster is.
  const abroad = desired.credentials.map(({ secret }) => secret)
    .filter((secret) => secret.namespace !== namespace);
  return [
    ...(environment === undefined || environment.name === "" ? [] : [
      name("ConfigMap", environment),
      name("ConfigMap", { namespace, name: environment.name }),
    ]),
    ...local.map((secret) => name("Secret", secret)),
    ...definitions.flatMap((ref) => [name("Secret", ref), name("ConfigMap", ref)]),
    ...abroad.map((secret) => name("Secret", secret)),
    // The name is free once they are gone.
    ...foreignObjects.map(describeRef),
  ];
}
