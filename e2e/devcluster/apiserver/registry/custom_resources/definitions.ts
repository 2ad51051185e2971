/** CustomResourceDefinitions: defaults, validation, and serving what they define. */
import type { Cause } from "../../model/api_error.ts";
import {
  ensureObject,
  type JsonObject,
  type KubeObject,
  listAt,
  objectAt,
  objectsAt,
  setDefaults,
  stringAt,
} from "../../model/json.ts";
import type { Schema } from "../../model/schema.ts";
import type { Lifecycle, Strategy, StrategyContext } from "../strategy.ts";
import { immutable, invalidValue, notSupported, required } from "../validate_metadata.ts";
import { ruleProblem } from "./rules.ts";
import { servedTypes } from "./served_types.ts";
import { kubeTime } from "../../../objects/time.ts";

const STORAGE_KEY = "apiextensions.k8s.io/customresourcedefinitions";
const CLEANUP = "customresourcecleanup.apiextensions.k8s.io";

function defaults(object: KubeObject): void {
  const spec = ensureObject(object, "spec");
  const names = ensureObject(spec, "names");
  const kind = stringAt(names, "kind");
  setDefaults(names, { singular: kind.toLowerCase(), listKind: `${kind}List` });
  setDefaults(spec, { conversion: { strategy: "None" } });
}

function condition(type: string, reason: string, message: string): JsonObject {
  return { type, status: "True", lastTransitionTime: kubeTime(), reason, message };
}

/** Kubernetes does this by controllers within milliseconds; here it is part of the write. */
function establish(object: KubeObject, context: StrategyContext): void {
  const { store, registry } = context;
  const current = store.get(STORAGE_KEY, undefined, object.metadata.name!);
  if (!current) return;
  registry.replaceCustom(current.metadata.name!, servedTypes(current));
  const names = objectAt(objectAt(current, "spec"), "names");
  const status = objectAt(current, "status");
  const stored = objectsAt(objectAt(current, "spec"), "versions").find((version) =>
    version["storage"] === true
  );
  const storedVersions = new Set([
    ...listAt(status, "storedVersions").map(String),
    stringAt(stored, "name"),
  ]);
  const established = objectsAt(status, "conditions").length > 0;
  if (
    established && JSON.stringify(status["acceptedNames"]) === JSON.stringify(names) &&
    storedVersions.size === listAt(status, "storedVersions").length
  ) return;
  store.put(STORAGE_KEY, {
    ...current,
    status: {
      conditions: established ? status["conditions"]! : [
        condition("NamesAccepted", "NoConflicts", "no conflicts found"),
        condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
      ],
      acceptedNames: names,
      storedVersions: [...storedVersions],
    },
  });
}

/** Serves again what an earlier run of the server has stored. */
export function serveStoredDefinitions(context: Pick<StrategyContext, "store" | "registry">): void {
  for (const definition of context.store.list(STORAGE_KEY)) {
    context.registry.replaceCustom(definition.metadata.name!, servedTypes(definition));
  }
}

function validate(object: KubeObject): Cause[] {
  const spec = objectAt(object, "spec");
  const names = objectAt(spec, "names");
  const group = stringAt(spec, "group");
  const expected = `${stringAt(names, "plural")}.${group}`;
  const causes: Cause[] = [];
  if (object.metadata.name !== expected) {
    causes.push(
      invalidValue(
        "metadata.name",
        object.metadata.name!,
        'must be spec.names.plural+"."+spec.group',
      ),
    );
  }
  for (const key of ["plural", "kind"]) {
    if (!stringAt(names, key)) causes.push(required(`spec.names.${key}`));
  }
  if (!group) causes.push(required("spec.group"));
  const scope = stringAt(spec, "scope");
  if (!["Cluster", "Namespaced"].includes(scope)) {
    causes.push(notSupported("spec.scope", scope, ["Cluster", "Namespaced"]));
  }
  const versions = objectsAt(spec, "versions");
  if (versions.filter((version) => version["storage"] === true).length !== 1) {
    causes.push(
      invalidValue(
        "spec.versions",
        versions,
        "must have exactly one version marked as storage version",
      ),
    );
  }
  versions.forEach((version, index) => {
    const field = `spec.versions[${index}].schema.openAPIV3Schema`;
    const schema = objectAt(version, "schema")["openAPIV3Schema"];
    if (schema === undefined) causes.push(required(field, "schemas are required"));
    else causes.push(...validateSchema(schema as Schema, field));
  });
  return causes;
}

/** What makes a schema structural: every value has a type. Rules must compile. */
function validateSchema(schema: Schema, field: string, root = true): Cause[] {
  const causes: Cause[] = [];
  const free = schema["x-kubernetes-preserve-unknown-fields"] ||
    schema["x-kubernetes-int-or-string"];
  if (!schema.type && !free) {
    causes.push(
      required(
        `${field}.type`,
        root ? "must not be empty at the root" : "must not be empty for specified object fields",
      ),
    );
  }
  (schema["x-kubernetes-validations"] ?? []).forEach(({ rule }, index) => {
    const problem = ruleProblem(rule);
    if (problem) {
      causes.push(
        invalidValue(
          `${field}.x-kubernetes-validations[${index}].rule`,
          rule,
          `compilation failed: ${problem}`,
        ),
      );
    }
  });
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    causes.push(...validateSchema(property, `${field}.properties[${key}]`, false));
  }
  if (schema.items) causes.push(...validateSchema(schema.items, `${field}.items`, false));
  if (typeof schema.additionalProperties === "object") {
    causes.push(
      ...validateSchema(schema.additionalProperties, `${field}.additionalProperties`, false),
    );
  }
  return causes;
}

function instancesOf(definition: KubeObject, context: StrategyContext): KubeObject[] {
  const spec = objectAt(definition, "spec");
  return context.store.list(
    `${stringAt(spec, "group")}/${stringAt(objectAt(spec, "names"), "plural")}`,
  );
}

/** Deletes the objects of a definition that is being deleted. */
function deleteInstances(
  definition: KubeObject,
  context: StrategyContext,
  lifecycle: Lifecycle,
): void {
  const [type] = servedTypes(definition);
  if (!type) return;
  for (const instance of instancesOf(definition, context)) {
    lifecycle.remove(context, type, instance);
  }
}

/** Lets a definition go that waits for its last object. */
export function releaseDefinition(
  name: string,
  context: StrategyContext,
  lifecycle: Lifecycle,
): void {
  const definition = context.store.get(STORAGE_KEY, undefined, name);
  if (!definition?.metadata.deletionTimestamp || instancesOf(definition, context).length > 0) {
    return;
  }
  const type = context.registry.find("apiextensions.k8s.io", "v1", "customresourcedefinitions")!;
  const finalizers = (definition.metadata.finalizers ?? []).filter((finalizer) =>
    finalizer !== CLEANUP
  );
  const released: KubeObject = { ...definition, metadata: { ...definition.metadata, finalizers } };
  if (!lifecycle.release(context, type, released)) context.store.put(STORAGE_KEY, released);
}

export const definitions: Strategy = {
  generation: true,
  defaults,
  prepareCreate: (object) => {
    const storage = objectsAt(objectAt(object, "spec"), "versions").find((version) =>
      version["storage"] === true
    );
    object["status"] = {
      acceptedNames: { plural: "", kind: "" },
      storedVersions: storage ? [stringAt(storage, "name")] : [],
    };
  },
  validate,
  validateUpdate: (object, old) => {
    const of = (whole: KubeObject, ...path: string[]) =>
      path.reduce<JsonObject>((value, key) => objectAt(value, key), whole);
    return [
      ...immutable("spec.scope", of(object, "spec")["scope"], of(old, "spec")["scope"]),
      ...immutable(
        "spec.names.kind",
        of(object, "spec", "names")["kind"],
        of(old, "spec", "names")["kind"],
      ),
    ];
  },
  afterWrite: establish,
  deletionFinalizers: (object, context) => instancesOf(object, context).length > 0 ? [CLEANUP] : [],
  afterMarked: deleteInstances,
  afterRemove: (object, context) => context.registry.replaceCustom(object.metadata.name!, []),
};
