import assert from "node:assert/strict";
import { describeMismatch, elementPath, fieldPath, hasEffect } from "./difference.ts";

Deno.test("describeMismatch shows the observed value before the desired one", () => {
  const text = describeMismatch({
    path: "spec.type",
    desired: "LoadBalancer",
    observed: "ClusterIP",
  });
  assert.equal(text, 'spec.type: "ClusterIP" → "LoadBalancer"');
});

Deno.test("describeMismatch names a missing and a superfluous field", () => {
  const path = "spec.replicas";
  assert.equal(
    describeMismatch({ path, desired: 2, observed: undefined }),
    "spec.replicas: (none) → 2",
  );
  assert.equal(
    describeMismatch({ path, desired: undefined, observed: 2 }),
    "spec.replicas: 2 → (none)",
  );
});

Deno.test("describeMismatch never shows a sensitive value and cuts a long one", () => {
  const secret = describeMismatch({
    path: "data.password",
    desired: "hunter2",
    observed: "hunter1",
    sensitive: true,
  });
  assert.equal(secret, "data.password: changed (value not shown)");
  const long = describeMismatch({
    path: "p",
    desired: "x".repeat(500),
    observed: undefined,
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

Deno.test("describeMismatch names what a field belongs to, and leaves quotes out where asked to", () => {
  const mismatch = { path: "spec.replicas", desired: "2Gi", observed: "1Gi" };
  assert.equal(
    describeMismatch({ ...mismatch, of: "claim a", bare: true }),
    "spec.replicas of claim a: 1Gi → 2Gi",
  );
  assert.equal(describeMismatch(mismatch), 'spec.replicas: "1Gi" → "2Gi"');
});
