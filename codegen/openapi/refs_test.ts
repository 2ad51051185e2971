/** Tests of references and short names. */
import assert from "node:assert/strict";
import { reachable, refsOf, refTo, shortNames } from "./refs.ts";

Deno.test("shortNames shortens a name to its last part", () => {
  const names = shortNames(["io.k8s.api.core.v1.Pod", "io.k8s.api.apps.v1.StatefulSet"]);
  assert.deepEqual([...names.values()], ["Pod", "StatefulSet"]);
});

Deno.test("shortNames leaves the short name to the core group when two groups share it", () => {
  const core = "io.k8s.api.core.v1.EndpointPort";
  const discovery = "io.k8s.api.discovery.v1.EndpointPort";
  const names = shortNames([discovery, core]);
  assert.equal(names.get(core), "EndpointPort");
  assert.equal(names.get(discovery), "DiscoveryEndpointPort");
});

Deno.test("reachable follows references through lists, maps and combinations, also in circles", () => {
  const schemas = {
    A: { items: { $ref: refTo("B") } },
    B: { additionalProperties: { allOf: [{ $ref: refTo("C") }] } },
    C: { properties: { again: { $ref: refTo("A") } }, not: { $ref: refTo("D") } },
    D: { type: "string" },
    E: { type: "string" },
  };
  assert.deepEqual(reachable(schemas, ["A"]), ["A", "B", "C", "D"]);
});

Deno.test("reachable names the definition that does not exist", () => {
  assert.throws(() => reachable({ A: { $ref: refTo("B") } }, ["A"]), {
    message: "cannot find definition B",
  });
});

Deno.test("refsOf refuses a reference that leads elsewhere", () => {
  assert.throws(() => refsOf({ $ref: "#/components/responses/A" }), {
    message: "cannot follow reference #/components/responses/A: not a schema",
  });
});
