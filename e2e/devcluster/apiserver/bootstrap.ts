/** Objects that exist before the first client comes: namespaces, the API's own Service and roles. */
import type { ApiContext } from "./api_context.ts";
import type { JsonObject, KubeObject } from "./json.ts";
import { timestamp } from "./write.ts";

function put(context: ApiContext, storageKey: string, object: JsonObject): void {
  const whole = object as KubeObject;
  const { name, namespace } = whole.metadata;
  if (context.store.get(storageKey, namespace, name!)) return;
  const metadata = {
    uid: crypto.randomUUID(),
    creationTimestamp: timestamp(new Date()),
    ...whole.metadata,
  };
  context.store.put(storageKey, { ...whole, metadata });
}

/** Puts what is missing; the API's own Endpoints always tell the current address. */
export function bootstrap(context: ApiContext, server: { address: string; port: number }): void {
  for (const name of ["default", "kube-system", "kube-public", "kube-node-lease"]) {
    put(context, "/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels: { "kubernetes.io/metadata.name": name } },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    });
  }
  const metadata = { name: "kubernetes", namespace: "default" };
  context.store.put("/endpoints", {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: {
      ...metadata,
      uid: crypto.randomUUID(),
      creationTimestamp: timestamp(new Date()),
    },
    // Patroni reads the API's address from here (bypass_api_service).
    subsets: [{
      addresses: [{ ip: server.address }],
      ports: [{ name: "https", port: server.port, protocol: "TCP" }],
    }],
  });
}
