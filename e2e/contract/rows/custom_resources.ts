/** CustomResourceDefinitions and their objects: schema, defaults, pruning, rules, subresources. */
import type { Body, RequestOptions } from "../context.ts";
import { type Exchange, recorded } from "../recorded.ts";

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const GROUP = "NS.example.org";
const THINGS = `/apis/${GROUP}/v1/namespaces/NS/things`;
const MERGE: RequestOptions = { contentType: "application/merge-patch+json" };
const TABLE: RequestOptions = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };

const schema = {
  type: "object",
  required: ["spec"],
  properties: {
    spec: {
      type: "object",
      required: ["size"],
      properties: {
        size: { type: "integer", minimum: 1, maximum: 10, default: 2 },
        name: { type: "string", pattern: "^[a-z]+$", minLength: 2, maxLength: 5 },
        kind: { type: "string", enum: ["a", "b"], default: "a" },
        ratio: { type: "number", format: "double" },
        on: { type: "boolean" },
        maybe: { type: "string", nullable: true },
        port: { "x-kubernetes-int-or-string": true },
        amount: {
          anyOf: [{ type: "integer" }, { type: "string" }],
          "x-kubernetes-int-or-string": true,
        },
        nested: {
          type: "object",
          properties: { inner: { type: "string", default: "x" }, other: { type: "string" } },
        },
        defaulted: {
          type: "object",
          default: {},
          properties: { deep: { type: "integer", default: 7 } },
        },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        map: { type: "object", additionalProperties: { type: "string" } },
        list: { type: "array", maxItems: 2, items: { type: "string" } },
        tags: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
        items: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["id"],
          items: {
            type: "object",
            required: ["id"],
            properties: { id: { type: "string" }, value: { type: "integer", default: 1 } },
          },
        },
        choice: {
          type: "object",
          properties: { x: { type: "string" }, y: { type: "string" } },
          oneOf: [{ required: ["x"] }, { required: ["y"] }],
        },
        embedded: {
          type: "object",
          "x-kubernetes-embedded-resource": true,
          "x-kubernetes-preserve-unknown-fields": true,
        },
      },
    },
    status: {
      type: "object",
      properties: {
        phase: { type: "string" },
        replicas: { type: "integer" },
        selector: { type: "string" },
      },
    },
  },
};

function definition(versionExtra: Body = {}, root: Body = schema): Body {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `things.${GROUP}` },
    spec: {
      group: GROUP,
      scope: "Namespaced",
      names: { plural: "things", kind: "Thing", shortNames: ["th"], categories: ["all"] },
      versions: [{
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: root },
        subresources: { status: {} },
        additionalPrinterColumns: [
          { name: "Size", type: "integer", jsonPath: ".spec.size", description: "how big" },
          { name: "Phase", type: "string", jsonPath: ".status.phase", priority: 1 },
        ],
        ...versionExtra,
      }],
    },
  };
}

const thing = (spec: Body, metadata: Body = {}): Body => ({
  apiVersion: `${GROUP}/v1`,
  kind: "Thing",
  metadata: { name: "t", ...metadata },
  spec,
});

/** Steps between the creation of the definition and its deletion, which are not recorded. */
function withThings(steps: Exchange[], made: Body = definition()): Exchange[] {
  return [
    { method: "POST", path: DEFINITIONS, body: made, until: 201, silent: true },
    { method: "GET", path: THINGS, until: 200, silent: true },
    ...steps,
    { method: "DELETE", path: `${DEFINITIONS}/things.${GROUP}`, silent: true },
  ];
}

const post = (spec: Body, metadata?: Body, query = ""): Exchange => ({
  method: "POST",
  path: THINGS + query,
  body: thing(spec, metadata),
});
const patch = (path: string, body: Body): Exchange => ({
  method: "PATCH",
  path,
  body,
  options: MERGE,
});
const get = (path: string, options?: RequestOptions): Exchange => ({
  method: "GET",
  path,
  ...(options ? { options } : {}),
});

const scalable = definition({
  subresources: {
    status: {},
    scale: {
      specReplicasPath: ".spec.size",
      statusReplicasPath: ".status.replicas",
      labelSelectorPath: ".status.selector",
    },
  },
});

const withRules = definition({}, {
  type: "object",
  properties: {
    spec: {
      type: "object",
      "x-kubernetes-validations": [
        { rule: "self.min <= self.max", message: "min must not exceed max" },
        { rule: "!has(self.fixed) || !has(oldSelf.fixed) || self.fixed == oldSelf.fixed" },
      ],
      properties: {
        min: { type: "integer" },
        max: { type: "integer" },
        fixed: { type: "string" },
        name: {
          type: "string",
          "x-kubernetes-validations": [{
            rule: "self.startsWith('a')",
            messageExpression: "'not ' + self",
          }],
        },
      },
      required: ["min", "max"],
    },
  },
});

export const customResourceRows = [
  recorded({
    name: "A custom resource gets its defaults and loses unknown fields",
    steps: withThings([
      post({
        nested: { other: "y" },
        nonsense: 1,
        free: { any: { thing: 1 } },
        map: { a: "b" },
        items: [{ id: "1" }],
        kind: null,
        maybe: null,
        nonsenseToo: {},
      }, { labels: { a: "b" } }),
      get(`${THINGS}/t`),
    ]),
  }),
  recorded({
    name: "A custom resource is refused for wrong types",
    steps: withThings([
      post({ size: "2" }),
      post({ on: "yes" }),
      post({ list: "x" }),
      post({ nested: [] }),
      post({ map: { a: 1 } }),
      post({ size: 2, port: true }),
      post({ size: null, name: null }),
      {
        method: "POST",
        path: THINGS,
        body: { apiVersion: `${GROUP}/v1`, kind: "Thing", metadata: { name: "t" } },
      },
    ]),
  }),
  recorded({
    name: "A custom resource is refused for values out of bounds",
    steps: withThings([
      post({ size: 0 }),
      post({ size: 11 }),
      post({ name: "A" }),
      post({ name: "abcdef" }),
      post({ kind: "c" }),
      post({ list: ["a", "b", "c"] }),
      post({ tags: ["a", "a"] }),
      post({ items: [{ id: "1" }, { id: "1" }] }),
      post({ items: [{}] }),
      post({ choice: {} }),
      post({ choice: { x: "1", y: "2" } }),
      post({ ratio: 1, port: 5, amount: "5" }),
    ]),
  }),
  recorded({
    name: "Unknown fields of custom resources are refused when asked",
    steps: withThings([
      post({ nonsense: 1, nested: { more: 2 } }, {}, "?fieldValidation=Strict"),
      post({ nonsense: 1 }, { name: "u", foo: "x" }, "?fieldValidation=Ignore"),
    ]),
  }),
  recorded({
    name: "An embedded resource needs a kind",
    steps: withThings([
      post({ embedded: { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, anything: 1 } }),
    ]),
  }),
  recorded({
    name: "Status and spec of a custom resource are apart",
    steps: withThings([
      { method: "POST", path: THINGS, body: { ...thing({}), status: { phase: "lost" } } },
      patch(`${THINGS}/t/status`, {
        status: { phase: "Running" },
        spec: { size: 9 },
      }),
      patch(`${THINGS}/t`, { spec: { size: 3 }, status: { phase: "lost" } }),
      patch(`${THINGS}/t`, { spec: { size: 3 } }),
      patch(`${THINGS}/t`, { metadata: { annotations: { a: "b" } } }),
    ]),
  }),
  recorded({
    name: "A custom resource is scaled",
    steps: withThings([
      post({ size: 2 }),
      patch(`${THINGS}/t/status`, { status: { replicas: 1, selector: "a=b" } }),
      get(`${THINGS}/t/scale`),
      patch(`${THINGS}/t/scale`, { spec: { replicas: 4 } }),
      patch(`${THINGS}/t/scale`, { spec: { replicas: 40 } }),
    ], scalable),
  }),
  recorded({
    name: "Custom resources are printed by their columns",
    steps: withThings([post({ size: 3 }), get(THINGS, TABLE)]),
  }),
  recorded({
    name: "A custom resource needs a resourceVersion to be replaced",
    steps: withThings([
      post({ size: 2 }),
      { method: "PUT", path: `${THINGS}/t`, body: thing({ size: 3 }) },
      { method: "PUT", path: `${THINGS}/t`, body: thing({ size: 3 }, { resourceVersion: "1" }) },
      {
        method: "PATCH",
        path: `${THINGS}/t`,
        body: {},
        options: { contentType: "application/strategic-merge-patch+json" },
      },
    ]),
  }),
  recorded({
    name: "Rules of a definition are kept",
    steps: withThings([
      post({ min: 2, max: 1 }),
      post({ min: 1, max: 2, name: "b" }),
      post({ min: 1, max: 2, name: "a", fixed: "x" }),
      patch(`${THINGS}/t`, { spec: { fixed: "y" } }),
      patch(`${THINGS}/t`, { spec: { max: 3 } }),
    ], withRules),
  }),
  recorded({
    name: "A definition gets its defaults",
    steps: [
      {
        method: "POST",
        path: DEFINITIONS,
        body: definition({ subresources: undefined, additionalPrinterColumns: undefined }, {
          type: "object",
        }),
      },
      { method: "DELETE", path: `${DEFINITIONS}/things.${GROUP}`, silent: true },
    ],
  }),
  recorded({
    name: "A definition with a wrong name is refused",
    steps: [
      {
        method: "POST",
        path: DEFINITIONS,
        body: { ...definition(), metadata: { name: "wrong.example.org" } },
      },
    ],
  }),
  recorded({
    name: "Objects of custom resources are applied server-side",
    steps: withThings([
      {
        method: "PATCH",
        path: `${THINGS}/t?fieldManager=one`,
        body: thing({ size: 3, items: [{ id: "a" }, { id: "b", value: 2 }], tags: ["x"] }),
        options: { contentType: "application/apply-patch+yaml" },
      },
      {
        method: "PATCH",
        path: `${THINGS}/t?fieldManager=two`,
        body: thing({ size: 4, items: [{ id: "c" }], tags: ["y"] }),
        options: { contentType: "application/apply-patch+yaml" },
      },
      {
        method: "PATCH",
        path: `${THINGS}/t?fieldManager=two&force=true`,
        body: thing({ size: 4, items: [{ id: "c" }], tags: ["y"] }),
        options: { contentType: "application/apply-patch+yaml" },
      },
      {
        method: "PATCH",
        path: `${THINGS}/t?fieldManager=one`,
        body: thing({ items: [{ id: "b", value: 2 }] }),
        options: { contentType: "application/apply-patch+yaml" },
      },
    ]),
  }),
];
