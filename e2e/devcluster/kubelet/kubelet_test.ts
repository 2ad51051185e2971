import { deepStrictEqual as equal, ok } from "node:assert/strict";
import {
  listed,
  podSpec,
  type TestCluster,
  testCluster,
  until,
} from "../controllers/testing/cluster.ts";
import { events, pods as podResource, secrets } from "../client/resources.ts";
import type { KubeObject } from "../objects/meta.ts";
import type { Container, Pod, PodSpec } from "../objects/pod.ts";
import type { Secret } from "../objects/storage.ts";

interface Event extends KubeObject {
  reason: string;
  message: string;
  involvedObject: { name: string };
}

function pod(namespace: string, name: string, spec: Partial<PodSpec> = {}): Pod {
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, spec: podSpec("x", spec) };
}

async function running(cluster: TestCluster, namespace: string, name: string): Promise<Pod> {
  return await until(`${name} to be ready`, async () => {
    const it = await cluster.client.get<Pod>(podResource, { namespace, name });
    return it?.status?.conditions?.some((c) => c.type === "Ready" && c.status === "True") && it;
  });
}

/** Runs a command through the kubelet's endpoint, as the API server does for a client. */
async function exec(
  cluster: TestCluster,
  path: string,
  command: string[],
  protocol: string,
  stdin?: string,
): Promise<{ stdout: string; stderr: string; status: Record<string, unknown> }> {
  const query = new URLSearchParams(command.map((it) => ["command", it]));
  if (stdin !== undefined) query.set("stdin", "true");
  const url = `${cluster.kubeletUrl.replace("http", "ws")}/exec/${path}?${query}`;
  const socket = new WebSocket(url, [protocol]);
  socket.binaryType = "arraybuffer";
  const texts = ["", "", "", ""];
  const closed = Promise.withResolvers<void>();
  socket.onmessage = ({ data }) => {
    const frame = new Uint8Array(data as ArrayBuffer);
    texts[frame[0]!] += new TextDecoder().decode(frame.subarray(1));
  };
  socket.onopen = () => {
    if (stdin === undefined) return;
    socket.send(new Uint8Array([0, ...new TextEncoder().encode(stdin)]));
    socket.send(new Uint8Array([255, 0]));
  };
  socket.onclose = () => closed.resolve();
  await closed.promise;
  return { stdout: texts[1]!, stderr: texts[2]!, status: JSON.parse(texts[3]!) };
}

const TESTS: Record<string, (cluster: TestCluster, namespace: string) => Promise<void>> = {
  async "a pod is bound, started and reported, with an address of its own"(cluster, namespace) {
    await cluster.client.create<Pod>(podResource, pod(namespace, "one"));
    await cluster.client.create<Pod>(podResource, pod(namespace, "two"));
    const one = await running(cluster, namespace, "one");
    const two = await running(cluster, namespace, "two");
    ok(/^127\./.test(one.status!.podIP!));
    ok(one.status!.podIP !== two.status!.podIP);
    equal(one.spec.nodeName, "test");
    equal([one.status!.phase, one.status!.containerStatuses![0]!.restartCount], ["Running", 0]);
    const reasons = await until("its Events", async () => {
      const all = await listed<Event>(cluster, events, namespace);
      const found = all.filter((it) => it.involvedObject.name === "one").map((it) => it.reason);
      return found.length >= 4 && found.sort();
    });
    equal(reasons, ["Created", "Pulled", "Scheduled", "Started"]);
  },

  async "a missing Secret holds a container back until it is there"(cluster, namespace) {
    const env = [{ name: "P", valueFrom: { secretKeyRef: { name: "late", key: "password" } } }];
    const containers: Container[] = [{ name: "main", image: "x", env }];
    await cluster.client.create<Pod>(podResource, pod(namespace, "waits", { containers }));
    await until("the reason", async () => {
      const it = await cluster.client.get<Pod>(podResource, { namespace, name: "waits" });
      const waiting = it!.status?.containerStatuses?.[0]?.state?.waiting;
      return waiting?.reason === "CreateContainerConfigError" &&
        waiting.message === 'secret "late" not found';
    });
    const metadata = { name: "late", namespace };
    const data = { password: btoa("x") };
    await cluster.client.create<Secret>(secrets, {
      apiVersion: "v1",
      kind: "Secret",
      metadata,
      data,
    });
    await running(cluster, namespace, "waits");
  },

  async "init containers run one after the other, then the others"(cluster, namespace) {
    const initContainers = [{ name: "first", image: "x" }, { name: "second", image: "x" }];
    await cluster.client.create<Pod>(podResource, pod(namespace, "init", { initContainers }));
    const { status } = await running(cluster, namespace, "init");
    const codes = status!.initContainerStatuses!.map((it) => it.state?.terminated?.exitCode);
    equal(codes, [0, 0]);
  },

  async "a deleted pod goes when its containers have ended"(cluster, namespace) {
    await cluster.client.create<Pod>(podResource, pod(namespace, "goes"));
    await running(cluster, namespace, "goes");
    const ref = { namespace, name: "goes" };
    const ending = await cluster.client.delete<Pod>(podResource, ref);
    ok(ending?.metadata.deletionTimestamp);
    await until("its end", async () => !await cluster.client.get(podResource, ref));
  },

  async "commands get their input and give output and exit code"(cluster, namespace) {
    await cluster.client.create<Pod>(podResource, pod(namespace, "exec"));
    await running(cluster, namespace, "exec");
    const path = `${namespace}/exec/main`;
    const cat = await exec(cluster, path, ["cat"], "v5.channel.k8s.io", "line\n");
    equal([cat.stdout, cat.status.status], ["line\n", "Success"]);
    const echo = await exec(cluster, path, ["sh", "-c", "echo oh >&2"], "v4.channel.k8s.io");
    equal([echo.stdout, echo.stderr], ["", "oh\n"]);
    const exit = await exec(cluster, path, ["sh", "-c", "exit 7"], "v4.channel.k8s.io");
    equal(exit.status.reason, "NonZeroExitCode");
    equal(exit.status.details, { causes: [{ reason: "ExitCode", message: "7" }] });
    equal(cluster.runtime.commands.at(-1), {
      namespace,
      pod: "exec",
      container: "main",
      command: ["sh", "-c", "exit 7"],
    });
  },

  async "logs are kept, and only who knows the secret path gets them"(cluster, namespace) {
    await cluster.client.create<Pod>(podResource, pod(namespace, "logs"));
    await running(cluster, namespace, "logs");
    const path = `containerLogs/${namespace}/logs/main?tailLines=1&timestamps=true`;
    const response = await fetch(`${cluster.kubeletUrl}/${path}`);
    ok(/^20\d\d-[^ ]+Z stub: x is taken as started\n$/.test(await response.text()));
    const { origin } = new URL(cluster.kubeletUrl);
    const refused = await fetch(`${origin}/${path}`);
    await refused.body?.cancel();
    equal(refused.status, 404);
  },

  async "a port of a pod is reached through channels"(cluster, namespace) {
    const env = [{ name: "SCOPE", value: "forward" }, { name: "PGROOT", value: "/" }];
    const containers: Container[] = [{ name: "postgres", image: "spilo", env }];
    await cluster.client.create<Pod>(podResource, pod(namespace, "forward", { containers }));
    await running(cluster, namespace, "forward");
    const path = `portForward/${namespace}/forward?ports=8008`;
    const url = `${cluster.kubeletUrl.replace("http", "ws")}/${path}`;
    const socket = new WebSocket(url, ["v4.channel.k8s.io"]);
    socket.binaryType = "arraybuffer";
    let text = "";
    const answered = Promise.withResolvers<void>();
    socket.onopen = () => {
      const request = "GET /liveness HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
      socket.send(new Uint8Array([0, ...new TextEncoder().encode(request)]));
    };
    socket.onmessage = ({ data }) => {
      const frame = new Uint8Array(data as ArrayBuffer);
      if (frame[0] === 0) text += new TextDecoder().decode(frame.subarray(1));
    };
    socket.onclose = () => answered.resolve();
    await answered.promise;
    equal(text.slice(0, 2), "\x48\x1f"); // the port, little-endian
    ok(text.includes("HTTP/1.1 200 OK"), text);
  },
};

Deno.test("kubelet", async (t) => {
  const cluster = await testCluster();
  try {
    const namespace = await cluster.namespace();
    for (const [name, run] of Object.entries(TESTS)) {
      await t.step(name, () => run(cluster, namespace));
    }
  } finally {
    await cluster.stop();
  }
});
