/** How pods are replaced, and what they are made of. */
import type { Pod } from "../../../src/kubernetes/types.gen.ts";
import { primariesStay } from "../../cases/crash_stages.ts";
import { imageOf, MINIMAL, statefulSetOf, statusOf } from "../../cases/clusters.ts";
import { certificateSecret, shownSubject } from "../certificates.ts";
import { equal, type Life } from "../life.ts";
import type { Scenario } from "../scenario.ts";

/** Nobody takes over by accident: a primary hands over first. */
export const HANDS_OVER = "a primary hands over before its pod goes";

export const POD_SCENARIOS: readonly Scenario[] = [
  {
    name: "test_additional_pod_capabilities",
    asserts: [
      "the former replica leads",
      HANDS_OVER,
      "both pods have exactly these capabilities, in this order",
    ],
    nodes: 2,
    run: capabilities,
  },
  {
    name: "test_lazy_spilo_upgrade",
    asserts: [
      "the StatefulSet has the new image at once",
      "pods keep the former image",
      "a pod that is deleted by hand comes back with the new image",
      "two members run",
      "both pods have the new image when lazy upgrades end",
    ],
    config: { docker_image: "spilo-e2e:dev-18.3" },
    run: lazyUpgrade,
  },
  {
    name: "test_resource_generation",
    asserts: ["both pods have the memory request, memory limit and CPU limit that the bounds make"],
    run: resources,
  },
  {
    name: "test_rolling_update_flag",
    asserts: [
      "the former replica leads",
      HANDS_OVER,
      "the pod of the former primary is another one",
      "the flag is gone",
    ],
    nodes: 2,
    run: rollingUpdateFlag,
  },
  {
    name: "test_scaling",
    asserts: ["three pods and members run", "two pods and members run"],
    run: scaling,
  },
  {
    name: "test_custom_ssl_certificate",
    asserts: [
      "both pods have the paths of certificate and key",
      "both pods mount the Secret",
      "the server shows the certificate to clients",
    ],
    config: { spilo_fsgroup: "103" },
    run: certificate,
  },
];

async function capabilities(life: Life): Promise<void> {
  await life.start();
  const replica = life.replicas()[0]?.metadata.name;
  const handOver = watchHandOver(life);
  await life.configure({ additional_pod_capabilities: "SYS_NICE,CHOWN" });
  await life.eventually(
    "the former replica leads",
    () => equal(life.primary().metadata.name, replica),
  );
  await life.settled();
  handOver();
  const added = (pod: Pod) => pod.spec?.containers[0]?.securityContext?.capabilities?.add;
  await life.eventually(
    "both pods have exactly these capabilities, in this order",
    () => equal(life.pods().map(added), [["SYS_NICE", "CHOWN"], ["SYS_NICE", "CHOWN"]]),
  );
}

/** Looks on until the function that it gives is called, which checks what was seen. */
function watchHandOver(life: Life): () => void {
  const guard = primariesStay(life);
  return () => {
    guard.stop();
    life.check(HANDS_OVER, guard.violations.length === 0 || { found: guard.violations });
  };
}

async function lazyUpgrade(life: Life): Promise<void> {
  const [former, next] = ["spilo-e2e:dev-18.3", "spilo-e2e:dev-18.4"];
  await life.start();
  await life.configure({ docker_image: next, enable_lazy_spilo_upgrade: "true" });
  const images = () =>
    life.pods().sort((a, b) => a.metadata.name! < b.metadata.name! ? -1 : 1).map(imageOf);
  await life.eventually("the StatefulSet has the new image at once", () => {
    const template = statefulSetOf(life)?.spec?.template as { spec?: Pod["spec"] } | undefined;
    return equal(template?.spec?.containers[0]?.image, next);
  });
  await life.always("pods keep the former image", () => equal(images(), [former, former]), 4000);
  const first = life.pods().find(({ metadata }) => metadata.name === `${MINIMAL}-0`);
  await life.cluster.delete(first!);
  await life.eventually(
    "a pod that is deleted by hand comes back with the new image",
    () => equal(images(), [next, former]),
  );
  await life.settled();
  await life.eventually(
    "two members run",
    async () =>
      equal(
        (await life.members()).map(({ state }) => state === "running" || state === "streaming"),
        [true, true],
      ),
  );
  await life.configure({ enable_lazy_spilo_upgrade: "false" });
  await life.eventually(
    "both pods have the new image when lazy upgrades end",
    () => equal(images(), [next, next]),
  );
  await life.settled();
}

async function resources(life: Life): Promise<void> {
  await life.start();
  await life.change({ resources: { limits: { cpu: "200m", memory: "200Mi" } } });
  await life.configure({
    max_memory_request: "300Mi",
    min_cpu_limit: "503m",
    min_memory_limit: "502Mi",
    set_memory_request_to_limit: "true",
  });
  await life.eventually(
    "both pods have the memory request, memory limit and CPU limit that the bounds make",
    () => {
      const found = life.pods().map((pod) => {
        const { requests, limits } = pod.spec?.containers[0]?.resources ?? {};
        return [requests?.["memory"], limits?.["memory"], limits?.["cpu"]];
      });
      const wanted = ["300Mi", "502Mi", "503m"];
      return equal(found, [wanted, wanted]);
    },
  );
  await life.settled();
}

const FLAG = "zalando-postgres-operator-rolling-update-required";

async function rollingUpdateFlag(life: Life): Promise<void> {
  await life.start();
  const primary = life.primary();
  const replica = life.replicas()[0]?.metadata.name;
  const handOver = watchHandOver(life);
  await life.cluster.patch(primary, { metadata: { annotations: { [FLAG]: "true" } } });
  await life.configure();
  await life.eventually(
    "the former replica leads",
    () => equal(life.primary().metadata.name, replica),
  );
  await life.eventually("the pod of the former primary is another one", () => {
    const now = life.pods().find(({ metadata }) => metadata.name === primary.metadata.name);
    return now !== undefined && now.metadata.uid !== primary.metadata.uid;
  });
  await life.settled();
  handOver();
  life.check(
    "the flag is gone",
    life.pods().every(({ metadata }) => metadata.annotations?.[FLAG] !== "true"),
  );
}

async function scaling(life: Life): Promise<void> {
  await life.start();
  for (const [count, what] of [[3, "three"], [2, "two"]] as const) {
    await life.change({ numberOfInstances: count });
    await life.eventually(`${what} pods and members run`, async () => {
      const good = (await life.members()).filter(({ state }) => /running|streaming/.test(state));
      return equal([life.pods().length, good.length], [count, count]);
    });
    await life.settled();
  }
  life.step(`status ${statusOf(life)}`);
}

async function certificate(life: Life): Promise<void> {
  await life.start();
  const tls = await certificateSecret(life, "shown.example.org");
  await life.change({ spiloFSGroup: 103, tls });
  const values = (pod: Pod) =>
    ["SSL_CERTIFICATE_FILE", "SSL_PRIVATE_KEY_FILE"].map((name) =>
      pod.spec?.containers[0]?.env?.find((it) => it.name === name)?.value
    );
  const paths = ["/tls/tls.crt", "/tls/tls.key"];
  await life.eventually(
    "both pods have the paths of certificate and key",
    () => equal(life.pods().map(values), [paths, paths]),
  );
  life.check(
    "both pods mount the Secret",
    life.pods().every((pod) =>
      pod.spec?.containers[0]?.volumeMounts?.some(({ mountPath }) => mountPath === "/tls")
    ),
  );
  await life.settled();
  await life.eventually(
    "the server shows the certificate to clients",
    async () => (await shownSubject(life.primary())).includes("CN = shown.example.org"),
  );
}
