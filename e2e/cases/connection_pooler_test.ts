/**
 * Poolers on and off, on a standby cluster: without a database nothing else may have one.
 * Zalando: e2e/tests/test_e2e.py, test_enable_disable_connection_pooler
 */
import assert from "node:assert/strict";
import type { Deployment } from "../../src/kubernetes/types.gen.ts";
import { type Play, scenario } from "../support/scenario.ts";
import { isRunning, MINIMAL, minimalCluster } from "./clusters.ts";

const STANDBY = { standby: { standby_host: "elsewhere.example.com", standby_port: "5432" } };

function poolers({ cluster, namespace }: Play): string[] {
  return (["Deployment", "Service"] as const).flatMap((kind) =>
    cluster.view.list(kind, namespace)
      .filter(({ metadata }) => metadata.name?.includes("-pooler"))
      .map(({ metadata }) => `${kind}/${metadata.name}`)
  ).sort();
}

async function become(play: Play, spec: Record<string, unknown>, names: string[]): Promise<void> {
  await play.cluster.patch(minimalCluster(play.namespace), { spec });
  await play.until(
    `poolers are ${names.join(", ") || "gone"}`,
    () => poolers(play).join() === names.join(),
  );
  await play.until("the cluster runs", () => isRunning(play));
}

const PRIMARY = [`Deployment/${MINIMAL}-pooler`, `Service/${MINIMAL}-pooler`];
const REPLICA = [`Deployment/${MINIMAL}-pooler-repl`, `Service/${MINIMAL}-pooler-repl`];

scenario("poolers come, change and go by the manifest", {}, async (play) => {
  const { cluster, namespace, until } = play;
  await cluster.create(minimalCluster(namespace, STANDBY));
  await until("the cluster runs", () => isRunning(play));
  const both = { enableConnectionPooler: true, enableReplicaConnectionPooler: true };
  await become(play, both, [...PRIMARY, ...REPLICA].sort());
  const secret = `pooler.${MINIMAL}.credentials.postgresql.acid.zalan.do`;
  assert.ok(cluster.view.get("Secret", namespace, secret));

  await cluster.patch(minimalCluster(namespace), {
    spec: { connectionPooler: { numberOfInstances: 3 } },
  });
  const deployment = () =>
    cluster.view.get("Deployment", namespace, `${MINIMAL}-pooler`) as Deployment | undefined;
  await until("three pooler pods", () => deployment()?.status?.readyReplicas === 3);

  await become(play, { enableReplicaConnectionPooler: false }, PRIMARY);
  await become(play, { enableConnectionPooler: false, connectionPooler: null }, []);
});
