import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import type { KubeObject } from "../objects/meta.ts";
import type { Container, Pod } from "../objects/pod.ts";
import type { KubeletContext } from "./context.ts";
import { expand, podField, resolveEnvironment } from "./environment.ts";

const POD: Pod = {
  metadata: { name: "db-0", namespace: "ns", uid: "u", labels: { app: "db" }, annotations: {} },
  spec: { containers: [], nodeName: "node", serviceAccountName: "sa" },
  status: { podIP: "127.1.0.5" },
};

const OBJECTS: Record<string, KubeObject & { data: Record<string, string> }> = {
  "secrets/login": { metadata: { name: "login" }, data: { password: btoa("s3cret") } },
  "configmaps/env": { metadata: { name: "env" }, data: { COLOR: "red", SIZE: "1" } },
};

const CONTEXT = {
  client: {
    access: { url: "https://127.0.0.1:6443" },
    get: ({ plural }: { plural: string }, { name }: { name: string }) =>
      Promise.resolve(OBJECTS[`${plural}/${name}`]),
  },
} as unknown as KubeletContext;

function resolve(container: Partial<Container>): Promise<Record<string, string>> {
  return resolveEnvironment(CONTEXT, POD, { name: "main", ...container });
}

Deno.test("resolveEnvironment follows every kind of reference, later entries win", async () => {
  const env = await resolve({
    resources: { limits: { memory: "500Mi" }, requests: { cpu: "100m" } },
    envFrom: [{ configMapRef: { name: "env" } }, {
      prefix: "DB_",
      secretRef: { name: "login" },
    }, { secretRef: { name: "none", optional: true } }],
    env: [
      { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      {
        name: "PASSWORD",
        valueFrom: { secretKeyRef: { name: "login", key: "password" } },
      },
      { name: "SIZE", value: "2" },
      { name: "URL", value: "pg://$(IP):$(UNKNOWN)$$(IP)" },
      { name: "MEMORY", valueFrom: { resourceFieldRef: { resource: "limits.memory" } } },
      {
        name: "CPU",
        valueFrom: { resourceFieldRef: { resource: "requests.cpu", divisor: "1m" } },
      },
      {
        name: "MAYBE",
        valueFrom: { configMapKeyRef: { name: "none", key: "x", optional: true } },
      },
    ],
  });
  const own = Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith("KUBERNETES_")),
  );
  equal(own, {
    COLOR: "red",
    SIZE: "2",
    DB_password: "s3cret",
    IP: "127.1.0.5",
    PASSWORD: "s3cret",
    URL: "pg://127.1.0.5:$(UNKNOWN)$(IP)",
    MEMORY: String(500 * 1024 * 1024),
    CPU: "100",
  });
  equal([env.KUBERNETES_SERVICE_HOST, env.KUBERNETES_SERVICE_PORT], ["127.0.0.1", "6443"]);
});

Deno.test("a reference that leads nowhere is named", async () => {
  const secretKeyRef = { name: "login", key: "none" };
  const missingKey = [{ name: "X", valueFrom: { secretKeyRef } }];
  await rejects(resolve({ env: missingKey }), /couldn't find key none in secret login/);
  const missing = [{ configMapRef: { name: "none" } }];
  await rejects(resolve({ envFrom: missing }), /configmap "none" not found/);
});

Deno.test("podField knows the paths that pods offer", () => {
  const rows: [string, string | undefined][] = [
    ["metadata.name", "db-0"],
    ["metadata.namespace", "ns"],
    ["metadata.labels['app']", "db"],
    ["metadata.labels", 'app="db"\n'],
    ["metadata.annotations['none']", ""],
    ["spec.nodeName", "node"],
    ["spec.serviceAccountName", "sa"],
    ["spec.restartPolicy", undefined],
  ];
  for (const [path, want] of rows) equal(podField(POD, path), want, path);
});

Deno.test("expand leaves unknown names and doubled dollars", () => {
  equal(expand("$(A)-$(B)-$$(A)-$A", { A: "1" }), "1-$(B)-$(A)-$A");
});
