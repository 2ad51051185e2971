/**
 * Endpoints and EndpointSlices of Services that have a selector (controllers of the dev cluster).
 *
 * A Service without selector is left alone: whoever made it (Patroni, the operator) writes its
 * Endpoints. With a Service its Endpoints go, whoever wrote them.
 * https://kubernetes.io/docs/concepts/services-networking/service/#endpoints
 */
import { unlessGone } from "../client/client.ts";
import { reconciler } from "../client/reconciler.ts";
import {
  endpoints as endpointsResource,
  endpointSlices,
  pods as podResource,
  services,
} from "../client/resources.ts";
import { splitKey } from "../client/watch_cache.ts";
import type { Endpoints, EndpointSlice, Service } from "../objects/network.ts";
import type { Pod } from "../objects/pod.ts";
import {
  type Controller,
  type ControllerContext,
  controllerOf,
  onLabelChange,
  refOf,
  sameValue,
  selects,
} from "./context.ts";
import { endpointSliceOf, hasAddress, subsetsOf } from "./endpoints_of.ts";
import { kubeTime } from "../objects/time.ts";

const CHANGE_ANNOTATION = "endpoints.kubernetes.io/last-change-trigger-time";
const MANAGED_BY_LABEL = "endpoints.kubernetes.io/managed-by";
const HEADLESS_LABEL = "service.kubernetes.io/headless";

/** Starts the controller. */
export function endpointsController(context: ControllerContext): Controller {
  const { caches, onError } = context;
  const queue = reconciler((key) => syncService(context, key), onError);
  const serviceCache = caches.of<Service>(services);
  serviceCache.onChange(({ metadata }) => queue.enqueue(`${metadata.namespace}/${metadata.name}`));
  caches.of<Endpoints>(endpointsResource);
  caches.of<EndpointSlice>(endpointSlices);
  onLabelChange(caches.of<Pod>(podResource), (pod, isSelectedBy) => {
    for (const { metadata, spec } of serviceCache.inNamespace(pod.metadata.namespace)) {
      if (hasSelector(spec.selector) && isSelectedBy({ matchLabels: spec.selector })) {
        queue.enqueue(`${metadata.namespace}/${metadata.name}`);
      }
    }
  });
  return queue;
}

function hasSelector(selector?: Record<string, string>): selector is Record<string, string> {
  return selector !== undefined && Object.keys(selector).length > 0;
}

async function syncService(context: ControllerContext, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const service = context.caches.of<Service>(services).get(namespace, name);
  if (!service) {
    const left = context.caches.of<Endpoints>(endpointsResource).get(namespace, name);
    if (left) await unlessGone(context.client.delete(endpointsResource, { namespace, name }));
    return;
  }
  const { selector } = service.spec;
  if (!hasSelector(selector) || service.metadata.deletionTimestamp) return;
  const pods = context.caches.of<Pod>(podResource).inNamespace(namespace)
    .filter((pod) => selects({ matchLabels: selector }, pod.metadata.labels) && hasAddress(pod));
  await writeEndpoints(context, service, pods);
  await writeSlice(context, service, pods);
}

async function writeEndpoints(
  { client, caches }: ControllerContext,
  service: Service,
  pods: readonly Pod[],
): Promise<void> {
  const cache = caches.of<Endpoints>(endpointsResource);
  const { name, namespace } = service.metadata;
  const known = cache.get(namespace, name);
  const subsets = subsetsOf(service, pods);
  const headless = service.spec.clusterIP === "None";
  const labels: Record<string, string> = {
    ...service.metadata.labels,
    [MANAGED_BY_LABEL]: "endpoint-controller",
    ...(headless ? { [HEADLESS_LABEL]: "" } : {}),
  };
  const same = known && sameValue(known.subsets ?? [], subsets) &&
    sameValue(known.metadata.labels, labels);
  if (same) return;
  const annotations = { ...known?.metadata.annotations, [CHANGE_ANNOTATION]: kubeTime() };
  const object: Endpoints = {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name, namespace: namespace!, labels, annotations },
    subsets,
  };
  if (!known) return cache.learn(await client.create(endpointsResource, object));
  const stale = Object.keys(known.metadata.labels ?? {}).filter((label) => !(label in labels));
  const removed = Object.fromEntries(stale.map((label) => [label, null]));
  const patch = { metadata: { labels: { ...labels, ...removed }, annotations }, subsets };
  cache.learn(await client.patch<Endpoints>(endpointsResource, refOf(known), patch));
}

/** One slice holds a Service's addresses; the dev cluster never has the thousand that split it. */
async function writeSlice(
  { client, caches }: ControllerContext,
  service: Service,
  pods: readonly Pod[],
): Promise<void> {
  const cache = caches.of<EndpointSlice>(endpointSlices);
  const known = cache.inNamespace(service.metadata.namespace)
    .find((slice) => controllerOf(slice)?.uid === service.metadata.uid);
  const slice = endpointSliceOf(service, pods);
  if (!known) return cache.learn(await client.create<EndpointSlice>(endpointSlices, slice));
  const { endpoints = [], ports = [] } = known;
  const same = sameValue(endpoints, slice.endpoints) && sameValue(ports, slice.ports) &&
    sameValue(known.metadata.labels, slice.metadata.labels);
  if (same) return;
  const patch = {
    metadata: { labels: slice.metadata.labels },
    endpoints: slice.endpoints,
    ports: slice.ports,
  };
  cache.learn(await client.patch<EndpointSlice>(endpointSlices, refOf(known), patch));
}
