import assert from "node:assert/strict";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { newFindings } from "../findings.ts";
import { resolveStorage } from "./storage.ts";

Deno.test("resolveStorage writes the size in canonical form and keeps the rest", () => {
  const findings = newFindings();
  const { spec } = cluster({
    spec: {
      volume: {
        size: "1024Mi",
        storageClass: "",
        subPath: "$(POD_NAME)",
        isSubPathExpr: true,
        iops: 4000,
        type: "gp3",
      },
    },
  });
  const storage = resolveStorage(spec, findings);
  assert.equal(storage.size, "1Gi");
  assert.equal(storage.quantity.nanos, 2n ** 30n * 10n ** 9n);
  assert.equal(storage.storageClass, undefined);
  assert.deepEqual(storage.subPath, { path: "$(POD_NAME)", kind: "expression" });
  assert.deepEqual([storage.iops, storage.throughput, storage.type], [4000, undefined, "gp3"]);
  assert.deepEqual(findings.issues, []);
});

Deno.test("resolveStorage takes a sub-path as plain unless it is called an expression", () => {
  const { spec } = cluster({ spec: { volume: { size: "1Gi", subPath: "data" } } });
  assert.deepEqual(resolveStorage(spec, newFindings()).subPath, { path: "data", kind: "plain" });
  assert.equal(resolveStorage(cluster().spec, newFindings()).subPath, undefined);
});

Deno.test("resolveStorage refuses a size that is no quantity", () => {
  const findings = newFindings();
  resolveStorage(cluster({ spec: { volume: { size: "10GB" } } }).spec, findings);
  assert.deepEqual(findings.issues, [
    {
      subject: "statefulset",
      path: "spec.volume.size",
      value: "10GB",
      message: "is not a Kubernetes quantity",
    },
  ]);
});
