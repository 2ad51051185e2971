import assert from "node:assert/strict";
import { parse } from "yaml";
import { formatDuration, parseDuration } from "../lib/duration.ts";
import { Sensitive } from "../lib/sensitive.ts";
import type { Config } from "./config.ts";
import { configFromConfigMap } from "./from_configmap.ts";
import { configFromCrd } from "./from_crd.ts";
import { type Parameter, PARAMETERS } from "./parameters.ts";

const CONTEXT = { operatorNamespace: "operators" };

Deno.test("every property of Config belongs to exactly one parameter", () => {
  const source = Deno.readTextFileSync(new URL("./config.ts", import.meta.url));
  const body = source.slice(source.indexOf("export interface Config {"));
  const declared = [...body.matchAll(/^ {2}readonly (\w+):/gm)].map((match) => match[1]!);
  assert.equal(declared.length, 191);
  assert.deepEqual(PARAMETERS.map((row) => row.property).sort(), declared.sort());
});

Deno.test("190 parameters can be set in each source, one only in each of them", () => {
  const configMap = PARAMETERS.filter((row) => row.inConfigMap);
  const crd = PARAMETERS.filter((row) => row.path !== undefined);
  assert.deepEqual([configMap.length, crd.length, PARAMETERS.length], [190, 190, 191]);
  assert.deepEqual(crd.filter((row) => !row.inConfigMap).map((row) => row.key), ["liveness_probe"]);
  const onlyConfigMap = configMap.filter((row) => row.path === undefined).map((row) => row.key);
  assert.deepEqual(onlyConfigMap, ["enable_load_balancer"]);
});

type DefaultTexts = readonly [configMap: string | null, crd: string | null];

const DEFAULTS: Readonly<Record<string, DefaultTexts>> = parse(
  Deno.readTextFileSync(new URL("./testdata/defaults.yaml", import.meta.url)),
);

/** A value as a ConfigMap would write it. */
function written(value: unknown): string {
  if (value === undefined) return "";
  if (value instanceof Sensitive) return value.reveal();
  if (Array.isArray(value)) return value.join(",");
  if (typeof value !== "object" || value === null) return String(value);
  if ("namespace" in value && "name" in value) return String(value.name);
  return Object.entries(value).map(([key, item]) => `${key}:${item}`).join(",");
}

function assertDefault(parameter: Parameter, config: Config, text: string): void {
  const value = config[parameter.property];
  if (parameter.kind === "duration") {
    assert.equal(value, parseDuration(text), parameter.key);
  } else if (text === "" && (value === false || value === 0)) {
    assert.ok(["boolean", "integer"].includes(parameter.kind), parameter.key);
  } else {
    assert.equal(written(value), text, parameter.key);
  }
}

Deno.test("nothing set gives the defaults of the ConfigMap", () => {
  const { config, warnings } = configFromConfigMap({}, CONTEXT);
  assert.deepEqual(warnings, []);
  for (const parameter of PARAMETERS) {
    assertDefault(parameter, config, DEFAULTS[parameter.key]?.[0] ?? "");
  }
});

Deno.test("nothing set gives the defaults of the OperatorConfiguration, its groups missing or not", () => {
  const empty = configFromCrd({}, CONTEXT);
  const groups = configFromCrd({ kubernetes: {}, load_balancer: {}, users: null }, CONTEXT);
  assert.deepEqual(empty.warnings, []);
  for (const parameter of PARAMETERS) {
    assertDefault(parameter, empty.config, DEFAULTS[parameter.key]?.[1] ?? "");
    assert.deepEqual(groups.config[parameter.property], empty.config[parameter.property]);
  }
});

/** A value for a parameter in both forms, different from its defaults. */
function sample(parameter: Parameter, defaultValue: unknown): { text: string; json: unknown } {
  const { key, kind } = parameter;
  switch (kind) {
    case "boolean":
    case "optionalBoolean":
      return { text: defaultValue ? "F" : "T", json: !defaultValue };
    case "integer":
    case "optionalInteger":
      return { text: "0x1d", json: 29 };
    case "duration":
      return { text: formatDuration(123_000), json: "2m3s" };
    case "list":
      return { text: "one, two", json: ["one", " two"] };
    case "map":
      return { text: "one:1,two:'a,b'", json: { one: "1", two: "'a,b'" } };
    case "namespacedName":
      return { text: "elsewhere/thing", json: "elsewhere/thing" };
    case "containers":
      return {
        text: "- name: side\n  image: side:1\n  ports: [{containerPort: 80}]\n",
        json: [{ name: "side", image: "side:1", ports: [{ containerPort: 80 }] }],
      };
    case "roleDefinitions":
      return {
        text: "secretname:infra, userkey:u, passwordkey:p, rolekey:r, defaultrolevalue:d",
        json: [{
          secretname: "default/infra",
          userkey: "u",
          passwordkey: "p",
          rolekey: "r",
          defaultrolevalue: "d",
        }],
      };
    default:
      return sampleText(key, parameter.enum, defaultValue);
  }
}

function sampleText(key: string, words: readonly string[] | undefined, defaultValue: unknown) {
  const definitions: Record<string, string> = {
    pod_service_account_definition:
      "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: postgres-pod\n",
    pod_service_account_role_binding_definition:
      '{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"x"}}',
  };
  const text = definitions[key] ?? words?.find((word) => word !== defaultValue) ?? `a ${key}: b,c`;
  return { text, json: text };
}

/** In a ConfigMap this one raises requests to their limits, once for all. */
const RAISES_REQUESTS = "set_memory_request_to_limit";

/** What is told of a value that is neither shown nor equal by itself. */
function comparable(config: Config): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([property, value]) => [
      property,
      value instanceof Sensitive ? value.reveal() : value,
    ]),
  );
}

Deno.test("each of the 189 shared parameters means the same in both sources and changes nothing else", () => {
  const bases = {
    configMap: comparable(configFromConfigMap({}, CONTEXT).config),
    crd: comparable(configFromCrd({}, CONTEXT).config),
  };
  const shared = PARAMETERS.filter((row) => row.inConfigMap && row.path !== undefined);
  assert.equal(shared.length, 189);
  for (const parameter of shared) {
    const { key, property, path } = parameter;
    for (const base of Object.values(bases)) {
      const { text, json } = sample(parameter, base[property]);
      const nested = [...path!].reverse().reduce<unknown>(
        (inner, name) => ({ [name]: inner }),
        json,
      );
      const fromMap = comparable(configFromConfigMap({ [key]: text }, CONTEXT).config);
      const fromCrd = comparable(configFromCrd(nested, CONTEXT).config);
      assert.deepEqual(fromMap[property], fromCrd[property], key);
      assert.notDeepEqual(fromMap[property], base[property], `${key} stays at its default`);
      for (const [name, value] of Object.entries(bases.configMap)) {
        if (key === RAISES_REQUESTS && name === "scalyrMemoryRequest") continue;
        if (name !== property) assert.deepEqual(fromMap[name], value, `${key} changes ${name}`);
      }
      for (const [name, value] of Object.entries(bases.crd)) {
        if (name !== property) assert.deepEqual(fromCrd[name], value, `${key} changes ${name}`);
      }
    }
  }
});

Deno.test("the two parameters of one source are read there and warned about elsewhere", () => {
  const probe = { httpGet: { path: "/liveness", port: 8008 } };
  const crd = configFromCrd({ kubernetes: { liveness_probe: probe } }, CONTEXT);
  assert.deepEqual(crd.config.livenessProbe, probe);
  const map = configFromConfigMap({ liveness_probe: "x", enable_load_balancer: "true" }, CONTEXT);
  assert.equal(map.config.livenessProbe, undefined);
  assert.equal(map.config.enableLoadBalancer, true);
  assert.equal(map.warnings.length, 2);
  assert.match(map.warnings[0]!, /^liveness_probe is ignored/);
  assert.match(map.warnings[1]!, /^enable_load_balancer is deprecated/);
  const other = configFromCrd({ load_balancer: { enable_load_balancer: true } }, CONTEXT);
  assert.equal(other.config.enableLoadBalancer, undefined);
  assert.match(other.warnings[0]!, /unknown parameter "load_balancer.enable_load_balancer"/);
});
