/** From a CustomResourceDefinition to the resources that it adds to the API. */
import {
  isObject,
  type JsonObject,
  type KubeObject,
  listAt,
  objectAt,
  objectsAt,
  stringAt,
} from "../../model/json.ts";
import type { Column, ResourceType, ScalePaths, Subresource } from "../../model/resource_type.ts";
import type { Schema } from "../../model/schema.ts";

const VERBS = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

const AGE: Column = {
  name: "Age",
  type: "date",
  format: "",
  priority: 0,
  jsonPath: ".metadata.creationTimestamp",
};

function columnsOf(version: JsonObject): Column[] {
  const declared = objectsAt(version, "additionalPrinterColumns").map((column): Column => ({
    name: stringAt(column, "name"),
    type: stringAt(column, "type"),
    format: stringAt(column, "format"),
    priority: Number(column["priority"] ?? 0),
    description: stringAt(column, "description"),
    jsonPath: stringAt(column, "jsonPath"),
  }));
  const name: Column = { name: "Name", type: "string", format: "name", priority: 0 };
  return [name, ...declared.length > 0 ? declared : [AGE]];
}

function subresourcesOf(version: JsonObject, kind: string): Map<string, Subresource> {
  const declared = objectAt(version, "subresources");
  const result = new Map<string, Subresource>();
  const verbs = ["get", "patch", "update"];
  if (isObject(declared["status"])) result.set("status", { name: "status", kind, verbs });
  if (isObject(declared["scale"])) {
    result.set("scale", {
      name: "scale",
      kind: "Scale",
      kindGroupVersion: "autoscaling/v1",
      verbs,
    });
  }
  return result;
}

/** The resources of all served versions of a definition. */
export function servedTypes(definition: KubeObject): ResourceType[] {
  const spec = objectAt(definition, "spec");
  const names = objectAt(spec, "names");
  const group = stringAt(spec, "group");
  const kind = stringAt(names, "kind");
  const versions = objectsAt(spec, "versions");
  const storage = versions.find((version) => version["storage"] === true);
  return versions.filter((version) => version["served"] === true).map((version): ResourceType => {
    const scale = objectAt(version, "subresources")["scale"];
    return {
      group,
      version: stringAt(version, "name"),
      plural: stringAt(names, "plural"),
      singular: stringAt(names, "singular"),
      kind,
      listKind: stringAt(names, "listKind"),
      namespaced: spec["scope"] === "Namespaced",
      verbs: VERBS,
      shortNames: listAt(names, "shortNames").map(String),
      categories: listAt(names, "categories").map(String),
      subresources: subresourcesOf(version, kind),
      schema: objectAt(objectAt(version, "schema"), "openAPIV3Schema") as unknown as Schema,
      columns: columnsOf(version),
      storageKey: `${group}/${stringAt(names, "plural")}`,
      custom: {
        definition: definition.metadata.name!,
        storageVersion: stringAt(storage, "name"),
        selectableFields: objectsAt(version, "selectableFields").map((field) =>
          stringAt(field, "jsonPath").replace(/^\./, "")
        ),
        ...(isObject(scale) ? { scale: scale as unknown as ScalePaths } : {}),
      },
    };
  });
}
