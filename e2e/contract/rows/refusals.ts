/** What the API server refuses, and in which words. */
import type { Body, RequestOptions } from "../context.ts";
import { type Exchange, recorded } from "../recorded.ts";

const CORE = "/api/v1/namespaces/NS";
const APPS = "/apis/apps/v1/namespaces/NS";
const MERGE: RequestOptions = { contentType: "application/merge-patch+json" };
const JSON_PATCH: RequestOptions = { contentType: "application/json-patch+json" };

const post = (path: string, body: Body): Exchange => ({ method: "POST", path, body });
const patch = (path: string, body: Body): Exchange => ({
  method: "PATCH",
  path,
  body,
  options: MERGE,
});
const jsonPatch = (path: string, body: Body): Exchange => ({
  method: "PATCH",
  path,
  body,
  options: JSON_PATCH,
});
const get = (path: string): Exchange => ({ method: "GET", path });

const labels = { app: "x" };
const selector = { matchLabels: labels };
const template = { metadata: { labels }, spec: { containers: [{ name: "main", image: "nginx" }] } };
const set = {
  metadata: { name: "s" },
  spec: { selector, serviceName: "s", template, replicas: 0 },
};
const claim = {
  metadata: { name: "c" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};
const configMap = { metadata: { name: "c" }, data: { a: "1" } };
const service = { metadata: { name: "s" }, spec: { ports: [{ port: 80 }] } };

export const refusalRows = [
  recorded({
    name: "A missing object is not found",
    steps: [get(`${CORE}/pods/none`), get(`${APPS}/statefulsets/none`), {
      method: "DELETE",
      path: `${CORE}/secrets/none`,
    }, patch(`${CORE}/secrets/none`, {})],
  }),
  recorded({
    name: "An unknown resource is not found",
    steps: [get(`${CORE}/nonsense`), get("/apis/nonsense.example.org/v1/things"), get("/nonsense")],
  }),
  recorded({
    name: "A method that a resource does not have is not allowed",
    steps: [{ method: "PUT", path: `${CORE}/pods`, body: {} }, {
      method: "POST",
      path: `${CORE}/pods/x`,
      body: { metadata: { name: "x" } },
    }],
  }),
  recorded({
    name: "A name that is taken exists already",
    steps: [post(`${CORE}/configmaps`, configMap), post(`${CORE}/configmaps`, configMap)],
  }),
  recorded({
    name: "Names follow their rules",
    steps: [
      post(`${CORE}/configmaps`, { metadata: { name: "Bad_Name" } }),
      post(`${CORE}/services`, { ...service, metadata: { name: "1abc" } }),
      post(`${CORE}/configmaps`, { metadata: {} }),
      post("/api/v1/namespaces", { metadata: { name: "a.b" } }),
    ],
  }),
  recorded({
    name: "Labels and annotations follow their rules",
    steps: [
      post(`${CORE}/configmaps`, { metadata: { name: "c", labels: { ok: "bad value" } } }),
      post(`${CORE}/configmaps`, {
        metadata: { name: "c", labels: { "bad key": "x" } },
      }),
      post(`${CORE}/configmaps`, { metadata: { name: "c", annotations: { "a/b/c": "x" } } }),
      post(`${CORE}/configmaps`, { metadata: { name: "c", labels: { a: "x".repeat(64) } } }),
    ],
  }),
  recorded({
    name: "A namespace that is not there takes nothing",
    steps: [{ method: "POST", path: "/api/v1/namespaces/not-there/configmaps", body: configMap }, {
      method: "POST",
      path: `${CORE}/configmaps`,
      body: { metadata: { name: "c", namespace: "other" } },
    }],
  }),
  recorded({
    name: "A body of another kind is refused",
    steps: [
      post(`${CORE}/configmaps`, { apiVersion: "v1", kind: "Secret", metadata: { name: "x" } }),
    ],
  }),
  recorded({
    name: "A creation with a resourceVersion is refused",
    steps: [post(`${CORE}/configmaps`, { metadata: { name: "c", resourceVersion: "1" } })],
  }),
  recorded({
    name: "An outdated resourceVersion is a conflict",
    steps: [
      post(`${CORE}/configmaps`, configMap),
      {
        method: "PUT",
        path: `${CORE}/configmaps/c`,
        body: { metadata: { name: "c", resourceVersion: "1" }, data: { a: "2" } },
      },
      patch(`${CORE}/configmaps/c`, { metadata: { resourceVersion: "1" }, data: { a: "2" } }),
      patch(`${CORE}/configmaps/c`, { metadata: { uid: "7b1a4d5e-0000-4000-8000-000000000000" } }),
    ],
  }),
  recorded({
    name: "A StatefulSet's fixed fields stay",
    steps: [
      post(`${APPS}/statefulsets`, set),
      patch(`${APPS}/statefulsets/s`, { spec: { serviceName: "other" } }),
      patch(`${APPS}/statefulsets/s`, {
        spec: {
          selector: { matchLabels: { app: "y" } },
          template: { metadata: { labels: { app: "y" } } },
        },
      }),
      patch(`${APPS}/statefulsets/s`, { spec: { volumeClaimTemplates: [claim] } }),
    ],
  }),
  recorded({
    name: "A StatefulSet needs a selector that fits",
    steps: [
      post(`${APPS}/statefulsets`, {
        ...set,
        spec: { ...set.spec, selector: { matchLabels: { app: "y" } } },
      }),
      post(`${APPS}/statefulsets`, { ...set, spec: { serviceName: "s", template } }),
      post(`${APPS}/statefulsets`, { ...set, spec: { ...set.spec, replicas: -1 } }),
      post(`${APPS}/statefulsets`, {
        ...set,
        spec: {
          ...set.spec,
          template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } },
        },
      }),
    ],
  }),
  recorded({
    name: "A Deployment's selector stays",
    steps: [
      post(`${APPS}/deployments`, {
        metadata: { name: "d" },
        spec: { selector, template, replicas: 0 },
      }),
      patch(`${APPS}/deployments/d`, {
        spec: {
          selector: { matchLabels: { app: "y" } },
          template: { metadata: { labels: { app: "y" } } },
        },
      }),
      post(`${APPS}/deployments`, { metadata: { name: "e" }, spec: { template } }),
    ],
  }),
  recorded({
    name: "A claim's spec stays",
    steps: [
      post(`${CORE}/persistentvolumeclaims`, claim),
      post(`${CORE}/persistentvolumeclaims`, { metadata: { name: "d" }, spec: {} }),
    ],
  }),
  recorded({
    name: "A Secret's type stays",
    steps: [
      post(`${CORE}/secrets`, { metadata: { name: "s" }, stringData: { a: "b" } }),
      patch(`${CORE}/secrets/s`, { type: "kubernetes.io/basic-auth" }),
      post(`${CORE}/secrets`, { metadata: { name: "t" }, type: "kubernetes.io/tls" }),
      post(`${CORE}/secrets`, { metadata: { name: "t" }, stringData: { "bad key": "x" } }),
    ],
  }),
  recorded({
    name: "An immutable ConfigMap stays",
    steps: [
      post(`${CORE}/configmaps`, { ...configMap, immutable: true }),
      patch(`${CORE}/configmaps/c`, { data: { a: "2" } }),
      patch(`${CORE}/configmaps/c`, { immutable: null }),
      patch(`${CORE}/configmaps/c`, { metadata: { labels: { a: "b" } } }),
    ],
  }),
  recorded({
    name: "A binding's roleRef stays",
    steps: [
      post("/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings", {
        metadata: { name: "b" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
        subjects: [],
      }),
      patch("/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings/b", {
        roleRef: { name: "edit" },
      }),
      post("/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles", {
        metadata: { name: "r" },
        rules: [{ apiGroups: [""], resources: ["pods"] }],
      }),
    ],
  }),
  recorded({
    name: "Services follow their rules",
    steps: [
      post(`${CORE}/services`, { metadata: { name: "s" }, spec: {} }),
      post(`${CORE}/services`, {
        metadata: { name: "s" },
        spec: { type: "Nonsense", ports: [{ port: 80 }] },
      }),
      post(`${CORE}/services`, { metadata: { name: "s" }, spec: { ports: [{ port: 0 }] } }),
      post(`${CORE}/services`, {
        metadata: { name: "s" },
        spec: { ports: [{ port: 80 }, { port: 81 }] },
      }),
      post(`${CORE}/services`, {
        metadata: { name: "s" },
        spec: { externalTrafficPolicy: "Local", ports: [{ port: 80 }] },
      }),
    ],
  }),
  recorded({
    name: "Pods follow their rules",
    steps: [
      post(`${CORE}/pods`, { metadata: { name: "p" }, spec: { containers: [] } }),
      post(`${CORE}/pods`, { metadata: { name: "p" }, spec: { containers: [{ name: "a" }] } }),
      post(`${CORE}/pods`, {
        metadata: { name: "p" },
        spec: { containers: [{ name: "a", image: "x" }, { name: "a", image: "x" }] },
      }),
      post(`${CORE}/pods`, {
        metadata: { name: "p" },
        spec: {
          containers: [{
            name: "a",
            image: "x",
            volumeMounts: [{ name: "none", mountPath: "/x" }],
          }],
        },
      }),
      post(`${CORE}/pods`, {
        metadata: { name: "p" },
        spec: {
          containers: [{
            name: "a",
            image: "x",
            resources: { limits: { cpu: "1" }, requests: { cpu: "2" } },
          }],
        },
      }),
      post(`${CORE}/pods`, {
        metadata: { name: "p" },
        spec: { serviceAccountName: "none", containers: [{ name: "a", image: "x" }] },
      }),
    ],
  }),
  recorded({
    name: "A running Pod's spec stays",
    steps: [
      post(`${CORE}/pods`, {
        metadata: { name: "p" },
        spec: { automountServiceAccountToken: false, containers: [{ name: "a", image: "x" }] },
      }),
      patch(`${CORE}/pods/p`, { metadata: { labels: { a: "b" } } }),
      {
        method: "PATCH",
        path: `${CORE}/pods/p`,
        body: { spec: { containers: [{ name: "a", image: "y" }] } },
        options: { contentType: "application/strategic-merge-patch+json" },
      },
    ],
  }),
  recorded({
    name: "A CronJob follows its rules",
    steps: [
      post("/apis/batch/v1/namespaces/NS/cronjobs", {
        metadata: { name: "c" },
        spec: {
          schedule: "nonsense",
          jobTemplate: {
            spec: {
              template: { spec: { restartPolicy: "Never", containers: template.spec.containers } },
            },
          },
        },
      }),
      post("/apis/batch/v1/namespaces/NS/cronjobs", {
        metadata: { name: "c" },
        spec: { schedule: "* * * * *", jobTemplate: { spec: { template } } },
      }),
    ],
  }),
  recorded({
    name: "A budget follows its rules",
    steps: [
      post("/apis/policy/v1/namespaces/NS/poddisruptionbudgets", {
        metadata: { name: "b" },
        spec: { minAvailable: 1, maxUnavailable: 1, selector },
      }),
      post("/apis/policy/v1/namespaces/NS/poddisruptionbudgets", {
        metadata: { name: "b" },
        spec: { minAvailable: -1, selector },
      }),
    ],
  }),
  recorded({
    name: "A value of a wrong type is refused",
    steps: [
      post(`${CORE}/services`, { metadata: { name: "s" }, spec: { ports: [{ port: "80" }] } }),
      post(`${CORE}/configmaps`, { metadata: { name: "c" }, data: { a: 1 } }),
      post(`${APPS}/statefulsets`, { ...set, spec: { ...set.spec, replicas: "1" } }),
    ],
  }),
  recorded({
    name: "Unknown fields are refused only when asked",
    steps: [
      {
        method: "POST",
        path: `${CORE}/configmaps?fieldValidation=Strict`,
        body: { ...configMap, nonsense: 1, metadata: { name: "c", foo: "x" } },
      },
      {
        method: "POST",
        path: `${CORE}/configmaps?fieldValidation=Ignore`,
        body: { ...configMap, nonsense: 1 },
      },
    ],
  }),
  recorded({
    name: "A JSON patch that does not apply is refused",
    steps: [
      post(`${CORE}/configmaps`, configMap),
      jsonPatch(`${CORE}/configmaps/c`, [{ op: "test", path: "/data/a", value: "2" }]),
      jsonPatch(`${CORE}/configmaps/c`, [{ op: "remove", path: "/data/none" }]),
      jsonPatch(`${CORE}/configmaps/c`, [{ op: "replace", path: "/nothing/here", value: 1 }]),
      jsonPatch(`${CORE}/configmaps/c`, { op: "test" }),
    ],
  }),
  recorded({
    name: "A patch of an unknown kind is refused",
    steps: [
      post(`${CORE}/configmaps`, configMap),
      {
        method: "PATCH",
        path: `${CORE}/configmaps/c`,
        body: {},
        options: { contentType: "application/json" },
      },
    ],
  }),
  recorded({
    name: "A selector that cannot be read is refused",
    steps: [
      get(`${CORE}/pods?fieldSelector=spec.nonsense%3Dx`),

      get(`${CORE}/pods?resourceVersion=abc`),
    ],
  }),
  recorded({
    name: "A protected namespace cannot be deleted",
    steps: [{ method: "DELETE", path: "/api/v1/namespaces/kube-system" }],
  }),
];
