/** What the caches of an operator follow, by its configuration. */

import type { CacheOptions } from "../clients/kube/caches/cache.ts";
import { podRoleBinding, podServiceAccount } from "../cluster/desired/service_account.ts";
import type { Config } from "../config/config.ts";
import { watchedNamespace } from "../config/from_environment.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import { refTo } from "../ports/typed.ts";

/** Options of the caches but for their logger. */
export function followedBy(
  config: Config,
  operatorNamespace: string,
): Omit<CacheOptions, "logger"> {
  const namespace = watchedNamespace(config, operatorNamespace);
  const account = podServiceAccount(config, "").metadata.name ?? "";
  const binding = podRoleBinding(config, "").metadata.name ?? "";
  return {
    clusterNameLabel: config.clusterNameLabel,
    ...(namespace === "*" ? {} : { namespace }),
    byName: [
      refTo(RESOURCES.ServiceAccount, { name: account }),
      refTo(RESOURCES.RoleBinding, { name: binding }),
    ],
    whole: [
      RESOURCES.Node,
      ...(config.enablePostgresTeamCrd ? [RESOURCES.PostgresTeam] : []),
    ],
  };
}
