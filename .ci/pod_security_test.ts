/** The operator's own pods keep the strictest of Kubernetes' Pod Security Standards, `restricted`. */
import assert from "node:assert/strict";
import { parse } from "yaml";

const ROOT = new URL("../", import.meta.url);

// deno-lint-ignore no-explicit-any -- a manifest is looked into freely, a wrong guess fails the test
type Loose = any;

function read(path: string): Loose {
  return parse(Deno.readTextFileSync(new URL(path, ROOT)));
}

const DRIVERS = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "projected", "secret"];

/** What `restricted` forbids of a pod. https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
function breaches(pod: Loose): string[] {
  const found: string[] = [];
  const check = (kept: boolean, what: string) => kept || found.push(what);
  for (const host of ["hostNetwork", "hostPID", "hostIPC"]) check(pod[host] !== true, host);
  for (const volume of pod.volumes ?? []) {
    check(Object.keys(volume).every((key) => key === "name" || DRIVERS.includes(key)), "volumes");
  }
  for (const container of [...pod.containers ?? [], ...pod.initContainers ?? []]) {
    const own = container.securityContext ?? {};
    const context = { ...pod.securityContext, ...own };
    const { drop = [], add = [] } = own.capabilities ?? {};
    check(own.allowPrivilegeEscalation === false, "allowPrivilegeEscalation");
    check(own.privileged !== true, "privileged");
    check(context.runAsNonRoot === true, "runAsNonRoot");
    check(context.runAsUser !== 0, "runAsUser");
    check(["RuntimeDefault", "Localhost"].includes(context.seccompProfile?.type), "seccompProfile");
    check(drop.includes("ALL"), "capabilities.drop");
    check(add.every((name: string) => name === "NET_BIND_SERVICE"), "capabilities.add");
    for (const port of container.ports ?? []) check(!port.hostPort, "hostPort");
  }
  return found;
}

function shipped(): Record<string, Loose> {
  const values = read("charts/postgres-operator/values.yaml");
  const ui = read("charts/postgres-operator-ui/values.yaml");
  return {
    "manifests/postgres-operator.yaml": read("manifests/postgres-operator.yaml").spec.template.spec,
    "manifests/ui-deployment.yaml": read("manifests/ui-deployment.yaml").spec.template.spec,
    "charts/postgres-operator-ui/values.yaml": {
      securityContext: ui.podSecurityContext ?? {},
      containers: [{ securityContext: ui.securityContext }],
    },
    "charts/postgres-operator/values.yaml": {
      securityContext: values.podSecurityContext ?? {},
      containers: [{ securityContext: values.securityContext }],
    },
  };
}

for (const [file, pod] of Object.entries(shipped())) {
  Deno.test(`${file} keeps the Pod Security Standard restricted`, () => {
    assert.deepEqual(breaches(pod), []);
  });
}

const LOOSENED: readonly [field: string, loosen: (container: Loose) => void][] = [
  ["allowPrivilegeEscalation", (it) => delete it.securityContext.allowPrivilegeEscalation],
  ["runAsNonRoot", (it) => delete it.securityContext.runAsNonRoot],
  ["seccompProfile", (it) => it.securityContext.seccompProfile.type = "Unconfined"],
  ["capabilities.drop", (it) => it.securityContext.capabilities.drop = ["NET_RAW"]],
];

for (const [field, loosen] of LOOSENED) {
  Deno.test(`a pod without ${field} would be refused`, () => {
    const pod = structuredClone(shipped()["manifests/postgres-operator.yaml"]);
    loosen(pod.containers[0]);
    assert.deepEqual(breaches(pod), [field]);
  });
}
