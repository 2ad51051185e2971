/**
 * The pods' ServiceAccount and the RoleBinding that lets Patroni work: one of each in a namespace
 * with clusters, shared by them, made from the configuration alone.
 *
 * Zalando: pkg/controller/controller.go, initPodServiceAccount and initRoleBinding
 */

import type { RoleBinding, ServiceAccount } from "../../kubernetes/types.gen.ts";
import type { Config } from "../../config/config.ts";
import { parseDefinition } from "../../config/definitions.ts";

/** https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html */
const IRSA_ANNOTATION = "eks.amazonaws.com/role-arn";

/** The pods' ServiceAccount; its name is `pod_service_account_name`, whatever its definition says. */
export function podServiceAccount(config: Config, namespace: string): ServiceAccount {
  const defined = config.podServiceAccountDefinition === ""
    ? plainServiceAccount()
    : definition(config.podServiceAccountDefinition, "ServiceAccount");
  const metadata = { ...defined.metadata, name: config.podServiceAccountName, namespace };
  if (config.irsaRoleArn === "") return { ...defined, metadata };
  const annotations = { ...metadata.annotations, [IRSA_ANNOTATION]: config.irsaRoleArn };
  return { ...defined, metadata: { ...metadata, annotations } };
}

/** Binds the pods' ServiceAccount to the ClusterRole of the same name, or as the definition says. */
export function podRoleBinding(config: Config, namespace: string): RoleBinding {
  const defined = config.podServiceAccountRoleBindingDefinition === ""
    ? plainRoleBinding(config.podServiceAccountName)
    : definition(config.podServiceAccountRoleBindingDefinition, "RoleBinding");
  return { ...defined, metadata: { ...defined.metadata, namespace } };
}

function plainServiceAccount(): ServiceAccount {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: {} };
}

function plainRoleBinding(name: string): RoleBinding {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ kind: "ServiceAccount", name }],
  };
}

/** The configuration was checked when it was read, so a definition that is none is a bug. */
function definition<Kind extends "ServiceAccount" | "RoleBinding">(text: string, kind: Kind) {
  const read = parseDefinition(text, kind);
  if ("rule" in read) throw new TypeError(`Cannot build the pods' ${kind}: it ${read.rule}`);
  return read.value;
}
