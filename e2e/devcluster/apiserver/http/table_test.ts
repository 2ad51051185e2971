import { strictEqual } from "node:assert/strict";
import { jsonPath } from "../registry/custom_resources/columns.ts";
import { acceptedForm } from "./table.ts";
import { humanDuration } from "../model/age.ts";

const DURATIONS: [seconds: number, text: string][] = [
  [-5, "<invalid>"],
  [0, "0s"],
  [119, "119s"],
  [120, "2m"],
  [200, "3m20s"],
  [599, "9m59s"],
  [600, "10m"],
  [10_800, "3h"],
  [11_000, "3h3m"],
  [86_400, "24h"],
  [172_800, "2d"],
  [180_000, "2d2h"],
  [691_200, "8d"],
];

Deno.test("ages are shown as kubectl shows them", () => {
  for (const [seconds, text] of DURATIONS) strictEqual(humanDuration(seconds * 1000), text);
});

const FORMS: [accept: string, form: string][] = [
  ["application/json", "object"],
  ["application/json;as=Table;v=v1;g=meta.k8s.io,application/json", "table"],
  ["application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json", "object"],
  ["application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "metadata"],
  ["", "object"],
];

Deno.test("the first form of the Accept header that the server has is taken", () => {
  for (const [accept, form] of FORMS) strictEqual(acceptedForm(accept), form, accept);
});

Deno.test("JSON paths of printer columns find names, indexes and filtered items", () => {
  const object = { spec: { "a.b": 1, list: [{ type: "X", v: 1 }, { type: "Y", v: 2 }] } };
  const first = (path: string) => jsonPath(object, path)[0];
  strictEqual(first(".spec.list[1].v"), 2);
  strictEqual(first(".spec['a.b']"), 1);
  strictEqual(first(".spec.list[?(@.type=='Y')].v"), 2);
  strictEqual(jsonPath(object, ".spec.list[*].v").join(), "1,2");
  strictEqual(first(".spec.none"), undefined);
});
