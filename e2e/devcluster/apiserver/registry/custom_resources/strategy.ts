/** Custom resources: validation by schema and rules, and the end of a definition with its last object. */
import type { Cause } from "../../model/api_error.ts";
import { isObject, type JsonObject, type KubeObject, valueAt } from "../../model/json.ts";
import type { Schema } from "../../model/schema.ts";
import type { Strategy, StrategyContext } from "../strategy.ts";
import { releaseDefinition } from "./definitions.ts";
import { validateRules } from "./rules.ts";
import { validateBySchema } from "./schema_validation.ts";

function typeOf(object: KubeObject, context: StrategyContext) {
  return context.registry.findKind(object.apiVersion, object.kind)!;
}

/** Metadata has rules of its own; the schema may narrow the name only. */
function withoutMetadata(object: KubeObject): JsonObject {
  const { metadata: _, ...rest } = object;
  return rest;
}

function withoutMetadataSchema(schema: Schema): Schema {
  const { metadata: _, ...properties } = schema.properties ?? {};
  const required = schema.required?.filter((key) => key !== "metadata");
  return { ...schema, properties, ...(required ? { required } : {}) };
}

function hasRules(schema: Schema): boolean {
  return JSON.stringify(schema).includes('"x-kubernetes-validations"');
}

function validate(
  object: KubeObject,
  old: KubeObject | undefined,
  context: StrategyContext,
): Cause[] {
  const schema = withoutMetadataSchema(typeOf(object, context).schema);
  const value = withoutMetadata(object);
  const causes = validateBySchema(value, schema, "");
  if (!hasRules(schema)) return causes;
  if (causes.length > 0) {
    return [...causes, {
      reason: "FieldValueInvalid",
      message:
        "Invalid value: null: some validation rules were not checked because the object was " +
        "invalid; correct the existing errors to complete validation",
      field: "<nil>",
    }];
  }
  return validateRules(value, old && withoutMetadata(old), schema, "");
}

export const customResources: Strategy = {
  validate: (object, context) =>
    hasOld(object, context) ? [] : validate(object, undefined, context),
  validateUpdate: validate,
  validateStatus: validate,
  afterRemove: (object, context, lifecycle) => {
    const { custom } = typeOf(object, context);
    if (custom) releaseDefinition(custom.definition, context, lifecycle);
  },
};

/** On updates `validateUpdate` does the whole, with the old object at hand. */
function hasOld(object: KubeObject, context: StrategyContext): boolean {
  const { storageKey } = typeOf(object, context);
  const stored = context.store.get(
    storageKey,
    object.metadata.namespace,
    object.metadata.name ?? "",
  );
  return isObject(stored) && valueAt(stored, "metadata", "uid") === object.metadata.uid;
}
