/**
 * What every namespace has from the start: the ServiceAccount `default` and the ConfigMap with
 * the API server's certificate authority (controllers of the dev cluster).
 * https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts
 */
import { alreadyExists } from "../client/client.ts";
import { reconciler } from "../client/reconciler.ts";
import { configMaps, namespaces, type Resource, serviceAccounts } from "../client/resources.ts";
import type { KubeObject } from "../objects/meta.ts";
import type { ConfigMap, Namespace } from "../objects/storage.ts";
import type { Controller, ControllerContext } from "./context.ts";

const ROOT_CA = "kube-root-ca.crt";

/** Starts the controller. */
export function serviceAccountController(context: ControllerContext): Controller {
  const { caches, onError } = context;
  const namespaceCache = caches.of<Namespace>(namespaces);
  const queue = reconciler(async (name) => {
    const namespace = namespaceCache.get(undefined, name);
    if (!namespace || namespace.metadata.deletionTimestamp) return;
    await furnish(context, name);
  }, onError);
  namespaceCache.onChange(({ metadata }) => queue.enqueue(metadata.name));
  caches.of<KubeObject>(serviceAccounts).onChange(({ metadata }, gone) => {
    if (gone && metadata.name === "default") queue.enqueue(metadata.namespace!);
  });
  return queue;
}

async function furnish(context: ControllerContext, namespace: string): Promise<void> {
  await ensure(context, serviceAccounts, {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "default", namespace },
  });
  const { caPem } = context.client.access;
  if (!caPem) return;
  const authority: ConfigMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: ROOT_CA,
      namespace,
      annotations: {
        "kubernetes.io/description":
          "Holds the certificates that make up the trust bundle of this cluster's API server.",
      },
    },
    data: { "ca.crt": caPem },
  };
  await ensure(context, configMaps, authority);
}

/** Creates an object unless it is there; ConfigMaps are not watched, there may be many. */
async function ensure(
  { client }: ControllerContext,
  resource: Resource,
  object: KubeObject,
): Promise<void> {
  const { namespace, name } = object.metadata;
  if (await client.get(resource, { namespace, name })) return;
  try {
    await client.create(resource, object);
  } catch (error) {
    if (!alreadyExists(error)) throw error;
  }
}
