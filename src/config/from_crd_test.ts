import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { parseDuration } from "../lib/duration.ts";
import { Sensitive } from "../lib/sensitive.ts";
import { recordedConfig } from "../testing/recorded_config.ts";
import type { Config } from "./config.ts";
import { configFromCrd } from "./from_crd.ts";
import { PARAMETERS } from "./parameters.ts";
import { ConfigError } from "./problems.ts";

const CONTEXT = { operatorNamespace: "operators" };

function load(configuration: unknown) {
  return configFromCrd(configuration, CONTEXT);
}

Deno.test("every value of a complete OperatorConfiguration arrives", () => {
  const file = "../../e2e/testdata/reference/cases/crd-config/config.yaml";
  const { configuration } = parse(Deno.readTextFileSync(new URL(file, import.meta.url)));
  const { config } = recordedConfig("crd-config");
  for (const { key, property, kind, path } of PARAMETERS) {
    const raw = (path ?? ["-"]).reduce((value, name) => value?.[name], configuration);
    if (raw === undefined || kind === "roleDefinitions") continue;
    const value = config[property];
    if (kind === "secret") assert.equal((value as Sensitive).reveal(), raw, key);
    else if (kind === "duration") assert.equal(value, parseDuration(raw), key);
    else if (kind === "namespacedName") {
      const { namespace, name } = value as { namespace: string; name: string };
      assert.equal(`${namespace}/${name}`, raw, key);
    } else if (key === "connection_pooler_number_of_instances") assert.equal(value, 2);
    else assert.deepEqual(value, raw, key);
  }
});

const VALUES: readonly [configuration: unknown, property: keyof Config, want: unknown][] = [
  // Empty values that the reference replaces by the default of its code.
  [{ docker_image: "" }, "dockerImage", "ghcr.io/zalando/spilo-18:4.1-p2"],
  [{ workers: 0 }, "workers", 8],
  [{ resync_period: "0s" }, "resyncPeriodMs", 1_800_000],
  [{ crd_categories: [] }, "crdCategories", ["all"]],
  [{ kubernetes: { cluster_labels: {} } }, "clusterLabels", { application: "spilo" }],
  [{ kubernetes: { master_pod_move_timeout: "0s" } }, "masterPodMoveTimeoutMs", 600_000],
  [{ users: { password_rotation_user_retention: 0 } }, "passwordRotationUserRetention", 180],
  [
    { kubernetes: { pdb_name_format: "" } },
    "pdbNameFormat",
    "postgres-{cluster}-pdb",
  ],
  // Empty values that stay.
  [{ max_instances: 0 }, "maxInstances", 0],
  [{ aws_or_gcp: { aws_region: "" } }, "awsRegion", ""],
  [{ scalyr: { scalyr_cpu_limit: "" } }, "scalyrCpuLimit", ""],
  [{ load_balancer: { master_legacy_dns_name_format: "" } }, "masterLegacyDnsNameFormat", ""],
  [{ kubernetes: { oauth_token_secret_name: "" } }, "oauthTokenSecretName", undefined],
  [
    { logical_backup: { logical_backup_failed_jobs_history_limit: 0 } },
    "logicalBackupFailedJobsHistoryLimit",
    0,
  ],
  [{ enable_shm_volume: false }, "enableShmVolume", false],
  [{ enable_shm_volume: null }, "enableShmVolume", true],
  [{ teams_api: { protected_role_names: [" boss", ""] } }, "protectedRoleNames", ["boss"]],
  // A pooler always has two instances.
  [
    { connection_pooler: { connection_pooler_number_of_instances: 1 } },
    "connectionPoolerNumberOfInstances",
    2,
  ],
  [
    { connection_pooler: { connection_pooler_number_of_instances: 0 } },
    "connectionPoolerNumberOfInstances",
    2,
  ],
  [
    { connection_pooler: { connection_pooler_number_of_instances: 5 } },
    "connectionPoolerNumberOfInstances",
    5,
  ],
  // Sidecars as a list, and as the map that the reference's schema asks for.
  [{ sidecars: [{ name: "a", image: "b" }] }, "sidecars", [{ name: "a", image: "b" }]],
  [{ sidecars: { a: { image: "b" } } }, "sidecars", [{ name: "a", image: "b" }]],
  [{ sidecars: {} }, "sidecars", []],
];

Deno.test("values and empty values mean what they mean in an OperatorConfiguration", () => {
  for (const [configuration, property, want] of VALUES) {
    const { config } = load(configuration);
    assert.deepEqual(config[property], want, JSON.stringify(configuration));
  }
});

Deno.test("an infrastructure role keeps all fields of its definition", () => {
  const { config } = load({
    kubernetes: {
      infrastructure_roles_secrets: [{
        secretname: "infra",
        userkey: "u",
        passwordkey: "p",
        rolekey: "r",
        defaultuservalue: "du",
        defaultrolevalue: "dr",
        details: "d",
        template: true,
      }],
    },
  });
  assert.deepEqual(config.infrastructureRolesSecrets, [{
    secretName: { namespace: "operators", name: "infra" },
    userKey: "u",
    passwordKey: "p",
    roleKey: "r",
    defaultUserValue: "du",
    defaultRoleValue: "dr",
    details: "d",
    template: true,
  }]);
});

const PROBLEMS: readonly [configuration: unknown, problem: RegExp][] = [
  [undefined, /^configuration must be an object$/],
  [[], /^configuration must be an object$/],
  [{ kubernetes: "x" }, /^kubernetes must be an object$/],
  [{ workers: "8" }, /^workers must be a whole number \(uint32\)$/],
  [{ workers: 1.5 }, /^workers must be a whole number/],
  [{ debug: { debug_logging: "true" } }, /^debug_logging must be true or false$/],
  [{ maintenance_windows: "x" }, /^maintenance_windows must be a list of texts$/],
  [{ kubernetes: { toleration: { a: 1 } } }, /^toleration must be a map from text to text$/],
  [{ timeouts: { resource_check_interval: "3" } }, /^resource_check_interval must be a duration/],
  [{ scalyr: { scalyr_api_key: 12345 } }, /^scalyr_api_key must be a text$/],
  [
    { kubernetes: { infrastructure_roles_secrets: [{ secretname: "ns/" }] } },
    /^infrastructure_roles_secrets must name a Secret in secretname \(item 0\)$/,
  ],
  [
    { users: { super_username: "pooler" } },
    /^connection_pooler_user must not be the superuser \(super_username\)$/,
  ],
];

Deno.test("what breaks a rule stops the operator and names parameter and rule", () => {
  for (const [configuration, problem] of PROBLEMS) {
    assert.throws(() => load(configuration), (error: ConfigError) => {
      assert.equal(error.problems.length, 1, JSON.stringify(configuration));
      assert.match(`${error.problems[0]!.parameter} ${error.problems[0]!.rule}`, problem);
      return true;
    });
  }
});

Deno.test("a problem does not show the value of a secret", () => {
  assert.throws(() => load({ scalyr: { scalyr_api_key: 12345 } }), (error: ConfigError) => {
    assert.match(error.message, /scalyr_api_key: \[redacted\] must be a text/);
    assert.doesNotMatch(error.message, /12345/);
    return true;
  });
});

Deno.test("a role definition without a Secret is left out, as the reference does", () => {
  const { config, warnings } = load({
    kubernetes: { infrastructure_roles_secrets: [{ userkey: "u" }, { secretname: "s" }] },
  });
  assert.deepEqual(config.infrastructureRolesSecrets.map((row) => row.secretName.name), ["s"]);
  assert.deepEqual(warnings, [
    "infrastructure_roles_secrets item 0 is ignored: it must name a Secret in secretname",
  ]);
});

Deno.test("bounds that contradict each other are only warned about, as the reference runs on", () => {
  const { warnings } = load({ min_instances: 3, max_instances: 2 });
  assert.deepEqual(warnings, [
    "min_instances (3) is greater than max_instances (2) and wins",
  ]);
});

const UNKNOWN: readonly [configuration: unknown, warning: RegExp][] = [
  [{ docker_imag: "x" }, /"docker_imag" is ignored; did you mean docker_image\?$/],
  [{ etcd_hosts: "x" }, /did you mean etcd_host\?$/],
  [{ users: { super_user_name: "x" } }, /"users.super_user_name" .* users.super_username\?$/],
  [{ watched_namespace: "x" }, /did you mean kubernetes.watched_namespace\?$/],
  [{ zzzzzzzzzzzzzzzz: {} }, /^unknown parameter "zzzzzzzzzzzzzzzz" is ignored$/],
];

Deno.test("an unknown parameter is warned about, with the nearest known one and its place", () => {
  for (const [configuration, warning] of UNKNOWN) {
    const { warnings } = load(configuration);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, warning);
  }
});

Deno.test("no object does anything but load or fail with a ConfigError", () => {
  const key = fc.oneof(
    fc.constantFrom(...PARAMETERS.flatMap((row) => row.path ?? [])),
    fc.string(),
  );
  const configuration = fc.dictionary(
    key,
    fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }))),
  );
  fc.assert(
    fc.property(configuration, (value) => {
      try {
        assert.equal(Object.keys(load(value).config).length, 191);
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
      }
    }),
    { numRuns: 300 },
  );
});
