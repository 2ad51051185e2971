/** Services by type. Zalando: e2e/tests/test_e2e.py, test_enable_load_balancer */
import assert from "node:assert/strict";
import type { Service } from "../../src/kubernetes/types.gen.ts";
import { type Play, scenario } from "../support/scenario.ts";
import { isRunning, MINIMAL, minimalCluster } from "./clusters.ts";

function service({ cluster, namespace }: Play, name: string): Service | undefined {
  return cluster.view.get("Service", namespace, name) as Service | undefined;
}

async function become(play: Play, spec: Record<string, unknown>, type: string): Promise<void> {
  await play.cluster.patch(minimalCluster(play.namespace), { spec });
  for (const name of [MINIMAL, `${MINIMAL}-repl`]) {
    await play.until(`${name} is a ${type}`, () => service(play, name)?.spec?.type === type);
  }
  await play.until("the cluster runs", () => isRunning(play));
}

scenario("Services become load balancers and are ordinary again", {}, async (play) => {
  await play.cluster.create(minimalCluster(play.namespace));
  await play.until("the cluster runs", () => isRunning(play));
  const uid = service(play, MINIMAL)?.metadata.uid;

  const on = { enableMasterLoadBalancer: true, enableReplicaLoadBalancer: true };
  await become(play, { ...on, allowedSourceRanges: ["192.0.2.0/24"] }, "LoadBalancer");
  const balanced = service(play, MINIMAL);
  assert.deepEqual(balanced?.spec?.loadBalancerSourceRanges, ["192.0.2.0/24"]);
  assert.match(
    balanced?.metadata.annotations?.["external-dns.alpha.kubernetes.io/hostname"] ?? "",
    new RegExp(`^${MINIMAL}\\.${play.namespace}\\.db\\.example\\.com`),
  );

  const off = { enableMasterLoadBalancer: false, enableReplicaLoadBalancer: false };
  await become(play, { ...off, allowedSourceRanges: null }, "ClusterIP");
  assert.equal(service(play, MINIMAL)?.metadata.uid, uid, "the Service was changed, not replaced");
});

scenario("Services get node ports, a chosen one too, and lose them again", {}, async (play) => {
  await play.cluster.create(minimalCluster(play.namespace, { enableMasterLoadBalancer: false }));
  await play.until("the cluster runs", () => isRunning(play));
  const on = { enableMasterNodePort: true, enableReplicaNodePort: true, masterNodePort: 30077 };
  await become(play, on, "NodePort");
  assert.equal(service(play, MINIMAL)?.spec?.ports?.[0]?.nodePort, 30077);
  assert.ok(service(play, `${MINIMAL}-repl`)?.spec?.ports?.[0]?.nodePort);
  const off = { enableMasterNodePort: null, enableReplicaNodePort: null, masterNodePort: null };
  await become(play, off, "ClusterIP");
  assert.equal(service(play, MINIMAL)?.spec?.ports?.[0]?.nodePort, undefined);
});

scenario(
  "Services have the traffic and the families that the manifest asks for",
  {},
  async (play) => {
    await play.cluster.create(minimalCluster(play.namespace, { enableMasterLoadBalancer: false }));
    await play.until("the cluster runs", () => isRunning(play));
    const uid = service(play, MINIMAL)?.metadata.uid;
    const asked = {
      internalTrafficPolicy: "Local",
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "PreferDualStack",
    };
    await play.cluster.patch(minimalCluster(play.namespace), { spec: asked });
    for (const name of [MINIMAL, `${MINIMAL}-repl`]) {
      await play.until(
        `${name} follows`,
        () => service(play, name)?.spec?.internalTrafficPolicy === "Local",
      );
      assert.equal(service(play, name)?.spec?.ipFamilyPolicy, "PreferDualStack");
      assert.equal(service(play, name)?.spec?.ipFamilies?.[0], "IPv4");
    }
    await play.until("the cluster runs again", () => isRunning(play));
    assert.equal(
      service(play, MINIMAL)?.metadata.uid,
      uid,
      "the Service was changed, not replaced",
    );

    // The first family of a Service that exists is fixed: that is told, and nothing is refused.
    await play.cluster.patch(minimalCluster(play.namespace), { spec: { ipFamilies: ["IPv6"] } });
    await play.until(
      "it is told",
      () => play.events(MINIMAL).some((text) => text.includes("spec.ipFamilies: Service")),
    );
    assert.equal(service(play, MINIMAL)?.spec?.ipFamilies?.[0], "IPv4");
  },
);

scenario("An annotation that nobody asks for any more leaves, one of others stays", {
  operator: { config: { custom_service_annotations: "cost-centre:42" } },
}, async (play) => {
  const serviceAnnotations = { alice: "bob", "annotation.key": "value" };
  await play.cluster.create(minimalCluster(play.namespace, { serviceAnnotations }));
  const annotations = (name: string) => service(play, name)?.metadata.annotations ?? {};
  await play.until(
    "both Services carry all annotations",
    () =>
      [MINIMAL, `${MINIMAL}-repl`].every((name) =>
        annotations(name)["alice"] === "bob" && annotations(name)["cost-centre"] === "42"
      ),
  );
  await play.until("the cluster runs", () => isRunning(play));
  const primary = service(play, MINIMAL);
  assert.ok(primary);
  await play.cluster.patch(primary, { metadata: { annotations: { "helm.example/of": "others" } } });
  const without = { serviceAnnotations: { "annotation.key": "value", alice: null } };
  await play.cluster.patch(minimalCluster(play.namespace), { spec: without });
  await play.until(
    "it is gone from both Services",
    () => [MINIMAL, `${MINIMAL}-repl`].every((name) => annotations(name)["alice"] === undefined),
  );
  assert.deepEqual(
    { ...annotations(MINIMAL), "external-dns.alpha.kubernetes.io/hostname": undefined },
    {
      "annotation.key": "value",
      "cost-centre": "42",
      "helm.example/of": "others",
      "external-dns.alpha.kubernetes.io/hostname": undefined,
    },
  );

  // The configuration is read once: another operator does without what it no longer has.
  await play.operator.stop();
  await play.cluster.operator();
  await play.until(
    "it is gone from both Services",
    () =>
      [MINIMAL, `${MINIMAL}-repl`].every((name) => annotations(name)["cost-centre"] === undefined),
  );
  assert.equal(annotations(MINIMAL)["helm.example/of"], "others");
});
