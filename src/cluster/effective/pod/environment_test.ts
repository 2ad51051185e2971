import assert from "node:assert/strict";
import type { EnvVar } from "../../../kubernetes/types.gen.ts";
import { known, unknown } from "../../../ports/observation.ts";
import { cluster, inputs } from "../../../testing/cluster_fixture.ts";
import { config } from "../../../testing/config_fixture.ts";
import { operatorVariables, resolveEnvironment } from "./environment.ts";
import { newFindings } from "../findings.ts";

const SUFFIX = "/c3a9f0de-0000-4000-8000-000000000001";

Deno.test("resolveEnvironment drops variables that only the operator sets, in any case", () => {
  const env: EnvVar[] = [
    { name: "scope", value: "x" },
    { name: "PGVERSION", value: "12" },
    { name: "MINE", value: "1" },
    { name: "EMPTY", value: "" },
  ];
  const findings = newFindings();
  const resolved = resolveEnvironment(cluster({ spec: { env } }), config(), inputs(), findings);
  assert.deepEqual(resolved.manifest, [{ name: "MINE", value: "1" }, { name: "EMPTY" }]);
  assert.deepEqual(findings.notices.map(({ message }) => message), [
    "spec.env[0] is ignored: the operator sets scope",
    "spec.env[1] is ignored: the operator sets PGVERSION",
  ]);
});

Deno.test("resolveEnvironment leaves a name to the manifest where the operator does not set it", () => {
  const env = [{ name: "PGVERSION", value: "17" }, { name: "ETCD_HOST", value: "x" }];
  const settings = config({ enablePgversionEnvVar: false });
  const resolved = resolveEnvironment(
    cluster({ spec: { env } }),
    settings,
    inputs(),
    newFindings(),
  );
  assert.deepEqual(resolved.manifest, env);
});

Deno.test("resolveEnvironment sorts what Secret and ConfigMap hold", () => {
  const resolved = resolveEnvironment(
    cluster(),
    config({ podEnvironmentSecret: "extra" }),
    inputs({
      podEnvironmentSecretKeys: known(["z", "a"]),
      podEnvironment: known({ Y: "2", B: "" }),
    }),
    newFindings(),
  );
  assert.deepEqual(resolved.secret, [
    { name: "a", valueFrom: { secretKeyRef: { name: "extra", key: "a" } } },
    { name: "z", valueFrom: { secretKeyRef: { name: "extra", key: "z" } } },
  ]);
  assert.deepEqual(resolved.configMap, [{ name: "B" }, { name: "Y", value: "2" }]);
});

Deno.test("resolveEnvironment holds the StatefulSet while a source is unread", () => {
  const findings = newFindings();
  const unread = inputs({
    podEnvironment: unknown("no answer"),
    podEnvironmentSecretKeys: unknown("it does not exist"),
  });
  resolveEnvironment(cluster(), config(), unread, findings);
  assert.deepEqual(findings.unknowns, [
    { subject: "statefulset", reason: "pod_environment_secret: it does not exist" },
    { subject: "statefulset", reason: "pod_environment_configmap: no answer" },
  ]);
});

Deno.test("resolveEnvironment names all configured archives and their scope", () => {
  const { archive } = resolveEnvironment(
    cluster(),
    config({ walS3Bucket: "s", walGsBucket: "g", gcpCredentials: "/key", logS3Bucket: "l" }),
    inputs(),
    newFindings(),
  );
  assert.deepEqual(archive, [
    { name: "WAL_S3_BUCKET", value: "s" },
    { name: "WAL_BUCKET_SCOPE_SUFFIX", value: SUFFIX },
    { name: "WAL_BUCKET_SCOPE_PREFIX" },
    { name: "WAL_GS_BUCKET", value: "g" },
    { name: "WAL_BUCKET_SCOPE_SUFFIX", value: SUFFIX },
    { name: "WAL_BUCKET_SCOPE_PREFIX" },
    { name: "GOOGLE_APPLICATION_CREDENTIALS", value: "/key" },
    { name: "LOG_S3_BUCKET", value: "l" },
    { name: "LOG_BUCKET_SCOPE_SUFFIX", value: SUFFIX },
    { name: "LOG_BUCKET_SCOPE_PREFIX" },
  ]);
});

Deno.test("operatorVariables follow the store of Patroni and the switches", () => {
  const protectedPods = config({ enablePodDisruptionBudget: true });
  assert.ok(operatorVariables(protectedPods, "endpoints").includes("KUBERNETES_BOOTSTRAP_LABELS"));
  assert.ok(!operatorVariables(protectedPods, "etcd").includes("KUBERNETES_BOOTSTRAP_LABELS"));
  const unset = config({ enablePodDisruptionBudget: undefined });
  assert.ok(!operatorVariables(unset, "configmaps").includes("KUBERNETES_BOOTSTRAP_LABELS"));
  assert.ok(!operatorVariables(unset, "endpoints").includes("KUBERNETES_USE_CONFIGMAPS"));
});
