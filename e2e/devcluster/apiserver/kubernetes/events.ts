/** Events exist in two groups with other field names; they are stored in the core form. */
import { type Json, type JsonObject, type KubeObject, objectAt, stringAt } from "../model/json.ts";

const NEW_TO_CORE: [newer: string, core: string][] = [
  ["regarding", "involvedObject"],
  ["note", "message"],
  ["deprecatedSource", "source"],
  ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"],
  ["deprecatedCount", "count"],
  ["reportingController", "reportingComponent"],
];

function rename(object: JsonObject, pairs: [string, string][]): JsonObject {
  const names = new Map(pairs);
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [names.get(key) ?? key, value]),
  );
}

/** The event in the form of an API version; its own form if it has that already. */
export function convertEvent(event: KubeObject, apiVersion: string): KubeObject {
  if (event.apiVersion === apiVersion) return event;
  const toNewer = apiVersion.startsWith("events.k8s.io/");
  const pairs = toNewer
    ? NEW_TO_CORE.map(([newer, core]) => [core, newer] as [string, string])
    : NEW_TO_CORE;
  return { ...rename(event, pairs), apiVersion } as KubeObject;
}

/** Which object an event is about, as `kind/name`. */
export function eventObject(event: KubeObject): string {
  const about = objectAt(event, "involvedObject");
  const regarding: Json = about["kind"] ? about : objectAt(event, "regarding");
  return `${stringAt(regarding, "kind").toLowerCase()}/${stringAt(regarding, "name")}`;
}
