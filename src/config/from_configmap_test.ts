import assert from "node:assert/strict";
import fc from "fast-check";
import { recordedConfig, recordedConfigNames } from "../testing/recorded_config.ts";
import type { Config } from "./config.ts";
import { configFromConfigMap } from "./from_configmap.ts";
import { PARAMETERS } from "./parameters.ts";
import { ConfigError } from "./problems.ts";

const CONTEXT = { operatorNamespace: "operators" };

function load(data: Record<string, string>) {
  return configFromConfigMap(data, CONTEXT);
}

function problemsOf(data: Record<string, string>): string[] {
  try {
    load(data);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map((row) => `${row.parameter} ${row.rule}`);
  }
  return [];
}

const VALUES: readonly [key: string, text: string, property: keyof Config, want: unknown][] = [
  ["inherited_labels", "a,b", "inheritedLabels", ["a", "b"]],
  ["inherited_labels", "a, b,", "inheritedLabels", ["a", "b"]],
  ["inherited_labels", " , ", "inheritedLabels", []],
  ["protected_role_names", "admin,\n boss\t", "protectedRoleNames", ["admin", "boss"]],
  ["custom_service_annotations", "a: b , c :d", "customServiceAnnotations", { a: "b", c: "d" }],
  ["toleration", "key:db,operator:Exists", "toleration", { key: "db", operator: "Exists" }],
  ["toleration", " key: db ,\toperator:Exists\t", "toleration", { key: "db", operator: "Exists" }],
  ["toleration", "a:'b,c',d:e", "toleration", { a: "'b,c'", d: "e" }],
  ["toleration", 'a:"b,\'c",d:e', "toleration", { a: '"b,\'c"', d: "e" }],
  ["toleration", "a:ö,b:€", "toleration", { a: "ö", b: "€" }],
  ["toleration", "a:1,a:2", "toleration", { a: "2" }],
  ["workers", "0x10", "workers", 16],
  ["workers", "010", "workers", 8],
  ["max_instances", "-1", "maxInstances", -1],
  ["spilo_runasuser", "101", "spiloRunasuser", 101],
  ["debug_logging", "F", "debugLogging", false],
  ["resync_period", "1h30m", "resyncPeriodMs", 5_400_000],
  ["pod_environment_configmap", "env", "podEnvironmentConfigmap", {
    namespace: "operators",
    name: "env",
  }],
  ["pod_environment_configmap", "ns//env", "podEnvironmentConfigmap", {
    namespace: "ns",
    name: "env",
  }],
  ["pod_environment_configmap", "/env", "podEnvironmentConfigmap", {
    namespace: "operators",
    name: "env",
  }],
  ["sidecars", '[{"name":"a","image":"b"}]', "sidecars", [{ name: "a", image: "b" }]],
  ["sidecars", "a: {image: b}", "sidecars", [{ name: "a", image: "b" }]],
  ["sidecars", "one,two", "sidecars", []],
];

Deno.test("values are read in the grammar of a ConfigMap", () => {
  for (const [key, text, property, want] of VALUES) {
    assert.deepEqual(load({ [key]: text }).config[property], want, `${key}: ${text}`);
  }
});

const EMPTY: readonly [key: string, property: keyof Config, want: unknown][] = [
  ["docker_image", "dockerImage", ""],
  ["debug_logging", "debugLogging", false],
  ["enable_shm_volume", "enableShmVolume", undefined],
  ["max_instances", "maxInstances", 0],
  ["cluster_labels", "clusterLabels", {}],
  ["protected_role_names", "protectedRoleNames", []],
  ["oauth_token_secret_name", "oauthTokenSecretName", undefined],
  // Where the reference dies or names objects '', the default stays in force.
  ["resync_period", "resyncPeriodMs", 1_800_000],
  ["connection_pooler_number_of_instances", "connectionPoolerNumberOfInstances", 2],
  [
    "secret_name_template",
    "secretNameTemplate",
    "{username}.{cluster}.credentials.{tprkind}.{tprgroup}",
  ],
];

Deno.test("an empty text is Go's zero value and not the default", () => {
  for (const [key, property, want] of EMPTY) {
    assert.deepEqual(load({ [key]: "" }).config[property], want, key);
  }
});

const PROBLEMS: readonly [data: Record<string, string>, problem: RegExp][] = [
  [{ workers: "many" }, /^workers must be a whole number \(uint32\)$/],
  [{ workers: "-1" }, /^workers must be a whole number/],
  [{ workers: "0" }, /^workers must be at least 1$/],
  [{ max_instances: "99999999999" }, /^max_instances must be a whole number \(int32\)$/],
  [{ debug_logging: "yes" }, /^debug_logging must be true or false$/],
  [{ resync_period: "30" }, /^resync_period must be a duration/],
  [{ resync_period: "-5m" }, /^resync_period must be a duration/],
  [{ resync_period: "0s" }, /^resync_period must be longer than nothing$/],
  [{ toleration: "a" }, /^toleration must be a list of key:value pairs, but one pair is "a"$/],
  [{ toleration: "a:b:c" }, /one pair is "a:b:c"$/],
  [{ toleration: "a:b," }, /one pair is ""$/],
  [{ toleration: "ä:'b" }, /must close its quotes, but the one at position 3 stays open$/],
  [{ oauth_token_secret_name: "ns/" }, /^oauth_token_secret_name must be a name or/],
  [{ min_instances: "3", max_instances: "2" }, /must not be greater than max_instances \(2\)$/],
  [{ connection_pooler_number_of_instances: "0" }, /must be at least 1$/],
  [{ connection_pooler_user: "postgres" }, /^connection_pooler_user must not be the superuser/],
  [{ sidecars: "[{name: a}]" }, /^sidecars must give every container a name and an image/],
  [{ sidecars: "[" }, /^sidecars must be a list of containers in YAML or JSON$/],
  [{ sidecars: "[{name: a, image: b}, {name: a, image: c}]" }, /but a comes twice$/],
  [{ pod_service_account_definition: "{" }, /must be a ServiceAccount in YAML or JSON$/],
  [
    { pod_service_account_definition: '{"apiVersion":"v1","kind":"Pod","metadata":{}}' },
    /must be of kind ServiceAccount, not Pod$/,
  ],
  [
    { pod_service_account_definition: "{apiVersion: v1, kind: ServiceAccount, metadata: [a]}" },
    /must have metadata that are an object$/,
  ],
  [
    { pod_service_account_role_binding_definition: '{"apiVersion":"v1","kind":"RoleBinding"}' },
    /must have apiVersion rbac.authorization.k8s.io\/v1, not v1$/,
  ],
];

Deno.test("what breaks a rule stops the operator and names parameter and rule", () => {
  for (const [data, problem] of PROBLEMS) {
    const problems = problemsOf(data);
    assert.equal(problems.length, 1, JSON.stringify(data));
    assert.match(problems[0]!, problem);
  }
});

Deno.test("all problems are told at once", () => {
  assert.throws(
    () => load({ workers: "x", toleration: "hush", api_port: "1.5", debug_logging: "maybe" }),
    (error: ConfigError) => {
      assert.equal(error.problems.length, 4);
      assert.match(error.message, /^cannot use the operator configuration of the ConfigMap:\n/);
      assert.match(error.message, /\n {2}workers: "x" must be a whole number/);
      return true;
    },
  );
});

const WARNINGS: readonly [data: Record<string, string>, warning: RegExp][] = [
  [
    { docker_imag: "x" },
    /^unknown parameter "docker_imag" is ignored; did you mean docker_image\?$/,
  ],
  [{ "Docker-Image": "x" }, /did you mean docker_image\?$/],
  [{ totally_else_where_from: "x" }, /^unknown parameter "totally_else_where_from" is ignored$/],
  [{ __proto__x: "x" }, /^unknown parameter/],
  [{ sidecar_docker_images: "a:b" }, /^sidecar_docker_images is deprecated; use sidecars$/],
  [{ sidecars: "one,two" }, /^sidecars is ignored/],
  [
    { maintenance_windows: "01:00-02:00, Mond:1:00-2:00" },
    /^maintenance_windows: "Mond:1:00-2:00" never opens: it must name one of the weekdays/,
  ],
  [{ downscaler_annotations: "a.*,(" }, /^downscaler_annotations: "\(" is ignored/],
  [
    { storage_resize_mode: "grow" },
    /^storage_resize_mode: "grow" is none of ebs, mixed, pvc, off$/,
  ],
  [{ infrastructure_roles_secrets: "userkey:u" }, /^infrastructure_roles_secrets is ignored/],
  [
    { infrastructure_roles_secrets: "secretname:s,userkey:u,passwordkey:p,nokey:x" },
    /has a field that no role knows: "nokey"$/,
  ],
];

Deno.test("what is doubtful is warned about once", () => {
  for (const [data, warning] of WARNINGS) {
    const { warnings } = load(data);
    assert.equal(warnings.length, 1, JSON.stringify(data));
    assert.match(warnings[0]!, warning);
  }
});

Deno.test("set_memory_request_to_limit raises requests that are below their limits", () => {
  const { config, warnings } = load({
    set_memory_request_to_limit: "true",
    default_memory_request: "100Mi",
    default_memory_limit: "1Gi",
    scalyr_memory_request: "1Gi",
  });
  assert.equal(config.defaultMemoryRequest, "1Gi");
  assert.equal(config.scalyrMemoryRequest, "1Gi");
  assert.deepEqual(warnings, ["default_memory_request is raised from 100Mi to its limit, 1Gi"]);
});

Deno.test("patterns that cannot be read are left out, the others stay", () => {
  const { config } = load({ downscaler_annotations: "a.*,(,b" });
  assert.deepEqual(config.downscalerAnnotations, ["a.*", "b"]);
});

Deno.test("every recorded configuration is read without a problem", () => {
  const names = recordedConfigNames();
  assert.equal(names.length, 31);
  for (const name of names) {
    const { warnings } = recordedConfig(name);
    const unknown = warnings.filter((text) => text.includes("unknown"));
    assert.deepEqual(unknown, [], name);
  }
});

Deno.test("a configuration is frozen to its last part", () => {
  const { config } = load({ toleration: "a:b", sidecars: "[{name: a, image: b, env: []}]" });
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.toleration));
  assert.ok(Object.isFrozen(config.sidecars[0]?.env));
});

Deno.test("no text in any parameter does anything but load or fail with a ConfigError", () => {
  const key = fc.oneof(fc.constantFrom(...PARAMETERS.map((row) => row.key)), fc.string());
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(..."0x_1:,'\"-[]{}mhs/ ") }),
  );
  fc.assert(
    fc.property(fc.dictionary(key, text), (data) => {
      try {
        assert.equal(Object.keys(load(data).config).length, 191);
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
