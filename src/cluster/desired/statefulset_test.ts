import assert from "node:assert/strict";
import { parse } from "yaml";
import type { Postgresql } from "../../api/types.gen.ts";
import { known } from "../../ports/observation.ts";
import { cluster, inputs } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import { assertGolden } from "../../testing/golden.ts";
import { resolveSpec } from "../effective/spec.ts";
import { statefulSet } from "./statefulset.ts";

const TESTDATA = new URL("./testdata/statefulset/", import.meta.url);
const NOW = new Date("2026-01-14T12:00:00Z");

type Settings = NonNullable<Parameters<typeof config>[0]>;

const CASES: readonly { name: string; settings?: Settings }[] = [
  { name: "smallest" },
  {
    name: "containers_and_volumes",
    settings: {
      sharePgsocketWithSidecars: true,
      additionalSecretMount: "cloud-key",
      additionalSecretMountPath: "/key",
      sidecars: [{
        name: "global",
        image: "global:1",
        volumeMounts: [{ name: "scratch", mountPath: "/scratch" }],
      }],
      enableReadinessProbe: true,
      additionalPodCapabilities: ["sys_nice"],
    },
  },
  {
    name: "placement_and_metadata",
    settings: {
      clusterLabels: { application: "spilo", site: "s1" },
      inheritedLabels: ["env"],
      inheritedAnnotations: ["owner"],
      downscalerAnnotations: ["^down"],
      customPodAnnotations: { a: "config" },
      kubeIamRole: "db-role",
      enableOwnerReferences: true,
      enablePodAntiaffinity: true,
      nodeReadinessLabel: { status: "ready" },
      toleration: { key: "pg", operator: "Exists" },
      podManagementPolicy: "parallel",
      persistentVolumeClaimRetentionPolicy: { when_deleted: "delete" },
      spiloFsgroup: 103,
    },
  },
];

Deno.test("statefulSet builds what a manifest and a configuration ask for", () => {
  for (const { name, settings = {} } of CASES) {
    const text = Deno.readTextFileSync(new URL(`${name}.manifest.yaml`, TESTDATA));
    const { metadata, spec } = parse(text) as Partial<Postgresql>;
    const manifest = cluster({ ...(metadata ? { metadata } : {}), ...(spec ? { spec } : {}) });
    const found = inputs({ podEnvironment: known({ EXTRA: "1" }) });
    const { spec: effective, issues } = resolveSpec(manifest, config(settings), found, NOW);
    assert.deepEqual(issues, [], name);
    assertGolden(statefulSet(effective, config(settings)), new URL(`${name}.yaml`, TESTDATA));
  }
});

Deno.test("statefulSet shares nothing with the manifest that it is made of", () => {
  const manifest = cluster({ spec: { tolerations: [{ key: "a" }], env: [{ name: "A" }] } });
  const before = structuredClone(manifest);
  const { spec } = resolveSpec(manifest, config(), inputs(), NOW);
  const built = statefulSet(spec, config());
  built.spec!.template.spec!.tolerations!.push({ key: "b" });
  built.spec!.template.spec!.containers[0]!.env!.push({ name: "B" });
  built.metadata.labels!["x"] = "y";
  assert.deepEqual(manifest, before);
  assert.equal(statefulSet(spec, config()).spec!.template.spec!.tolerations!.length, 1);
});
