/** Subresources of built-in kinds, Tables, and access reviews. */
import type { Body, RequestOptions } from "../context.ts";
import { type Exchange, recorded } from "../recorded.ts";

const CORE = "/api/v1/namespaces/NS";
const APPS = "/apis/apps/v1/namespaces/NS";
const TABLE: RequestOptions = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
const post = (path: string, body: Body): Exchange => ({ method: "POST", path, body });
const get = (path: string, options?: RequestOptions): Exchange => ({
  method: "GET",
  path,
  ...(options ? { options } : {}),
});
const merge = (path: string, body: Body): Exchange => ({
  method: "PATCH",
  path,
  body,
  options: { contentType: "application/merge-patch+json" },
});

const labels = { app: "x" };
const container = { name: "a", image: "x" };
const pod = {
  metadata: { name: "p", labels },
  spec: { automountServiceAccountToken: false, containers: [container] },
};
const set = {
  metadata: { name: "s" },
  spec: {
    selector: { matchLabels: labels },
    serviceName: "s",
    replicas: 0,
    template: { metadata: { labels }, spec: { containers: [container] } },
  },
};
const review = (resourceAttributes: Body) =>
  post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", { spec: { resourceAttributes } });

export const subresourceRows = [
  recorded({
    name: "A StatefulSet is scaled",
    steps: [
      post(`${APPS}/statefulsets`, set),
      get(`${APPS}/statefulsets/s/scale`),
      merge(`${APPS}/statefulsets/s/scale`, { spec: { replicas: 0 } }),
      merge(`${APPS}/statefulsets/s/scale`, { spec: { replicas: -1 } }),
    ],
  }),
  recorded({
    name: "A pod is bound once",
    steps: [
      post(`${CORE}/pods`, pod),
      post(`${CORE}/pods/p/binding`, {
        metadata: { name: "p" },
        target: { kind: "Node", name: "nowhere-contract" },
      }),
      post(`${CORE}/pods/p/binding`, {
        metadata: { name: "p" },
        target: { kind: "Node", name: "elsewhere" },
      }),
    ],
  }),
  recorded({
    name: "A pod without a budget is evicted",
    steps: [
      post(`${CORE}/pods`, pod),
      post(`${CORE}/pods/p/eviction`, { metadata: { name: "p", namespace: "NS" } }),
      get(`${CORE}/pods/p`),
    ],
  }),
  recorded({
    name: "Logs and commands need a pod on a node",
    steps: [
      post(`${CORE}/pods`, pod),
      get(`${CORE}/pods/p/log?container=none`),
      get(`${CORE}/pods/none/log`),
    ],
  }),
  recorded({
    name: "A token is issued for a service account",
    steps: [
      post(`${CORE}/serviceaccounts/default/token`, { spec: { expirationSeconds: 60 } }),
      post(`${CORE}/serviceaccounts/none/token`, { spec: {} }),
    ],
  }),
  recorded({
    name: "Pods are printed as a Table",
    steps: [
      post(`${CORE}/pods`, pod),
      get(`${CORE}/pods`, TABLE),
      get(`${CORE}/pods/p?includeObject=None`, TABLE),
    ],
  }),
  recorded({
    name: "Services are printed as a Table",
    steps: [
      post(`${CORE}/services`, {
        metadata: { name: "headless" },
        spec: { clusterIP: "None", selector: labels, ports: [{ port: 80 }] },
      }),
      post(`${CORE}/services`, {
        metadata: { name: "ext" },
        spec: { type: "ExternalName", externalName: "example.org" },
      }),
      get(`${CORE}/services?includeObject=None`, TABLE),
    ],
  }),
  recorded({
    name: "StatefulSets are printed as a Table",
    steps: [
      post(`${APPS}/statefulsets`, set),
      get(`${APPS}/statefulsets?includeObject=None`, TABLE),
    ],
  }),
  recorded({
    name: "ConfigMaps and Secrets are printed as a Table",
    steps: [
      post(`${CORE}/configmaps`, { metadata: { name: "c" }, data: { a: "1", b: "2" } }),
      get(`${CORE}/configmaps/c?includeObject=None`, TABLE),
      post(`${CORE}/secrets`, { metadata: { name: "s" }, stringData: { a: "1" } }),
      get(`${CORE}/secrets/s?includeObject=None`, TABLE),
    ],
  }),
  recorded({
    name: "Claims, budgets and endpoints are printed as a Table",
    steps: [
      post(`${CORE}/persistentvolumeclaims`, {
        metadata: { name: "c" },
        spec: {
          storageClassName: "none",
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: "1Gi" } },
        },
      }),
      get(`${CORE}/persistentvolumeclaims?includeObject=None`, TABLE),
      post("/apis/policy/v1/namespaces/NS/poddisruptionbudgets", {
        metadata: { name: "b" },
        spec: { maxUnavailable: "50%", selector: { matchLabels: labels } },
      }),
      get("/apis/policy/v1/namespaces/NS/poddisruptionbudgets?includeObject=None", TABLE),
      post(`${CORE}/endpoints`, {
        metadata: { name: "e" },
        subsets: [{
          addresses: [{ ip: "10.0.0.1" }, { ip: "10.0.0.2" }],
          ports: [{ port: 1, name: "a" }, { port: 2, name: "b" }],
        }],
      }),
      get(`${CORE}/endpoints?includeObject=None`, TABLE),
    ],
  }),
  recorded({
    name: "An admin may do everything",
    steps: [
      review({ verb: "*", resource: "*", group: "*" }),
      review({ namespace: "NS", verb: "create", resource: "pods", subresource: "exec" }),
    ],
  }),
  recorded({
    name: "Only the metadata of objects is sent when asked",
    steps: [
      post(`${CORE}/configmaps`, { metadata: { name: "c" }, data: { a: "1" } }),
      get(`${CORE}/configmaps/c`, {
        accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
      }),
    ],
  }),
];
