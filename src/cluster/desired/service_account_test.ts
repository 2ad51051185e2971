import assert from "node:assert/strict";
import { parse } from "yaml";
import { config } from "../../testing/config_fixture.ts";
import { recordedConfig } from "../../testing/recorded_config.ts";
import { podRoleBinding, podServiceAccount } from "./service_account.ts";

const GOLDEN = new URL("../../../e2e/testdata/reference/golden/", import.meta.url);

interface Recorded {
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const CASES = [
  ["default", "minimal"],
  ["privileged", "prv-plain"],
  ["cloud-aws", "aws-plain"],
  ["crd-config", "crd-full"],
  ["crd-minimal", "cmin-plain"],
] as const;

for (const [configuration, name] of CASES) {
  Deno.test(`the pods' ServiceAccount and RoleBinding of ${configuration}/${name} are as recorded`, () => {
    const { config } = recordedConfig(configuration);
    const golden = parse(Deno.readTextFileSync(new URL(`${configuration}/${name}/1.yaml`, GOLDEN)));
    const recorded = (kind: string) => golden.objects.find((row: Recorded) => row.kind === kind);
    assert.deepEqual(podServiceAccount(config, name), recorded("ServiceAccount"));
    assert.deepEqual(podRoleBinding(config, name), recorded("RoleBinding"));
  });
}

Deno.test("a RoleBinding without definition binds the configured ServiceAccount", () => {
  const binding = podRoleBinding(config({ podServiceAccountName: "runner" }), "db");
  assert.equal(binding.metadata.name, "runner");
  assert.equal(binding.roleRef.name, "runner");
  assert.deepEqual(binding.subjects, [{ kind: "ServiceAccount", name: "runner" }]);
});

Deno.test("two clusters never share parts of their ServiceAccount", () => {
  const defined = config({
    podServiceAccountDefinition:
      '{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"x","labels":{"a":"b"}}}',
  });
  const first = podServiceAccount(defined, "one");
  const second = podServiceAccount(defined, "two");
  assert.equal(first.metadata.namespace, "one");
  assert.notEqual(first.metadata.labels, second.metadata.labels);
});
