import assert from "node:assert/strict";
import { describeDifference, elementPath, fieldPath, hasEffect } from "./difference.ts";

Deno.test("describeDifference shows the observed value before the desired one", () => {
  const text = describeDifference({
    path: "spec.type",
    desired: "LoadBalancer",
    observed: "ClusterIP",
    effect: "replace",
  });
  assert.equal(text, 'spec.type: "ClusterIP" → "LoadBalancer"');
});

Deno.test("describeDifference names a missing and a superfluous field", () => {
  const path = "spec.replicas";
  assert.equal(
    describeDifference({ path, desired: 2, observed: undefined, effect: "patch" }),
    "spec.replicas: (none) → 2",
  );
  assert.equal(
    describeDifference({ path, desired: undefined, observed: 2, effect: "patch" }),
    "spec.replicas: 2 → (none)",
  );
});

Deno.test("describeDifference never shows a sensitive value and cuts a long one", () => {
  const secret = describeDifference({
    path: "data.password",
    desired: "hunter2",
    observed: "hunter1",
    effect: "replace",
    sensitive: true,
  });
  assert.equal(secret, "data.password: changed (value not shown)");
  const long = describeDifference({
    path: "p",
    desired: "x".repeat(500),
    observed: undefined,
    effect: "patch",
  });
  assert.ok(long.length < 120, long);
});

Deno.test("fieldPath and elementPath build paths that a person can read", () => {
  assert.equal(fieldPath("", "spec"), "spec");
  assert.equal(fieldPath("spec", "type"), "spec.type");
  assert.equal(fieldPath("metadata.annotations", "a.b/c"), 'metadata.annotations["a.b/c"]');
  assert.equal(elementPath("spec.containers", "postgres"), "spec.containers[postgres]");
  assert.equal(elementPath("spec.ports", 0), "spec.ports[0]");
});

Deno.test("hasEffect finds an effect among several differences", () => {
  const differences = [
    { path: "a", desired: 1, observed: 2, effect: "patch" },
    { path: "a", desired: 1, observed: 2, effect: "rollout" },
  ] as const;
  assert.equal(hasEffect(differences, "rollout"), true);
  assert.equal(hasEffect(differences, "recreate"), false);
});
