/** Services, and annotations of what the operator makes. */
import type { Service } from "../../../src/kubernetes/types.gen.ts";
import { MINIMAL, minimalCluster, statefulSetOf } from "../../cases/clusters.ts";
import { equal, type Life } from "../life.ts";
import type { Scenario } from "../scenario.ts";

export const SERVICE_SCENARIOS: readonly Scenario[] = [
  {
    name: "test_enable_load_balancer",
    asserts: [
      "both Services begin as ClusterIP",
      "both Services become LoadBalancer",
      "both Services become ClusterIP again",
    ],
    config: { enable_master_load_balancer: "false", enable_replica_load_balancer: "false" },
    run: loadBalancer,
  },
  {
    name: "test_service_annotations",
    asserts: ["both Services carry all annotations"],
    config: { custom_service_annotations: "foo:bar" },
    run: serviceAnnotations,
  },
  {
    name: "test_ignored_annotations",
    asserts: [
      "StatefulSet and Service are the same objects as before",
      "the annotation of others stays",
    ],
    config: { ignored_annotations: "k8s-status" },
    run: ignoredAnnotations,
  },
  {
    name: "test_statefulset_annotation_propagation",
    asserts: ["the StatefulSet has all three annotations"],
    config: {
      downscaler_annotations: "deployment-time,downscaler/*",
      inherited_annotations: "environment,owned-by",
    },
    run: propagation,
  },
];

const NAMES = [MINIMAL, `${MINIMAL}-repl`];

function services(life: Life): (Service | undefined)[] {
  return NAMES.map((name) => life.object("Service", name) as Service | undefined);
}

async function loadBalancer(life: Life): Promise<void> {
  await life.start({ numberOfInstances: 1 });
  const types = (what: string, type: string) =>
    life.eventually(what, () => equal(services(life).map((it) => it?.spec?.type), [type, type]));
  await types("both Services begin as ClusterIP", "ClusterIP");
  await life.change({ enableMasterLoadBalancer: true, enableReplicaLoadBalancer: true });
  await types("both Services become LoadBalancer", "LoadBalancer");
  await life.change({ enableMasterLoadBalancer: false, enableReplicaLoadBalancer: false });
  await types("both Services become ClusterIP again", "ClusterIP");
}

async function serviceAnnotations(life: Life): Promise<void> {
  await life.start({ numberOfInstances: 1 });
  await life.change({ serviceAnnotations: { "annotation.key": "value", alice: "bob" } });
  const all = { "annotation.key": "value", alice: "bob", foo: "bar" };
  await life.eventually("both Services carry all annotations", () => {
    const found = services(life).map((it) =>
      Object.entries(all).every(([key, value]) => it?.metadata.annotations?.[key] === value)
    );
    return equal(found, [true, true]);
  });
}

async function ignoredAnnotations(life: Life): Promise<void> {
  await life.start({ numberOfInstances: 1 });
  const objects = () => [statefulSetOf(life), life.object("Service", MINIMAL)];
  const uids = () => objects().map((it) => it?.metadata.uid);
  const before = uids();
  for (const object of objects()) {
    await life.cluster.patch(object!, { metadata: { annotations: { "k8s-status": "healthy" } } });
  }
  await life.configure();
  await life.settled();
  await life.always(
    "StatefulSet and Service are the same objects as before",
    () => equal(uids(), before),
    4000,
  );
  life.check(
    "the annotation of others stays",
    objects().every((it) => it?.metadata.annotations?.["k8s-status"] === "healthy"),
  );
}

async function propagation(life: Life): Promise<void> {
  await life.start({ numberOfInstances: 1 });
  const annotations = {
    "deployment-time": "2020-04-30 12:00:00",
    "downscaler/downtime_replicas": "0",
    "owned-by": "acid",
  };
  await life.cluster.patch(minimalCluster(life.namespace), { metadata: { annotations } });
  await life.eventually("the StatefulSet has all three annotations", () => {
    const found = statefulSetOf(life)?.metadata.annotations ?? {};
    return Object.entries(annotations).every(([key, value]) => found[key] === value) || { found };
  });
}
