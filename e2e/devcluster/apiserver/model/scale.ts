/** The scale subresource: one shape for everything that has replicas. */
import {
  ensureObject,
  type Json,
  type JsonObject,
  type KubeObject,
  objectAt,
  objectsAt,
  stringAt,
  valueAt,
} from "./json.ts";
import type { ResourceType } from "./resource_type.ts";

function keys(path: string): string[] {
  return path.split(".").filter((key) => key !== "");
}

/** A LabelSelector as the query string that Scale's status carries. */
export function selectorText(selector: JsonObject): string {
  const labels = Object.entries(objectAt(selector, "matchLabels")).map(([key, value]) =>
    `${key}=${String(value)}`
  );
  const expressions = objectsAt(selector, "matchExpressions").map((expression) => {
    const key = stringAt(expression, "key");
    const values = (expression["values"] as string[] | undefined ?? []).join(",");
    switch (expression["operator"]) {
      case "In":
        return `${key} in (${values})`;
      case "NotIn":
        return `${key} notin (${values})`;
      case "Exists":
        return key;
      default:
        return `!${key}`;
    }
  });
  return [...labels.sort(), ...expressions].join(",");
}

/** The Scale of an object. */
export function scaleOf(type: ResourceType, object: KubeObject): JsonObject {
  const paths = type.custom?.scale;
  const at = (path: string | undefined): Json | undefined =>
    path ? valueAt(object, ...keys(path)) : undefined;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const wanted = paths ? at(paths.specReplicasPath) : objectAt(object, "spec")["replicas"];
  const actual = paths ? at(paths.statusReplicasPath) : objectAt(object, "status")["replicas"];
  const selector = paths
    ? at(paths.labelSelectorPath)
    : selectorText(objectAt(objectAt(object, "spec"), "selector"));
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: {
      name: name!,
      namespace: namespace!,
      uid: uid!,
      resourceVersion: resourceVersion!,
      creationTimestamp: creationTimestamp!,
    },
    spec: wanted ? { replicas: wanted } : {},
    status: { replicas: actual ?? 0, ...(selector ? { selector } : {}) },
  };
}

/** A copy of the object with that many replicas wanted. */
export function withReplicas(type: ResourceType, object: KubeObject, replicas: number): KubeObject {
  const changed = structuredClone(object);
  const path = keys(type.custom?.scale?.specReplicasPath ?? ".spec.replicas");
  let parent: JsonObject = changed;
  for (const key of path.slice(0, -1)) parent = ensureObject(parent, key);
  parent[path.at(-1)!] = replicas;
  return changed;
}
