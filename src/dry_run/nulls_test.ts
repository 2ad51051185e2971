import assert from "node:assert/strict";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import { withoutNulls } from "./nulls.ts";

const CR = { apiVersion: "acid.zalan.do/v1", kind: "postgresql" };

/** What a real API server 1.34 made of these. */
const CASES: readonly (readonly [given: unknown, want: unknown])[] = [
  [
    { ...CR, metadata: { name: "a", labels: null }, spec: { users: { a: null, b: [] } } },
    { ...CR, metadata: { name: "a" }, spec: { users: { b: [] } } },
  ],
  [
    { ...CR, metadata: { name: "a" }, spec: { tls: null, volume: { size: "1Gi", iops: null } } },
    { ...CR, metadata: { name: "a" }, spec: { volume: { size: "1Gi" } } },
  ],
  // The definition allows this one, and no list of ours may hold one.
  [
    { ...CR, metadata: { name: "a" }, spec: { allowedSourceRanges: null, tolerations: [null] } },
    { ...CR, metadata: { name: "a" }, spec: { allowedSourceRanges: null, tolerations: [null] } },
  ],
  [
    { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { a: null, b: "eA==" } },
    { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { a: "", b: "eA==" } },
  ],
  [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "s" }, data: null },
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "s" } },
  ],
  [
    { apiVersion: "zalando.org/v1", kind: "Other", metadata: { name: "o", uid: null }, x: null },
    { apiVersion: "zalando.org/v1", kind: "Other", metadata: { name: "o" }, x: null },
  ],
];

Deno.test("nulls of a file mean what they mean to the API server", () => {
  for (const [given, want] of CASES) assert.deepEqual(withoutNulls(given as KubeObject), want);
});
