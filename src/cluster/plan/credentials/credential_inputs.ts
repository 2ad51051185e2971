/** Brings together what the credentials of a cluster are planned from. */

import { RESOURCES } from "../../../ports/resources.gen.ts";
import type { RoleOrigin } from "../../desired/roles/role.ts";
import { observedOf } from "../../observed/cluster.ts";
import { isMember, roleOf } from "../../observed/pods.ts";
import type { PlanContext } from "../steps/context.ts";
import { isNew } from "../steps/new_cluster.ts";
import { planCredentials } from "./credentials.ts";
import type { CredentialPlan } from "../steps/context.ts";
import { rotationRules } from "./rotation.ts";
import { strangeSecret } from "./secret_owner.ts";
import type { DatabaseReach } from "./secret_content.ts";

/** Plans the credentials of a pass: its steps are the subject `credentials`. */
export function credentialPlan(
  context: Omit<PlanContext, "credentials" | "newPasswords" | "passwords">,
): CredentialPlan {
  const { cr, config, desired, observed, effective, now, newPassword } = context;
  const { infrastructureRoles } = effective.roleSources.inputs;
  return planCredentials({
    stage: isNew(context) ? "new" : "running",
    withheld: withheldOrigins(context),
    named: context.memory.named,
    unwritten: context.memory.unwritten,
    namespace: effective.identity.namespace,
    credentials: desired.credentials,
    roles: desired.roles,
    strangeness: ({ secret }, found) => strangeSecret(secret, found, context),
    secretOf: ({ secret }) => observedOf(observed.objects, RESOURCES.Secret, secret),
    infrastructureRoles,
    rules: rotationRules(cr.spec, config, effective.standby === undefined ? "primary" : "standby"),
    database: reach(context),
    pods: observed.pods,
    poolerPods: observed.poolerPods,
    config,
    now,
    newPassword,
  });
}

/** Users of a manifest of whom one cannot be are left as they are until it is mended. */
function withheldOrigins(
  { desired }: Omit<PlanContext, "credentials" | "newPasswords" | "passwords">,
): ReadonlyMap<RoleOrigin, string> {
  return new Map(
    desired.roleProblems.flatMap(({ withholds, name }) =>
      withholds === undefined
        ? []
        : [[withholds, `waits until role ${JSON.stringify(name)} is mended`]]
    ),
  );
}

/** Whether the databases can follow a new password now. */
function reach({ config, observed }: Pick<PlanContext, "config" | "observed">): DatabaseReach {
  if (config.enableDatabaseAccess === false) return "unmanaged";
  const { pods } = observed;
  const label = config.podRoleLabel;
  const primary = pods.known &&
    pods.value.some((pod) => isMember(pod, label) && roleOf(pod, label) === "primary");
  return primary ? "ready" : "waiting";
}
