/** Tests of how shipped values are chosen and written. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import type { ConfigParameter } from "./config_keys.ts";
import {
  emitChartValues,
  emitConfigMap,
  emitDefaultConfiguration,
  type ShippedValues,
} from "./config_values.ts";

const NOTHING: ShippedValues = { all: {}, configMap: {}, operatorConfiguration: {}, chart: {} };

const PARAMETERS: readonly ConfigParameter[] = [
  { group: "", key: "workers", schema: { type: "integer", default: 8, description: "Workers." } },
  { group: "", key: "etcd_host", schema: { type: "string", default: "", description: "Address." } },
  { group: "users", key: "owners", schema: { type: "array", description: "Owners." } },
  { group: "users", key: "labels", schema: { type: "object", default: { a: "b", c: "d" } } },
  { group: "kubernetes", key: "liveness_probe", schema: { type: "object" } },
];

Deno.test("emitConfigMap writes text values and shows the others as comments", () => {
  const text = emitConfigMap(PARAMETERS, { ...NOTHING, configMap: { owners: ["x", "y"] } });
  assert.deepEqual(parse(text).data, {
    etcd_host: "",
    labels: "a:b,c:d",
    owners: "x,y",
    workers: "8",
  });
  assert.ok(!text.includes("liveness_probe"));
});

Deno.test("a value of the target outranks one for all, which outranks the schema", () => {
  const shipped = { ...NOTHING, all: { workers: 4 }, configMap: { workers: 2 } };
  assert.equal(parse(emitConfigMap(PARAMETERS, shipped)).data.workers, "2");
  const { configuration } = parse(emitDefaultConfiguration(PARAMETERS, shipped));
  assert.equal(configuration.workers, 4);
});

Deno.test("null takes a parameter out of one target and leaves its comment", () => {
  const shipped = { ...NOTHING, configMap: { workers: null } };
  const text = emitConfigMap(PARAMETERS, shipped);
  assert.equal(parse(text).data.workers, undefined);
  assert.match(text, /# Workers\.\n {2}# workers: ""/);
});

Deno.test("emitDefaultConfiguration and emitChartValues put groups below their names", () => {
  const { configuration } = parse(emitDefaultConfiguration(PARAMETERS, NOTHING));
  assert.deepEqual(configuration.users, { labels: { a: "b", c: "d" } });
  assert.deepEqual(configuration.kubernetes, {});
  const values = parse(emitChartValues(PARAMETERS, NOTHING, "image:\n  tag: a\n"));
  assert.equal(values.image.tag, "a");
  assert.deepEqual(values.configUsers, { labels: { a: "b", c: "d" } });
  assert.deepEqual(values.configGeneral, { workers: 8, etcd_host: "" });
});

Deno.test("a value of an unknown parameter is refused", () => {
  assert.throws(() => emitConfigMap(PARAMETERS, { ...NOTHING, all: { worker: 1 } }), {
    message: "cannot ship values of unknown parameters: worker",
  });
});
