/**
 * Every object of every kind that can be deleted, as garbage collection and the end of a
 * namespace need them (controllers of the dev cluster). Kinds come from discovery, and again
 * when a CustomResourceDefinition changes.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#api-discovery
 */
import type { KubeClient } from "../client/client.ts";
import { customResourceDefinitions, type Resource, resourceKey } from "../client/resources.ts";
import type { WatchCache } from "../client/watch_cache.ts";
import type { KubeObject } from "../objects/meta.ts";
import { reconciler } from "../client/reconciler.ts";
import type { ControllerContext } from "./context.ts";

export type AnyListener = (resource: Resource, object: KubeObject, gone: boolean) => void;

/** The objects of all kinds. */
export interface ObjectWatch {
  /** The kinds that are watched now. */
  resources(): Resource[];
  cache(resource: Resource): WatchCache<KubeObject>;
  onChange(listener: AnyListener): void;
  stop(): Promise<void>;
}

/** Opens a watch for every kind and waits until all have their first list. */
export async function watchEverything(context: ControllerContext): Promise<ObjectWatch> {
  const { client, caches, onError } = context;
  const listeners: AnyListener[] = [];
  const watched = new Map<string, Resource>();

  async function refresh(): Promise<void> {
    const found = await deletableResources(client);
    for (const [key, resource] of watched) {
      if (found.some((it) => resourceKey(it) === key)) continue;
      watched.delete(key);
      caches.forget(resource);
    }
    const added = found.filter((resource) => !watched.has(resourceKey(resource)));
    for (const resource of added) {
      watched.set(resourceKey(resource), resource);
      caches.of<KubeObject>(resource).onChange((object, gone) => {
        for (const listener of listeners) listener(resource, object, gone);
      });
    }
    await Promise.all(added.map((resource) => caches.of(resource).synced));
  }

  await refresh();
  const queue = reconciler(refresh, onError);
  const definitions = caches.of<CustomResourceDefinition>(customResourceDefinitions);
  let before = "";
  definitions.onChange(() => {
    // The status of a definition changes several times; only served kinds matter.
    const served = [...definitions.all()].filter(isEstablished).map((it) => it.metadata.uid);
    const now = served.sort().join();
    if (now !== before) queue.enqueue("discovery");
    before = now;
  });
  return {
    resources: () => [...watched.values()],
    cache: (resource) => caches.of<KubeObject>(resource),
    onChange(listener) {
      listeners.push(listener);
      for (const resource of watched.values()) {
        for (const object of caches.of(resource).all()) listener(resource, object, false);
      }
    },
    stop: () => queue.stop(),
  };
}

interface CustomResourceDefinition extends KubeObject {
  status?: { conditions?: { type: string; status: string }[] };
}

function isEstablished({ status }: CustomResourceDefinition): boolean {
  return status?.conditions?.some((it) => it.type === "Established" && it.status === "True") ??
    false;
}

interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly verbs: readonly string[];
  }[];
}

interface GroupList {
  readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
}

/** Events are many, own nothing and end by themselves. */
const NOT_WATCHED = new Set(["events", "events.k8s.io"]);

/** The kinds that can be listed, watched and deleted, each in its preferred version. */
async function deletableResources(client: KubeClient): Promise<Resource[]> {
  const { groups } = await client.send<GroupList>("GET", "/apis");
  const paths = ["/api/v1", ...groups.map((it) => `/apis/${it.preferredVersion.groupVersion}`)];
  const lists = await Promise.all(paths.map((path) => client.send<ResourceList>("GET", path)));
  return lists.flatMap(resourcesOf);
}

function resourcesOf({ groupVersion, resources }: ResourceList): Resource[] {
  const [version = "", group = ""] = groupVersion.split("/").reverse();
  return resources
    .filter(({ name, verbs }) =>
      !name.includes("/") && !NOT_WATCHED.has(group || name) &&
      ["list", "watch", "delete"].every((verb) => verbs.includes(verb))
    )
    .map(({ name, kind, namespaced }) => ({ group, version, plural: name, kind, namespaced }));
}
