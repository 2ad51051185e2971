/**
 * A release of the chart of Zalando's operator becomes one of this chart by `helm upgrade`: every object
 * keeps its name, nothing that cannot change does, and the operator reads the same configuration.
 */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { configFromConfigMap } from "../src/config/from_configmap.ts";
import { configFromCrd } from "../src/config/from_crd.ts";
import { nameOf, render, type Rendered, type Values } from "./rendering.ts";

interface Recorded {
  readonly release: string;
  readonly values: Values;
  readonly names: readonly string[];
  readonly deployment: {
    readonly selector: Values;
    readonly container: string;
    readonly serviceAccount: string;
    readonly env: Values;
  };
  readonly configuration?: Values;
}

const FILE = new URL("testdata/zalando_names.yaml", import.meta.url);
const RECORDED = parse(Deno.readTextFileSync(FILE)) as Recorded[];
const CONTEXT = { operatorNamespace: "operators" };

interface Deployment {
  readonly spec: {
    readonly selector: { readonly matchLabels: Values };
    readonly template: {
      readonly metadata: { readonly labels: Values };
      readonly spec: {
        readonly serviceAccountName: string;
        readonly containers: readonly {
          readonly name: string;
          readonly env: readonly { readonly name: string; readonly value: string }[];
        }[];
      };
    };
  };
}

function deploymentOf(objects: readonly Rendered[]): Deployment["spec"] {
  const found = objects.find(({ kind }) => kind === "Deployment");
  return (found as unknown as Deployment).spec;
}

RECORDED.forEach(({ release, values, names, deployment }, index) => {
  Deno.test(`release ${release} keeps all names in an upgrade (recorded values ${index})`, async () => {
    const objects = await render({ release, values });
    assert.deepEqual(objects.map(nameOf).sort(), names);
    const { selector, template } = deploymentOf(objects);
    const [container] = template.spec.containers;
    assert.deepEqual(selector.matchLabels, deployment.selector);
    for (const [key, value] of Object.entries(deployment.selector)) {
      assert.equal(template.metadata.labels[key], value);
    }
    assert.equal(container?.name, deployment.container);
    assert.equal(template.spec.serviceAccountName, deployment.serviceAccount);
    const env = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]));
    assert.deepEqual(env, deployment.env);
  });
});

for (const { release, values, configuration } of RECORDED.filter((one) => one.configuration)) {
  const target = values["configTarget"] ?? "OperatorConfigurationCRD";
  Deno.test(`the operator reads the same configuration after an upgrade (${target})`, async () => {
    const objects = await render({ release, values });
    const isMap = target === "ConfigMap";
    const kind = isMap ? "ConfigMap" : "OperatorConfiguration";
    const ours = objects.find((one) => one.kind === kind)?.[isMap ? "data" : "configuration"];
    const load = (from: unknown) =>
      isMap
        ? configFromConfigMap(from as Record<string, string>, CONTEXT)
        : configFromCrd(from, CONTEXT);
    const [before, after] = [load(configuration).config, load(ours).config];
    const differing = Object.entries(before)
      .filter(([key, value]) =>
        JSON.stringify(value) !== JSON.stringify(after[key as keyof typeof after])
      ).map(([key]) => key);
    assert.deepEqual(differing, []);
  });
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Paths of a configuration that a schema does not declare. */
function undeclared(value: unknown, schema: Schema, path: string): string[] {
  if (schema.properties === undefined || typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const declared = schema.properties?.[key];
    return declared ? undeclared(inner, declared, `${path}.${key}`) : [`${path}.${key}`];
  });
}

Deno.test("the definition of the Zalando operator, which Helm leaves there, knows all that is written", async () => {
  const file = "../codegen/testdata/reference_crds/operatorconfigurations.acid.zalan.do.json";
  const definition = parse(Deno.readTextFileSync(new URL(file, import.meta.url)));
  const schema = definition.spec.versions[0].schema.openAPIV3Schema as Schema;
  const objects = await render();
  const found = objects.find(({ kind }) => kind === "OperatorConfiguration");
  assert.deepEqual(undeclared(found, { properties: schema.properties! }, ""), []);
});
