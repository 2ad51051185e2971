/** The four kinds of patch, and who manages what afterwards. */
import type { Body } from "../context.ts";
import { type Exchange, recorded } from "../recorded.ts";

const CORE = "/api/v1/namespaces/NS";

function patch(kind: string, path: string, body: Body): Exchange {
  return { method: "PATCH", path, body, options: { contentType: `application/${kind}` } };
}
const strategic = (path: string, body: Body) => patch("strategic-merge-patch+json", path, body);
const merge = (path: string, body: Body) => patch("merge-patch+json", path, body);
const jsonPatch = (path: string, body: Body) => patch("json-patch+json", path, body);
const apply = (path: string, body: Body) => patch("apply-patch+yaml", path, body);
const post = (path: string, body: Body): Exchange => ({ method: "POST", path, body });

const labels = { app: "x" };
/** A PodTemplate: the shape of a workload, but no controller writes to it. */
const pattern = {
  apiVersion: "v1",
  kind: "PodTemplate",
  metadata: { name: "s" },
  template: {
    metadata: { labels },
    spec: {
      containers: [
        {
          name: "a",
          image: "a:1",
          env: [{ name: "X", value: "1" }, { name: "Y", value: "2" }],
          ports: [{ containerPort: 80 }],
        },
        { name: "b", image: "b:1" },
      ],
      tolerations: [{ key: "t", operator: "Exists" }],
      volumes: [{ name: "v", emptyDir: {} }],
    },
  },
};
const S = `${CORE}/podtemplates/s`;
const template = (spec: Body) => ({ template: { spec } });
const configMap = (data: Body, metadata: Body = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "c", ...metadata },
  data,
});
const C = `${CORE}/configmaps/c`;

const stated = (own: Body, image: string) => ({
  apiVersion: "v1",
  kind: "PodTemplate",
  metadata: { name: "s", labels: own },
  template: { spec: { containers: [{ name: "a", image }, { name: "n", image: "n:1" }] } },
});

export const patchRows = [
  recorded({
    name: "A strategic merge patch merges lists by key",
    steps: [
      post(`${CORE}/podtemplates`, pattern),
      strategic(
        S,
        template({ containers: [{ name: "b", image: "b:2" }, { name: "c", image: "c:1" }] }),
      ),
      strategic(
        S,
        template({
          containers: [{
            name: "a",
            env: [{ name: "Y", value: "3" }, { name: "X", $patch: "delete" }],
          }],
        }),
      ),
      strategic(S, template({ tolerations: [{ key: "u", operator: "Exists" }] })),
      strategic(S, template({ containers: [{ name: "c", $patch: "delete" }] })),
      strategic(
        S,
        template({
          volumes: [{ name: "v", $retainKeys: ["name", "secret"], secret: { secretName: "x" } }],
        }),
      ),
    ],
  }),
  recorded({
    name: "A strategic merge patch replaces and deletes by directive",
    steps: [
      post(`${CORE}/podtemplates`, pattern),
      strategic(S, template({ containers: [{ name: "z", image: "z:1" }, { $patch: "replace" }] })),
      strategic(S, { metadata: { labels: { a: "1", b: "2" } } }),
      strategic(S, { metadata: { labels: { a: null } } }),
      strategic(S, { metadata: { labels: { $patch: "replace", c: "3" } } }),
      strategic(S, { metadata: { finalizers: ["example.org/a", "example.org/b"] } }),
      strategic(S, { metadata: { "$deleteFromPrimitiveList/finalizers": ["example.org/a"] } }),
      strategic(S, { metadata: { "$deleteFromPrimitiveList/finalizers": ["example.org/b"] } }),
    ],
  }),
  recorded({
    name: "A strategic merge patch orders lists",
    steps: [
      post(`${CORE}/podtemplates`, pattern),
      strategic(
        S,
        template({
          "$setElementOrder/containers": [{ name: "b" }, { name: "c" }, { name: "a" }],
          containers: [{ name: "c", image: "c:1" }],
        }),
      ),
    ],
  }),
  recorded({
    name: "A merge patch replaces lists and removes by null",
    steps: [
      post(
        `${CORE}/configmaps`,
        configMap({ a: "1", b: "2" }, { labels, annotations: { x: "y" } }),
      ),
      merge(C, { data: { a: null, c: "3" }, metadata: { labels: null } }),
      merge(C, {}),
      merge(C, { data: { c: "3" } }),
    ],
  }),
  recorded({
    name: "A JSON patch adds, replaces, moves and tests",
    steps: [
      post(`${CORE}/configmaps`, configMap({ a: "1" }, { finalizers: ["example.org/x"] })),
      jsonPatch(C, [{ op: "test", path: "/data/a", value: "1" }, {
        op: "add",
        path: "/data/b~1c",
        value: "2",
      }]),
      jsonPatch(C, [{ op: "move", from: "/data/a", path: "/data/z" }, {
        op: "copy",
        from: "/data/z",
        path: "/data/y",
      }]),
      jsonPatch(C, [{ op: "add", path: "/metadata/finalizers/-", value: "example.org/y" }, {
        op: "remove",
        path: "/metadata/finalizers/0",
      }]),
      jsonPatch(C, [{ op: "replace", path: "/metadata/finalizers", value: [] }]),
    ],
  }),
  recorded({
    name: "Apply creates, owns, conflicts and forces",
    steps: [
      apply(`${C}?fieldManager=one`, configMap({ a: "1", b: "2" })),
      apply(`${C}?fieldManager=two`, configMap({ b: "3" })),
      apply(`${C}?fieldManager=two`, configMap({ b: "2", c: "4" })),
      apply(`${C}?fieldManager=two&force=true`, configMap({ b: "3" })),
      apply(`${C}?fieldManager=one`, configMap({})),
      apply(C, configMap({})),
      apply(`${C}?fieldManager=one`, {
        ...configMap({}),
        metadata: { name: "c", managedFields: [{}] },
      }),
    ],
  }),
  recorded({
    name: "Apply and update share an object",
    steps: [
      post(`${CORE}/podtemplates`, pattern),
      apply(`${S}?fieldManager=one`, stated({ l: "1" }, "a:1")),
      merge(`${S}?fieldManager=hand`, {
        metadata: { labels: { l: "2" } },
        template: { metadata: { annotations: { x: "y" } } },
      }),
      apply(`${S}?fieldManager=one`, stated({}, "a:2")),
      apply(`${S}?fieldManager=one&force=true`, stated({}, "a:2")),
      apply(`${S}?fieldManager=one`, {
        apiVersion: "v1",
        kind: "PodTemplate",
        metadata: { name: "s" },
      }),
    ],
  }),
  recorded({
    name: "A dry run changes nothing",
    steps: [
      post(`${CORE}/configmaps?dryRun=All`, configMap({ a: "1" })),
      { method: "GET", path: C },
      post(`${CORE}/configmaps`, configMap({ a: "1" })),
      merge(`${C}?dryRun=All`, { data: { a: "2" } }),
      { method: "DELETE", path: `${C}?dryRun=All` },
      { method: "GET", path: C },
    ],
  }),
  recorded({
    name: "A PUT replaces the object",
    steps: [
      post(`${CORE}/configmaps`, configMap({ a: "1" }, { labels, annotations: { x: "y" } })),
      { method: "PUT", path: C, body: configMap({ b: "2" }) },
      { method: "PUT", path: `${CORE}/configmaps/other`, body: configMap({}) },
      { method: "PUT", path: `${CORE}/configmaps/none`, body: { metadata: { name: "none" } } },
      {
        method: "PUT",
        path: `${CORE}/endpoints/made`,
        body: { metadata: { name: "made" }, subsets: [] },
      },
    ],
  }),
  recorded({
    name: "Status of built-in kinds is apart",
    steps: [
      post(`${CORE}/pods`, {
        metadata: { name: "p" },
        spec: { automountServiceAccountToken: false, containers: [{ name: "a", image: "x" }] },
        status: { phase: "Running" },
      }),
      strategic(`${CORE}/pods/p/status`, {
        status: {
          phase: "Running",
          podIP: "10.0.0.1",
          podIPs: [{ ip: "10.0.0.1" }],
          conditions: [{ type: "Ready", status: "True" }],
        },
        metadata: { labels: { a: "b" } },
      }),
      strategic(`${CORE}/pods/p/status`, {
        status: {
          conditions: [{ type: "Ready", status: "False" }, { type: "Initialized", status: "True" }],
        },
      }),
      merge(`${CORE}/pods/p`, { status: { phase: "Failed" } }),
    ],
  }),
];
