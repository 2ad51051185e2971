/** Objects that exist before the first client comes: namespaces, the API's own Service and roles. */
import type { ApiContext } from "./http/api_context.ts";
import type { JsonObject, KubeObject } from "./model/json.ts";
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES } from "./kubernetes/roles.ts";
import { kubeTime } from "../objects/time.ts";

const RBAC = "rbac.authorization.k8s.io";

function put(context: ApiContext, storageKey: string, object: JsonObject): void {
  const whole = object as KubeObject;
  const { name, namespace } = whole.metadata;
  if (context.store.get(storageKey, namespace, name!)) return;
  const metadata = {
    uid: crypto.randomUUID(),
    creationTimestamp: kubeTime(),
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
  for (const role of CLUSTER_ROLES) put(context, `${RBAC}/clusterroles`, role);
  for (const binding of CLUSTER_ROLE_BINDINGS) put(context, `${RBAC}/clusterrolebindings`, binding);
  const metadata = { name: "kubernetes", namespace: "default" };
  const labels = { component: "apiserver", provider: "kubernetes" };
  const clusterIP = `${context.serviceNetwork}.100.1`;
  put(context, "/services", {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...metadata, labels },
    spec: {
      type: "ClusterIP",
      clusterIP,
      clusterIPs: [clusterIP],
      ports: [{ name: "https", protocol: "TCP", port: 443, targetPort: server.port }],
      sessionAffinity: "None",
      internalTrafficPolicy: "Cluster",
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
    },
    status: { loadBalancer: {} },
  });
  context.store.put("/endpoints", {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: {
      ...metadata,
      uid: crypto.randomUUID(),
      creationTimestamp: kubeTime(),
    },
    // Patroni reads the API's address from here (bypass_api_service).
    subsets: [{
      addresses: [{ ip: server.address }],
      ports: [{ name: "https", port: server.port, protocol: "TCP" }],
    }],
  });
}
