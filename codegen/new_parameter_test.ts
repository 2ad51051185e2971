/**
 * A new parameter is two lines by hand, in the schema and in the type of the configuration; everything
 * else follows. Done here on a copy of the project.
 */
import assert from "node:assert/strict";
import { helm } from "../charts/helm.ts";

const ROOT = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

/** By hand: file, the line before which something is put, and that. */
const BY_HAND: readonly [path: string, before: string, text: string][] = [
  [
    "crds/operatorconfiguration.yaml",
    "                    pod_role_label:\n",
    "                    pod_foo:\n" +
    "                      description: Whatever foo is to a pod.\n" +
    "                      type: string\n" +
    "                      default: bar\n" +
    "                      enum: [bar, baz]\n",
  ],
  ["src/config/config.ts", "  readonly podRoleLabel: string;\n", "  readonly podFoo: string;\n"],
];

/** What holds the parameter afterwards, and how. */
const FOLLOWS: readonly [path: string, holds: RegExp][] = [
  ["src/config/keys.gen.ts", /"pod_foo"/],
  ["src/api/types.gen.ts", /pod_foo\?: "bar" \| "baz"/],
  ["src/api/crds.gen.ts", /pod_foo/],
  ["manifests/operatorconfiguration.crd.yaml", /pod_foo:/],
  ["manifests/configmap.yaml", /# Whatever foo is to a pod\.\n {2}pod_foo: "bar"/],
  ["manifests/postgresql-operator-default-configuration.yaml", /pod_foo: bar/],
  ["charts/postgres-operator/crds/operatorconfigurations.yaml", /pod_foo:/],
  ["charts/postgres-operator/values.yaml", /# Whatever foo is to a pod\.\n {2}pod_foo: bar/],
  ["charts/postgres-operator/values.schema.json", /"pod_foo": \{/],
  ["charts/postgres-operator/templates/_parameters.tpl", /pod_foo: string/],
  ["docs/reference/operator_parameters.md", /`pod_foo`/],
];

async function run(cwd: string, ...args: string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  assert.ok(success, `deno ${args.join(" ")}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

async function copyOfProject(): Promise<string> {
  const root = await Deno.makeTempDir({ prefix: "new-parameter-" });
  const names = ["codegen", "crds", "src", "charts", "manifests", "docs", ".ci"];
  const all = [...names, "deno.json", "deno.lock"].map((name) => `${ROOT}/${name}`);
  const { success } = await new Deno.Command("cp", { args: ["-r", ...all, root] }).output();
  assert.ok(success);
  return root;
}

/** The operator's reader on both sources, as a program of its own. */
const READ = `
import { configFromConfigMap } from "./src/config/from_configmap.ts";
import { configFromCrd } from "./src/config/from_crd.ts";
const context = { operatorNamespace: "default" };
const map = configFromConfigMap({ pod_foo: "baz" }, context);
const crd = configFromCrd({ kubernetes: { pod_foo: "baz" } }, context);
const left = configFromCrd({}, context);
console.log([map, crd, left].map(({ config, warnings }) => config.podFoo + warnings).join());
`;

Deno.test("a parameter in schema and type reaches configuration, definitions, manifests, chart and docs", async () => {
  const root = await copyOfProject();
  try {
    for (const [path, before, text] of BY_HAND) {
      const file = Deno.readTextFileSync(`${root}/${path}`);
      assert.equal(file.split(before).length, 2, `${path} has ${before} once`);
      Deno.writeTextFileSync(`${root}/${path}`, file.replace(before, text + before));
    }
    await run(root, "run", "-A", "codegen/main.ts", "generate");
    for (const [path, holds] of FOLLOWS) {
      assert.match(Deno.readTextFileSync(`${root}/${path}`), holds, path);
    }
    await run(root, "check", "src/config/from_configmap.ts", "src/config/from_crd.ts");
    Deno.writeTextFileSync(`${root}/read.ts`, READ);
    assert.equal((await run(root, "run", "-A", "read.ts")).trim(), "baz,baz,bar");
    const chart = `${root}/charts/postgres-operator`;
    const value = "configKubernetes.pod_foo=baz";
    for (const target of ["OperatorConfigurationCRD", "ConfigMap"]) {
      const set = ["--set", value, "--set", `configTarget=${target}`];
      const { success, stdout, stderr } = await helm("template", "a", chart, ...set);
      assert.ok(success, stderr);
      assert.match(stdout, /pod_foo: baz/, target);
    }
    const wrong = await helm("template", "a", chart, "--set", "configKubernetes.pod_foo=boo");
    assert.match(wrong.stderr, /pod_foo': value must be one of 'bar', 'baz'/);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
