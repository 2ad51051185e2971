/**
 * `deno task plan --against` a running cluster: what it plans for is what there is to do, it writes
 * nothing, and what it said comes true.
 */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { scenario } from "../support/scenario.ts";
import type { Play } from "../support/scenario.ts";
import { isRunning, minimalCluster, podsOf } from "./clusters.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

interface Printed {
  readonly exitCode: number;
  readonly plans: readonly {
    readonly effect: string;
    readonly changes: readonly { readonly object: string; readonly verb: string }[];
    readonly held: readonly unknown[];
  }[];
}

async function plan(play: Play, spec: Readonly<Record<string, unknown>>): Promise<Printed> {
  const file = `${play.cluster.directory}/plan.yaml`;
  await Deno.writeTextFile(file, stringify(minimalCluster(play.namespace, spec)));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "plan", "-f", file, "--against", play.cluster.kubeconfig, "--json"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.ok(text.startsWith("{"), new TextDecoder().decode(stderr));
  const printed = JSON.parse(text) as Printed;
  assert.equal(code, printed.exitCode);
  return printed;
}

/** What an operator writes: everything but status, and what Patroni and controllers keep up. */
function contents({ cluster, namespace }: Play): unknown {
  return cluster.view.all(namespace)
    .filter(({ kind }) => !["ConfigMap", "Endpoints", "EndpointSlice", "Event"].includes(kind))
    .map(({ kind, metadata: { name, uid, generation, labels }, spec, data }) => {
      return { kind, name, uid, generation, labels, spec, data };
    });
}

scenario("a plan against a running cluster comes true and writes nothing", {}, async (play) => {
  await play.cluster.create(minimalCluster(play.namespace));
  await play.until("the cluster runs", () => isRunning(play));
  const standing = contents(play);

  const nothing = await plan(play, {});
  assert.deepEqual(nothing.plans[0]?.changes, []);
  assert.equal(nothing.exitCode, 0);

  const image = "ghcr.io/zalando/spilo-18:4.1-p1";
  const restart = await plan(play, { dockerImage: image });
  assert.equal(restart.exitCode, 3);
  assert.deepEqual(contents(play), standing);

  const restarted = restart.plans[0]?.changes.filter(({ verb }) => verb === "restart")
    .map(({ object }) => object).sort();
  const pods = podsOf(play).map(({ metadata }) => `Pod ${play.namespace}/${metadata.name}`);
  assert.deepEqual(restarted, pods.sort());
  const before = new Set(podsOf(play).map(({ metadata }) => metadata.uid));
  await play.cluster.patch(minimalCluster(play.namespace), { spec: { dockerImage: image } });
  await play.until(
    "all pods are new",
    () => isRunning(play) && podsOf(play).every(({ metadata }) => !before.has(metadata.uid)),
  );
});
