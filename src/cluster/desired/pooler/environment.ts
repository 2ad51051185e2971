/**
 * Variables that the pooler's image makes its configuration of.
 *
 * Zalando: pkg/cluster/connection_pooler.go, getConnectionPoolerEnvVars
 */

import type { EnvVar } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import type { EffectiveTls } from "../../effective/pod/tls.ts";
import type { MemberRole } from "../labels.ts";
import { credentialSecretName, serviceName } from "../names.ts";
import { POSTGRES_PORT } from "../services/services.ts";
import type { PoolerDeploymentSource } from "./source.ts";

/** Variable with the roles that may look at the pooler's statistics; their order has no meaning. */
export const INFRASTRUCTURE_ROLES_VARIABLE = "INFRASTRUCTURE_ROLES";

/** Clients that one pooler pod accepts: as good as no limit. */
const MAX_CLIENT_CONNECTIONS = 10000;

/** The variables of a pooler's container, in the order of the reference. */
export function poolerEnvironment(
  source: PoolerDeploymentSource,
  role: MemberRole,
  config: Config,
): EnvVar[] {
  const { identity, pooler, tls, infrastructureRoles } = source;
  const secret = credentialSecretName(pooler.podUser, identity.name, config);
  const fromSecret = (name: string, key: string): EnvVar => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key } },
  });
  const { sizes } = pooler;
  const roles = [...infrastructureRoles].sort().join(",");
  return [
    { name: "PGHOST", value: serviceName(identity.name, role) },
    { name: "PGPORT", value: String(POSTGRES_PORT) },
    fromSecret("PGUSER", "username"),
    { name: "PGSCHEMA", value: pooler.schema },
    fromSecret("PGPASSWORD", "password"),
    { name: "CONNECTION_POOLER_PORT", value: String(POSTGRES_PORT) },
    { name: "CONNECTION_POOLER_MODE", value: pooler.mode },
    { name: "CONNECTION_POOLER_DEFAULT_SIZE", value: String(sizes.defaultSize) },
    { name: "CONNECTION_POOLER_MIN_SIZE", value: String(sizes.minSize) },
    { name: "CONNECTION_POOLER_RESERVE_SIZE", value: String(sizes.reserveSize) },
    { name: "CONNECTION_POOLER_MAX_CLIENT_CONN", value: String(MAX_CLIENT_CONNECTIONS) },
    { name: "CONNECTION_POOLER_MAX_DB_CONN", value: String(sizes.maxDbConnections) },
    ...(roles === "" ? [] : [{ name: INFRASTRUCTURE_ROLES_VARIABLE, value: roles }]),
    ...tlsVariables(tls),
  ];
}

function tlsVariables(tls: EffectiveTls | undefined): EnvVar[] {
  if (tls === undefined) return [];
  return [
    { name: "CONNECTION_POOLER_CLIENT_TLS_CRT", value: tls.certificateFile },
    { name: "CONNECTION_POOLER_CLIENT_TLS_KEY", value: tls.privateKeyFile },
    ...(tls.caFile === undefined
      ? []
      : [{ name: "CONNECTION_POOLER_CLIENT_CA_FILE", value: tls.caFile }]),
  ];
}
