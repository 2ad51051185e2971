/**
 * Objects of others on a real API server and with real caches, which do not show what has no label
 * of ours: they stay as they are, and what is ours by its pods is labelled and found again.
 */
import assert from "node:assert/strict";
import { DELETION_ANNOTATION } from "../../src/cluster/plan/deletion.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { refOf } from "../../src/ports/requests.ts";
import { type Play, scenario } from "../support/scenario.ts";
import { launchOperator } from "../support/test_cluster.ts";
import { isRunning, manifestOf, MINIMAL, minimalCluster, statusOf } from "./clusters.ts";

const WITHOUT_DATABASES = { operator: { config: { enable_database_access: "false" } } };

function content({ cluster, namespace }: Play, name: string): string {
  const object = cluster.view.get("Service", namespace, name);
  const { metadata, spec } = object as KubeObject & { spec: unknown };
  return JSON.stringify([metadata.uid, metadata.labels, metadata.annotations, spec]);
}

scenario(
  "a Service of somebody else keeps its ports, also when the cluster goes",
  {},
  async (play) => {
    const { cluster, namespace, until, events } = play;
    const labels = { app: "web" };
    await cluster.create({
      apiVersion: "v1",
      kind: "Service",
      metadata: { namespace, name: `${MINIMAL}-repl`, labels },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080, protocol: "TCP" }] },
    } as KubeObject);
    const before = await until(
      "the Service is there",
      () =>
        cluster.view.get("Service", namespace, `${MINIMAL}-repl`) &&
        content(play, `${MINIMAL}-repl`),
    );
    await cluster.create(minimalCluster(namespace));
    await until("the cluster is refused", () => statusOf(play) === "CreateFailed");
    const told = new RegExp(`^Warning Create: .*Service ${namespace}/${MINIMAL}-repl is not the`);
    await until(
      "an Event names the Service",
      () => events(MINIMAL).some((text) => told.test(text)),
    );
    assert.equal(cluster.view.get("StatefulSet", namespace, MINIMAL), undefined);
    await cluster.delete(manifestOf(play) as unknown as KubeObject);
    await until("the manifest is gone", () => manifestOf(play) === undefined);
    await play.never(
      "the Service changes",
      () => content(play, `${MINIMAL}-repl`) !== before,
    );
  },
);

scenario(
  "a Deployment with the pods of the pooler is mended, labelled, and goes with the pooler",
  WITHOUT_DATABASES,
  async (play) => {
    const { cluster, namespace, until } = play;
    const name = `${MINIMAL}-pooler`;
    const labels = {
      application: "db-connection-pooler",
      "cluster-name": MINIMAL,
      "connection-pooler": name,
    };
    const { "cluster-name": _, ...unfound } = labels;
    await cluster.create({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { namespace, name, labels: unfound },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: "broken", image: "example.org/none" }] },
        },
      },
    } as KubeObject);
    await cluster.create(minimalCluster(namespace, { enableConnectionPooler: true }));
    const deployment = () => cluster.view.get("Deployment", namespace, name);
    await until(
      "it is labelled",
      () => deployment()?.metadata.labels?.["cluster-name"] === MINIMAL,
    );
    await until("it is mended", () => JSON.stringify(deployment()).includes("pgbouncer"));
    await until("the cluster runs", () => isRunning(play));
    await cluster.patch(minimalCluster(namespace), { spec: { enableConnectionPooler: false } });
    await until("it is gone", () => deployment() === undefined);
  },
);

scenario("a forged note deletes nothing when an operator starts", {}, async (play) => {
  const { cluster, namespace, until } = play;
  await cluster.create(minimalCluster(namespace));
  await until("the cluster runs", () => isRunning(play));
  const own = () =>
    cluster.view.all(namespace).filter(({ metadata }) =>
      metadata.labels?.["cluster-name"] === MINIMAL
    );
  const names = (objects: readonly KubeObject[]) =>
    objects.map(({ kind, metadata }) => `${kind}/${metadata.name} ${metadata.uid}`).sort();
  const before = names(own());
  const targets = own().map((object) => ({ ref: refOf(object), uid: object.metadata.uid }));
  const note = JSON.stringify({ uid: "uid-of-nobody", controller: "", targets });
  const evil = minimalCluster(namespace, {
    serviceAnnotations: { [DELETION_ANNOTATION]: note },
  }, "acid-evil");
  await cluster.create(evil);
  await until("the other cluster runs", () => isRunning(play, "acid-evil"));
  assert.equal(
    cluster.view.get("Service", namespace, "acid-evil")?.metadata.annotations
      ?.[DELETION_ANNOTATION],
    undefined,
  );
  // Somebody with rights on Services writes it by hand.
  const service = cluster.view.get("Service", namespace, MINIMAL) as KubeObject;
  await cluster.patch(service, { metadata: { annotations: { [DELETION_ANNOTATION]: note } } });
  await play.operator.stop();
  const next = launchOperator(cluster, play.operator);
  try {
    await next.untilLogged(/looking after 2 clusters/);
    await play.never(
      "anything of the cluster goes",
      () => before.some((name) => !names(own()).includes(name)),
      4000,
    );
  } finally {
    await next.stop();
  }
});
