/** Objects of one resource in its versions: how they are stored and how a version shows them. */
import type { KubeObject } from "../model/json.ts";
import { convertEvent } from "../kubernetes/events.ts";
import { groupVersion, type ResourceType } from "../model/resource_type.ts";

function inVersion(type: ResourceType, object: KubeObject, apiVersion: string): KubeObject {
  if (type.storageKey === "/events") return convertEvent(object, apiVersion);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

/** The object as this version of the resource shows it. */
export function present(type: ResourceType, object: KubeObject): KubeObject {
  return inVersion(type, object, groupVersion(type));
}

/** The object as it is stored: events in their core form, custom resources in the storage version. */
export function storedForm(type: ResourceType, object: KubeObject): KubeObject {
  if (type.storageKey === "/events") return inVersion(type, object, "v1");
  const version = type.custom?.storageVersion;
  return version ? inVersion(type, object, `${type.group}/${version}`) : object;
}
