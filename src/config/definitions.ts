/**
 * Objects that parameters hold as text: the ServiceAccount of the pods and its RoleBinding, as JSON
 * or YAML.
 *
 * Zalando: pkg/controller/controller.go, initPodServiceAccount and initRoleBinding
 */

import { parse } from "yaml";
import type { RoleBinding, ServiceAccount } from "../kubernetes/types.gen.ts";
import type { Read } from "./loading.ts";

interface Definitions {
  ServiceAccount: ServiceAccount;
  RoleBinding: RoleBinding;
}

const API_VERSIONS: Readonly<Record<keyof Definitions, string>> = {
  ServiceAccount: "v1",
  RoleBinding: "rbac.authorization.k8s.io/v1",
};

/** Reads the text of one object of the given kind. */
export function parseDefinition<Kind extends keyof Definitions>(
  text: string,
  kind: Kind,
): Read<Definitions[Kind]> {
  let object: unknown;
  try {
    object = parse(text);
  } catch {
    return { rule: `must be a ${kind} in YAML or JSON` };
  }
  if (typeof object !== "object" || object === null || Array.isArray(object)) {
    return { rule: `must be a ${kind} in YAML or JSON` };
  }
  const { apiVersion, kind: found, metadata = {} } = object as Record<string, unknown>;
  if (found !== kind) return { rule: `must be of kind ${kind}, not ${String(found)}` };
  if (apiVersion !== API_VERSIONS[kind]) {
    return { rule: `must have apiVersion ${API_VERSIONS[kind]}, not ${String(apiVersion)}` };
  }
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
    return { rule: "must have metadata that are an object" };
  }
  return { value: { ...object, metadata } as Definitions[Kind] };
}
