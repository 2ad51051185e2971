/** How pods are replaced, and what they are made of. */
import type { Pod } from "../../../src/kubernetes/types.gen.ts";
import { imageOf, MINIMAL, statefulSetOf, statusOf } from "../../cases/clusters.ts";
import { equal, type Life } from "../life.ts";
import type { Scenario } from "../scenario.ts";

export const POD_SCENARIOS: readonly Scenario[] = [
  {
    name: "test_additional_pod_capabilities",
    asserts: [
      "a switchover to the replica comes before the primary's pod goes",
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
  const former = { primary: life.primary().metadata, replica: life.replicas()[0]?.metadata.name };
  await life.configure({ additional_pod_capabilities: "SYS_NICE,CHOWN" });
  await life.eventually(
    "a switchover to the replica comes before the primary's pod goes",
    () => {
      const primary = life.primary();
      return equal(
        [primary.metadata.name, primary.metadata.uid === former.primary.uid],
        [former.replica, false],
      );
    },
  );
  await life.settled();
  const added = (pod: Pod) => pod.spec?.containers[0]?.securityContext?.capabilities?.add;
  await life.eventually(
    "both pods have exactly these capabilities, in this order",
    () => equal(life.pods().map(added), [["SYS_NICE", "CHOWN"], ["SYS_NICE", "CHOWN"]]),
  );
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
  const { certificate, key } = await selfSigned();
  await life.cluster.create({
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: { name: "pg-tls", namespace: life.namespace },
    data: { "tls.crt": btoa(certificate), "tls.key": btoa(key) },
  });
  await life.change({ spiloFSGroup: 103, tls: { secretName: "pg-tls" } });
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
    async () => (await shownSubject(life)).includes("CN = shown.example.org"),
  );
}

async function selfSigned(): Promise<{ certificate: string; key: string }> {
  const directory = await Deno.makeTempDir();
  try {
    const [certificate, key] = [`${directory}/tls.crt`, `${directory}/tls.key`];
    await new Deno.Command("openssl", {
      args: [
        ...["req", "-new", "-x509", "-nodes", "-newkey", "ec", "-days", "2"],
        ...["-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=shown.example.org"],
        ...["-keyout", key, "-out", certificate],
      ],
      stderr: "null",
    }).output();
    return { certificate: await Deno.readTextFile(certificate), key: await Deno.readTextFile(key) };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function shownSubject(life: Life): Promise<string> {
  const { stdout } = await new Deno.Command("openssl", {
    args: ["s_client", "-starttls", "postgres", "-connect", `${life.primary().status?.podIP}:5432`],
    stdin: "null",
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}
