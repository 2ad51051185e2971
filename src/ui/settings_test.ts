/** The reference's variables and our own. */

import assert from "node:assert/strict";
import { readSettings } from "./settings.ts";

Deno.test("without variables nothing is allowed but reading, with one's own token", () => {
  const { settings, problems, warnings } = readSettings({});
  assert.deepEqual([problems, warnings], [[], []]);
  assert.equal(settings.signIn, "token");
  assert.equal(settings.readOnly, true);
  assert.equal(settings.superuserTeam, "");
  assert.equal(settings.port, 8081);
  assert.equal(settings.operatorUrl, "http://postgres-operator");
  assert.equal(settings.namespace, undefined);
});

/** Every variable of the reference: a value, and where it ends. */
const VARIABLES: readonly [string, string, string, unknown][] = [
  ["SERVER_PORT", "9000", "port", 9000],
  ["OPERATOR_API_URL", "http://operator:8080/", "operatorUrl", "http://operator:8080"],
  ["TARGET_NAMESPACE", "shop", "namespace", "shop"],
  ["TARGET_NAMESPACE", "*", "namespace", undefined],
  ["OPERATOR_CLUSTER_NAME_LABEL", "version", "clusterNameLabel", "version"],
  ["TEAMS", '["Acid"]', "teams", ["acid"]],
  ["TEAM_SERVICE_URL", "http://teams/{}", "teamServiceUrl", "http://teams/{}"],
  ["SUPERUSER_TEAM", "Acid", "superuserTeam", "acid"],
  ["READ_ONLY_MODE", "False", "readOnly", false],
  ["SERVICE_TOKEN", "abc", "serviceToken", "abc"],
  ["SPILO_S3_BACKUP_BUCKET", "wal", "store.bucket", "s3://wal"],
  ["SPILO_S3_BACKUP_PREFIX", "backups", "store.prefix", "backups/"],
  ["AWS_ENDPOINT", "http://minio:9000/", "store.endpoint", "http://minio:9000"],
  ["RESOURCES_VISIBLE", "False", "shown.resources_visible", false],
  ["MIN_PODS", "3", "shown.min_pods", 3],
  ["CONNECTION_DOCS", "https://docs", "shown.connection_docs", "https://docs"],
  [
    "APPLICATION_DEPLOYMENT_DOCS",
    "https://docs",
    "shown.application_deployment_docs",
    "https://docs",
  ],
  ["CUSTOM_MESSAGE_RED", "Careful", "shown.custom_message", "Careful"],
  ["COST_EBS", "0.1", "shown.cost_ebs", 0.1],
  ["COST_EBS", "0.1", "shown.cost_visible", true],
  ["OPERATOR_UI_CONFIG", '{"cost_visible":true}', "shown.cost_visible", true],
  ["COST_IOPS", "0.1", "shown.cost_iops", 0.1],
  ["COST_THROUGHPUT", "0.1", "shown.cost_throughput", 0.1],
  ["COST_CORE", "0.1", "shown.cost_core", 0.1],
  ["COST_MEMORY", "0.1", "shown.cost_memory", 0.1],
  ["COST_ELB", "0.1", "shown.cost_elb", 0.1],
  ["FREE_IOPS", "1", "shown.free_iops", 1],
  ["LIMIT_IOPS", "1", "shown.limit_iops", 1],
  ["FREE_THROUGHPUT", "1", "shown.free_throughput", 1],
  ["LIMIT_THROUGHPUT", "1", "shown.limit_throughput", 1],
  ["DEFAULT_CPU", "1", "shown.default_cpu", "1"],
  ["DEFAULT_CPU_LIMIT", "1", "shown.default_cpu_limit", "1"],
  ["DEFAULT_MEMORY", "1Gi", "shown.default_memory", "1Gi"],
  ["DEFAULT_MEMORY_LIMIT", "1Gi", "shown.default_memory_limit", "1Gi"],
  ["OPERATOR_UI_CONFIG", '{"docs_link":"https://docs"}', "shown.docs_link", "https://docs"],
  ["OPERATOR_UI_CONFIG", '{"postgresql_versions":["17"]}', "shown.postgresql_versions", ["17"]],
  ["OPERATOR_UI_BACKUP_STORE", "gs://wal", "store.bucket", "gs://wal"],
  ["OPERATOR_UI_TEMPLATES", "/etc/templates/", "templates", "/etc/templates"],
];

for (const [name, value, path, wanted] of VARIABLES) {
  Deno.test(`${name}=${value} sets ${path}`, () => {
    const { settings, problems } = readSettings({ [name]: value });
    assert.deepEqual(problems, []);
    let found: unknown = settings;
    for (const key of path.split(".")) found = (found as Record<string, unknown>)[key];
    assert.deepEqual(found, wanted);
  });
}

const IDLE = [
  "CLUSTERS",
  "GOOGLE_ANALYTICS",
  "APP_URL",
  "OPERATOR_UI_MAINTENANCE_CHECK",
  "COMMON_CLUSTER_LABEL",
  "COMMON_POOLER_LABEL",
];

for (const name of IDLE) {
  Deno.test(`${name} is accepted, and said to have no effect`, () => {
    const { warnings, problems } = readSettings({ [name]: "x" });
    assert.deepEqual(problems, []);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, new RegExp(`^${name} has no effect: `));
  });
}

const WRONG: readonly [string, string][] = [
  ["SERVER_PORT", "many"],
  ["TEAMS", "acid"],
  ["OPERATOR_UI_CONFIG", "[]"],
  ["READ_ONLY_MODE", "maybe"],
  ["COST_EBS", "free"],
  ["OPERATOR_UI_SIGN_IN", "magic"],
  ["OPERATOR_UI_SIGN_IN", "teams"],
  ["OPERATOR_UI_PROXY_ADDRESSES", "10.0.0.0/33"],
  ["OPERATOR_UI_BACKUP_STORE", "ftp://wal"],
];

for (const [name, value] of WRONG) {
  Deno.test(`${name}=${value} is refused by name`, () => {
    const { problems } = readSettings({ [name]: value });
    assert.equal(problems.length, 1, problems.join("; "));
    assert.ok(problems[0]!.includes(name));
  });
}

const LOCAL: readonly (readonly [string, string, number])[] = [
  ["127.0.0.1", "", 1],
  ["10.0.0.0/8,::1/128", "", 1],
  ["127.0.0.1", "secret", 0],
  ["10.0.0.0/8", "", 0],
];

for (const [addresses, secret, warned] of LOCAL) {
  Deno.test(`a proxy at ${addresses} with ${secret ? "a" : "no"} secret is ${warned ? "" : "not "}warned of`, () => {
    const { warnings, problems } = readSettings({
      OPERATOR_UI_SIGN_IN: "teams",
      OPERATOR_UI_PROXY_ADDRESSES: addresses,
      OPERATOR_UI_PROXY_SECRET: secret,
    });
    assert.deepEqual(problems, []);
    assert.equal(warnings.length, warned);
  });
}

Deno.test("an unknown variable of ours is told, with the one that may be meant", () => {
  const { warnings } = readSettings({ OPERATOR_UI_SIGNIN: "token", COST_PER_ROW: "1", HOME: "/" });
  assert.deepEqual(warnings, [
    "OPERATOR_UI_SIGNIN is not known; is OPERATOR_UI_SIGN_IN meant?",
    "COST_PER_ROW is not known",
  ]);
});

/** Keys that the reference's browser part knows. */
const REFERENCE_KEYS = [
  "docs_link",
  "dns_format_string",
  "pgview_link",
  "pgui_link",
  "postgresql_versions",
  "static_network_whitelist",
  "users_visible",
  "databases_visible",
  "resources_visible",
  "nat_gateways_visible",
  "odd_host_visible",
  "master_load_balancer_visible",
  "replica_load_balancer_visible",
  "connection_pooler_visible",
  "replica_connection_pooler_visible",
  "master_pooler_load_balancer_visible",
  "replica_pooler_load_balancer_visible",
  "kubernetes_maintenance_check",
  "default_cpu",
  "default_cpu_limit",
  "default_memory",
  "default_memory_limit",
  "cost_ebs",
  "min_pods",
  "read_only_mode",
  "superuser_team",
  "target_namespace",
];

const LISTS: Readonly<Record<string, unknown>> = {
  postgresql_versions: ["17"],
  static_network_whitelist: { office: ["192.0.2.0/24"] },
};

for (const key of REFERENCE_KEYS) {
  Deno.test(`OPERATOR_UI_CONFIG takes ${key} as it is`, () => {
    const value = LISTS[key] ?? "text";
    const text = JSON.stringify({ [key]: value });
    const { settings, warnings, problems } = readSettings({ OPERATOR_UI_CONFIG: text });
    assert.deepEqual([warnings, problems], [[], []]);
    assert.deepEqual(settings.shown[key], value);
  });
}

Deno.test("an unknown key of OPERATOR_UI_CONFIG is told, and served all the same", () => {
  const { settings, warnings } = readSettings({ OPERATOR_UI_CONFIG: '{"user_visible":true}' });
  assert.deepEqual(warnings, [
    "OPERATOR_UI_CONFIG: user_visible is not known; is users_visible meant?",
  ]);
  assert.equal(settings.shown["user_visible"], true);
});

for (
  const text of [
    '{"postgresql_versions":"17"}',
    '{"postgresql_versions":[]}',
    '{"static_network_whitelist":["192.0.2.0/24"]}',
    '{"static_network_whitelist":{"office":"192.0.2.0/24"}}',
    '{"dns_format_string":7}',
  ]
) {
  Deno.test(`OPERATOR_UI_CONFIG=${text} would break pages, and ends the start`, () => {
    const { problems } = readSettings({ OPERATOR_UI_CONFIG: text });
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, /^OPERATOR_UI_CONFIG: \w+ must be/);
  });
}
