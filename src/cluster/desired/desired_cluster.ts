/** Puts everything together that one cluster should consist of. */

import type { Config } from "../../config/config.ts";
import type { EffectiveSpec } from "../effective/spec.ts";
import { absentObjects } from "./absent.ts";
import type { DesiredCluster } from "./cluster.ts";
import { primaryEndpoints } from "./services/endpoints.ts";
import { eventStreams } from "./event_stream.ts";
import { logicalBackup } from "./backup/logical_backup.ts";
import { desiredPatroni } from "./patroni_config.ts";
import { patroniObjects } from "./services/patroni_objects.ts";
import { podDisruptionBudgets } from "./pod_disruption_budgets.ts";
import { poolers } from "./pooler/pooler.ts";
import { desiredDatabases } from "./roles/databases.ts";
import { desiredRoles } from "./roles/desired_roles.ts";
import { credentials } from "./secrets.ts";
import { podRoleBinding, podServiceAccount } from "./service_account.ts";
import { primaryService, replicaService } from "./services/services.ts";
import { statefulSet } from "./statefulset.ts";

/** All objects, roles and databases that a resolved manifest asks for. */
export function desiredCluster(spec: EffectiveSpec, config: Config): DesiredCluster {
  const { identity, pooler, roleSources } = spec;
  const { cluster, inputs } = roleSources;
  const poolerUser = pooler.roles.length > 0 ? pooler.user : undefined;
  const { roles, held, problems } = desiredRoles({ cluster, config, inputs, poolerUser });
  const databases = desiredDatabases(cluster, roles);
  const endpoints = primaryEndpoints(identity, config);
  const backup = logicalBackup(spec, config);
  return {
    serviceAccount: podServiceAccount(config, identity.namespace),
    roleBinding: podRoleBinding(config, identity.namespace),
    services: { primary: primaryService(spec, config), replica: replicaService(spec, config) },
    ...(endpoints === undefined ? {} : { endpoints }),
    patroniObjects: patroniObjects(identity, config),
    statefulSet: statefulSet(spec, config),
    disruptionBudgets: podDisruptionBudgets(spec, config),
    credentials: credentials(identity, roles, config),
    ...(backup === undefined ? {} : { logicalBackup: backup }),
    poolers: poolers(spec, config),
    eventStreams: eventStreams(spec, config),
    patroni: desiredPatroni(spec),
    roles,
    heldRoles: held,
    roleProblems: problems,
    databases,
    absent: absentObjects(spec, roles, config),
  };
}
