import assert from "node:assert/strict";
import type { Postgresql } from "../api/types.gen.ts";
import { cluster } from "../testing/cluster_fixture.ts";
import { changedLines, type ManifestChange, withBeginning, withChange } from "./history.ts";

const AT = new Date("2026-05-04T10:20:30Z");

function changed(change: (copy: Postgresql) => void): Postgresql {
  const copy = cluster();
  change(copy);
  return copy;
}

Deno.test("a change is a line a field, with its value before and after", () => {
  const to = changed((copy) => {
    copy.spec.numberOfInstances = 5;
    copy.metadata.labels = { ...copy.metadata.labels, tier: "gold" };
  });
  assert.deepEqual(changedLines(cluster(), to), [
    'metadata.labels: (none) → {"tier":"gold"}',
    `spec.numberOfInstances: ${cluster().spec.numberOfInstances} → 5`,
  ]);
});

Deno.test("a changed secret is told by its path alone", () => {
  const withEnv = (value: string) =>
    changed((copy) => {
      copy.spec.env = [{ name: "API_TOKEN", value }];
    });
  const lines = changedLines(withEnv("marker-1"), withEnv("marker-2"));
  assert.deepEqual(lines, ["spec.env[API_TOKEN].value: changed (value not shown)"]);
});

Deno.test("the list is bounded, and a write without a change is not in it", () => {
  let history: readonly ManifestChange[] = [];
  for (let size = 1; size <= 5; size++) {
    const of = (count: number) =>
      changed((copy) => {
        copy.spec.numberOfInstances = count;
      });
    history = withChange(history, { from: of(size), to: of(size + 1), at: AT }, 3);
    assert.equal(withChange(history, { from: of(size), to: of(size), at: AT }, 3), history);
  }
  assert.deepEqual(history.map(({ lines }) => lines[0]), [
    "spec.numberOfInstances: 3 → 4",
    "spec.numberOfInstances: 4 → 5",
    "spec.numberOfInstances: 5 → 6",
  ]);
});

Deno.test("the writer is the newest one that did not write the status", () => {
  const to = changed((copy) => {
    copy.spec.numberOfInstances = 7;
    copy.metadata.managedFields = [
      { manager: "kubectl", operation: "Update", time: "2026-05-04T10:00:00Z" },
      { manager: "argocd", operation: "Apply", time: "2026-05-04T11:00:00Z" },
      { manager: "us", operation: "Update", time: "2026-05-04T12:00:00Z", subresource: "status" },
    ];
  });
  const [change] = withChange([], { from: cluster(), to, at: AT }, 3);
  assert.equal(change?.manager, "argocd");
});

Deno.test("the first pass with a change says when it was taken up, later ones do not", () => {
  const to = changed((copy) => {
    copy.spec.numberOfInstances = 7;
  });
  const history = withChange([], { from: cluster(), to, at: AT }, 3);
  const begun = withBeginning(history, new Date("2026-05-04T10:20:31Z"));
  assert.equal(begun[0]?.begunAt?.toISOString(), "2026-05-04T10:20:31.000Z");
  assert.equal(withBeginning(begun, AT), begun);
});
