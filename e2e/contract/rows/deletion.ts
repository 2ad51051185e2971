/** Deletion: finalizers, propagation, preconditions, grace, collections. */
import type { Body } from "../context.ts";
import { type Exchange, recorded } from "../recorded.ts";

const CORE = "/api/v1/namespaces/NS";
const post = (path: string, body: Body): Exchange => ({ method: "POST", path, body });
const remove = (path: string, body?: Body): Exchange => ({
  method: "DELETE",
  path,
  ...(body ? { body } : {}),
});
const get = (path: string): Exchange => ({ method: "GET", path });
const merge = (path: string, body: Body): Exchange => ({
  method: "PATCH",
  path,
  body,
  options: { contentType: "application/merge-patch+json" },
});

const configMap = (name: string, metadata: Body = {}) => ({
  metadata: { name, ...metadata },
  data: { a: "1" },
});
const C = `${CORE}/configmaps/c`;
const pod = (extra: Body = {}) => ({
  metadata: { name: "p" },
  spec: { automountServiceAccountToken: false, containers: [{ name: "a", image: "x" }], ...extra },
});
const finalizers = ["example.org/hold"];

export const deletionRows = [
  recorded({
    name: "A deletion answers with a Status, or with the object for some kinds",
    steps: [
      post(`${CORE}/configmaps`, configMap("c")),
      remove(C),
      get(C),
      post(`${CORE}/secrets`, { metadata: { name: "s" } }),
      remove(`${CORE}/secrets/s`),
      post(`${CORE}/services`, {
        metadata: { name: "s" },
        spec: { clusterIP: "None", selector: { a: "b" } },
      }),
      remove(`${CORE}/services/s`),
      post(`${CORE}/serviceaccounts`, { metadata: { name: "a" } }),
      remove(`${CORE}/serviceaccounts/a`),
      post(`${CORE}/pods`, pod()),
      remove(`${CORE}/pods/p`),
    ],
  }),
  recorded({
    name: "A finalizer holds an object until it is taken off",
    steps: [
      post(`${CORE}/configmaps`, configMap("c", { finalizers })),
      remove(C),
      remove(C),
      merge(C, { metadata: { finalizers: [...finalizers, "example.org/new"] } }),
      merge(C, { data: { a: "2" } }),
      merge(C, { metadata: { finalizers: null } }),
      get(C),
    ],
  }),
  recorded({
    name: "Preconditions of a deletion are kept",
    steps: [
      post(`${CORE}/configmaps`, configMap("c")),
      remove(C, { preconditions: { uid: "7b1a4d5e-0000-4000-8000-000000000000" } }),
      remove(C, { preconditions: { resourceVersion: "1" } }),
      remove(C, { propagationPolicy: "Nonsense" }),
    ],
  }),
  recorded({
    name: "A pod on a node is given time to end",
    steps: [
      post(
        `${CORE}/pods`,
        pod({ nodeName: "nowhere-contract", terminationGracePeriodSeconds: 100 }),
      ),
      remove(`${CORE}/pods/p`),
      remove(`${CORE}/pods/p`, { gracePeriodSeconds: 200 }),
      remove(`${CORE}/pods/p`, { gracePeriodSeconds: 50 }),
      remove(`${CORE}/pods/p`, { gracePeriodSeconds: 0 }),
      get(`${CORE}/pods/p`),
    ],
  }),
  recorded({
    name: "Orphan and foreground deletions wait for the garbage collector",
    steps: [
      post(`${CORE}/configmaps`, configMap("c", { finalizers })),
      remove(C, { propagationPolicy: "Orphan" }),
      post(`${CORE}/configmaps`, configMap("d", { finalizers })),
      remove(`${CORE}/configmaps/d`, { propagationPolicy: "Foreground" }),
    ],
  }),
  recorded({
    name: "A collection is deleted by selector",
    steps: [
      post(`${CORE}/configmaps`, configMap("a", { labels: { x: "1" } })),
      post(`${CORE}/configmaps`, configMap("b", { labels: { x: "2" } })),
      remove(`${CORE}/configmaps?labelSelector=x%3D1`),
      get(`${CORE}/configmaps/a`),
      get(`${CORE}/configmaps/b`),
    ],
  }),
];
