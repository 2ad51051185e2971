/**
 * Roles that the cluster itself needs: superuser, replication, connection pooler, event streams.
 * The first two are made by Spilo, the operator only keeps their Secrets and passwords.
 *
 * Zalando: pkg/cluster/cluster.go, initSystemUsers
 */

import type { Config } from "../../../config/config.ts";
import { STREAM_USER } from "../../effective/streams.ts";
import type { DesiredRole, RoleOrigin } from "./role.ts";

export interface SystemRoleNeeds {
  readonly namespace: string;
  /** User of the connection pooler; undefined where no pooler is wanted. */
  readonly poolerUser: string | undefined;
  readonly streams: "wanted" | "none";
}

/** The system roles in the order superuser, replication, pooler, streams. */
export function systemRoles(config: Config, needs: SystemRoleNeeds): readonly DesiredRole[] {
  const { namespace, poolerUser, streams } = needs;
  const role = (name: string, origin: RoleOrigin, flags: readonly string[]): DesiredRole => ({
    name,
    origin,
    flags,
    login: true,
    memberOf: [],
    parameters: {},
    isDbOwner: false,
    namespace,
    hasPassword: true,
  });
  return [
    role(config.superUsername, "system", []),
    role(config.replicationUsername, "system", ["LOGIN"]),
    ...(poolerUser === undefined ? [] : [role(poolerUser, "pooler", ["LOGIN"])]),
    ...(streams === "none" ? [] : [role(STREAM_USER, "stream", ["LOGIN", "REPLICATION"])]),
  ];
}
