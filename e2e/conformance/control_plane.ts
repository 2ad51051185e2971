/**
 * What a real control plane does to the objects of a case besides keeping them: defaults, refusals,
 * and the Endpoints of Services.
 */

import type { KubeObject, Service, StatefulSet } from "../../src/kubernetes/types.gen.ts";
import type { SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import type { Refusal } from "../../src/dry_run/simulated/api.ts";
import { sortedKeys } from "./comparison.ts";
import { storedStatefulSet } from "./normalise.ts";
import { CHANGE_TIME } from "./record.ts";
import { storedObject } from "./stored.ts";

/** The endpoints controller: an object of its own for every Service that has none. */
export function keepEndpoints({ api }: SimulatedCluster): void {
  api.onChange(({ type, object }) => {
    if (object.kind !== "Service") return;
    const { namespace = "", name = "", labels } = object.metadata;
    const ref = { apiVersion: "v1", kind: "Endpoints", namespace, name };
    const found = api.find(ref);
    if (type === "apply" && found === undefined) {
      const annotations = { [CHANGE_TIME]: "2026-01-14T12:00:30Z" };
      const metadata = { namespace, name, annotations, ...(labels ? { labels } : {}) };
      api.put({ apiVersion: "v1", kind: "Endpoints", metadata });
    }
    if (type === "delete" && found !== undefined) api.remove(ref);
  });
}

/** What the API server adds; uids of owners stay, which the recorder masked. */
export function stored(object: KubeObject): KubeObject {
  const { ownerReferences } = object.metadata;
  const next = object.kind === "StatefulSet"
    ? storedStatefulSet(object as StatefulSet)
    : object.kind === "Service"
    ? storedService(object as Service)
    : storedObject(object);
  if (ownerReferences === undefined) return next;
  return { ...next, metadata: { ...next.metadata, ownerReferences } };
}

/** Fields of another type of service go with it; node ports stay, which the recorder left out. */
function storedService(service: Service): KubeObject {
  const { allocateLoadBalancerNodePorts, externalTrafficPolicy, ...spec } = service.spec ?? {};
  const exposed = spec.type === "LoadBalancer" || spec.type === "NodePort";
  const kept = {
    ...spec,
    ...(spec.type === "LoadBalancer" && allocateLoadBalancerNodePorts !== undefined
      ? { allocateLoadBalancerNodePorts }
      : {}),
    ...(exposed && externalTrafficPolicy !== undefined ? { externalTrafficPolicy } : {}),
  };
  const next = storedObject({ ...service, spec: kept } as KubeObject) as Service;
  const ports = next.spec?.ports?.map((port, index) => {
    const nodePort = exposed ? service.spec?.ports?.[index]?.nodePort : undefined;
    return nodePort === undefined ? port : { ...port, nodePort };
  });
  return { ...next, spec: { ...next.spec, ...(ports ? { ports } : {}) } } as KubeObject;
}

const IMMUTABLE = ["volumeClaimTemplates", "selector", "serviceName", "podManagementPolicy"];

/** Writes that a real API server refuses, as far as the cases meet them. */
export function refusal(
  { api }: SimulatedCluster,
  own: string,
  object: KubeObject,
  old: KubeObject | undefined,
): Refusal | undefined {
  const { namespace = "" } = object.metadata;
  const known = [own, "default"].includes(namespace) ||
    api.find({ apiVersion: "v1", kind: "Namespace", name: namespace }) !== undefined;
  if (!known) return { status: 404, message: `namespaces "${namespace}" not found` };
  if (object.kind === "StatefulSet" && hugePagesDiffer(object as StatefulSet)) {
    return { status: 422, message: "resources.requests: must be equal to hugepages limit" };
  }
  if (old === undefined) return undefined;
  const part = (one: KubeObject, field: string) =>
    JSON.stringify(sortedKeys(specOf(one)[field] ?? null));
  if (object.kind === "StatefulSet") {
    const next = stored(object);
    const changed = IMMUTABLE.filter((field) => part(next, field) !== part(old, field));
    return changed.length === 0
      ? undefined
      : { status: 422, message: `spec: Forbidden: ${changed.join(", ")}` };
  }
  if (object.kind === "PersistentVolumeClaim") return claimRefusal(api, object, old);
  return undefined;
}

function hugePagesDiffer({ spec }: StatefulSet): boolean {
  return (spec?.template.spec?.containers ?? []).some(({ resources }) =>
    Object.entries(resources?.requests ?? {}).some(([name, amount]) =>
      name.startsWith("hugepages-") && amount !== resources?.limits?.[name]
    )
  );
}

function specOf({ spec }: KubeObject): Record<string, unknown> {
  return (spec ?? {}) as Record<string, unknown>;
}

function claimRefusal(
  api: SimulatedCluster["api"],
  object: KubeObject,
  old: KubeObject,
): Refusal | undefined {
  const resources = (one: KubeObject) => JSON.stringify(specOf(one).resources);
  if (resources(object) === resources(old)) return undefined;
  const name = String(specOf(object).storageClassName ?? "");
  const apiVersion = "storage.k8s.io/v1";
  const storageClass = api.find({ apiVersion, kind: "StorageClass", name });
  if (storageClass?.allowVolumeExpansion === true) return undefined;
  return { status: 403, message: "only dynamically provisioned pvc can be resized" };
}
