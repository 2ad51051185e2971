import assert from "node:assert/strict";
import { Sensitive } from "../lib/sensitive.ts";
import { config } from "../testing/config_fixture.ts";
import {
  type Environment,
  environmentFrom,
  operatorNamespaceOf,
  watchedNamespace,
  withEnvironment,
} from "./from_environment.ts";
import { ConfigError } from "./problems.ts";

const NO_SWITCHES = { noDatabaseAccess: false, noTeamsApi: false };

const VARIABLES: readonly [Record<string, string>, keyof Environment, unknown][] = [
  [{}, "source", { kind: "defaults" }],
  [{ CONFIG_MAP_NAME: "" }, "source", { kind: "defaults" }],
  [
    { CONFIG_MAP_NAME: "settings" },
    "source",
    { kind: "ConfigMap", name: { namespace: "operators", name: "settings" } },
  ],
  [
    { CONFIG_MAP_NAME: "ns/settings" },
    "source",
    { kind: "ConfigMap", name: { namespace: "ns", name: "settings" } },
  ],
  [
    { CONFIG_MAP_NAME: "settings", POSTGRES_OPERATOR_CONFIGURATION_OBJECT: "main" },
    "source",
    { kind: "OperatorConfiguration", name: { namespace: "operators", name: "main" } },
  ],
  [{}, "crdReadyWaitIntervalMs", undefined],
  [{ CRD_READY_WAIT_TIMEOUT: "" }, "crdReadyWaitTimeoutMs", undefined],
  [{ CRD_READY_WAIT_INTERVAL: "250ms" }, "crdReadyWaitIntervalMs", 250],
  [{ CRD_READY_WAIT_TIMEOUT: "1m" }, "crdReadyWaitTimeoutMs", 60_000],
  [{}, "logFormat", "text"],
  [{ ENABLE_JSON_LOGGING: "1" }, "logFormat", "text"],
  [{ ENABLE_JSON_LOGGING: "true", LOG_NOQUOTE: "x" }, "logFormat", "json"],
  [{ LOG_NOQUOTE: "x" }, "logFormat", "text without quotes"],
  [{ CONTROLLER_ID: "second" }, "controllerId", "second"],
  [{ WATCHED_NAMESPACE: "*" }, "watchedNamespace", "*"],
  [{}, "traces", false],
  [{ OTEL_SERVICE_NAME: "x" }, "traces", false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318" }, "traces", true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://c:4318/v1/traces" }, "traces", true],
  [{ OTEL_TRACES_EXPORTER: "otlp" }, "traces", true],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318", OTEL_TRACES_EXPORTER: "none" },
    "traces",
    false,
  ],
  [{ OTEL_TRACES_EXPORTER: "otlp", OTEL_SDK_DISABLED: "true" }, "traces", false],
];

Deno.test("environment variables are read as the reference reads them", () => {
  for (const [variables, property, want] of VARIABLES) {
    assert.deepEqual(environmentFrom(variables, "operators")[property], want);
  }
  assert.equal(environmentFrom({ SCALYR_API_KEY: "k" }, "x").scalyrApiKey.reveal(), "k");
  assert.equal(operatorNamespaceOf({ OPERATOR_NAMESPACE: "x" }), "x");
  assert.equal(operatorNamespaceOf({ OPERATOR_NAMESPACE: "" }), undefined);
});

Deno.test("traces that cannot be sent as asked are refused with the variable", () => {
  const rows = [
    [{ OTEL_TRACES_EXPORTER: "zipkin" }, /OTEL_TRACES_EXPORTER.*zipkin.*must be otlp or none/],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4317", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
      /OTEL_EXPORTER_OTLP_PROTOCOL.*grpc.*must be http\/json/,
    ],
  ] as const;
  for (const [variables, said] of rows) {
    assert.throws(() => environmentFrom(variables, "operators"), said);
  }
});

Deno.test("all problems of the environment are told at once", () => {
  const variables = {
    CONFIG_MAP_NAME: "ns/",
    CRD_READY_WAIT_INTERVAL: "0s",
    CRD_READY_WAIT_TIMEOUT: "soon",
  };
  assert.throws(() => environmentFrom(variables, "operators"), (error: ConfigError) => {
    const names = error.problems.map((row) => row.parameter).sort();
    assert.deepEqual(names, Object.keys(variables));
    return true;
  });
});

const WATCHED: readonly [variable: string, parameter: string, want: string][] = [
  ["", "", "operators"],
  ["", "db", "db"],
  ["team", "db", "team"],
  ["*", "db", "*"],
  ["", "*", "*"],
];

Deno.test("the watched namespace is the variable, else the parameter, else the operator's own", () => {
  for (const [variable, parameter, want] of WATCHED) {
    const environment = environmentFrom({ WATCHED_NAMESPACE: variable }, "operators");
    const effective = withEnvironment(config({ watchedNamespace: parameter }), environment, {
      ...NO_SWITCHES,
    });
    assert.equal(watchedNamespace(effective, "operators"), want);
  }
});

Deno.test("switches of the command line win over the configuration, and only switch off", () => {
  const environment = environmentFrom({}, "operators");
  const on = withEnvironment(config(), environment, NO_SWITCHES);
  assert.deepEqual([on.enableDatabaseAccess, on.enableTeamsApi], [true, true]);
  const off = withEnvironment(config(), environment, { noDatabaseAccess: true, noTeamsApi: true });
  assert.deepEqual([off.enableDatabaseAccess, off.enableTeamsApi], [false, false]);
  const kept = withEnvironment(config({ enableTeamsApi: false }), environment, NO_SWITCHES);
  assert.equal(kept.enableTeamsApi, false);
});

Deno.test("the Scalyr key of the environment wins when it is set", () => {
  const configured = config({ scalyrApiKey: new Sensitive("of the configuration") });
  const key = (variables: Record<string, string>) =>
    withEnvironment(configured, environmentFrom(variables, "x"), NO_SWITCHES).scalyrApiKey.reveal();
  assert.equal(key({}), "of the configuration");
  assert.equal(key({ SCALYR_API_KEY: "of the environment" }), "of the environment");
});

Deno.test("the waits for CRDs are those of the environment, else those of the configuration", () => {
  const waits = (variables: Record<string, string>) => {
    const environment = environmentFrom(variables, "x");
    const { readyWaitIntervalMs, readyWaitTimeoutMs } = withEnvironment(
      config({ readyWaitIntervalMs: 500, readyWaitTimeoutMs: 2 }),
      environment,
      NO_SWITCHES,
    );
    return [readyWaitIntervalMs, readyWaitTimeoutMs];
  };
  assert.deepEqual(waits({}), [500, 2]);
  assert.deepEqual(waits({ CRD_READY_WAIT_INTERVAL: "3ms" }), [3, 2]);
  assert.deepEqual(waits({ CRD_READY_WAIT_TIMEOUT: "1m" }), [500, 60_000]);
});
