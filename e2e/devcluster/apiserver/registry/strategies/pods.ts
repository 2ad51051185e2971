/** Pods: admission (service account, priority, tolerations), graceful deletion, what may change. */
import { type Cause, forbidden } from "../../model/api_error.ts";
import { defaultPod } from "../defaults/pod.ts";
import {
  ensureObject,
  jsonEqual,
  type JsonObject,
  type KubeObject,
  objectAt,
  objectsAt,
  setDefaults,
  stringAt,
} from "../../model/json.ts";
import { forbiddenValue } from "../validate_metadata.ts";
import { validatePodSpec } from "./pod_validation.ts";
import type { Strategy, StrategyContext } from "../strategy.ts";

const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const TOKEN_SECONDS = 3607;
const TOLERATION_SECONDS = 300;

function containersOf(spec: JsonObject): JsonObject[] {
  return [...objectsAt(spec, "initContainers"), ...objectsAt(spec, "containers")];
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ */
export function qosClass(spec: JsonObject): string {
  let guaranteed = true;
  let burstable = false;
  for (const container of containersOf(spec)) {
    const resources = objectAt(container, "resources");
    const limits = objectAt(resources, "limits");
    const requests = objectAt(resources, "requests");
    for (const name of ["cpu", "memory"]) {
      if (limits[name] !== undefined || requests[name] !== undefined) burstable = true;
      if (limits[name] === undefined || !jsonEqual(limits[name], requests[name] ?? limits[name])) {
        guaranteed = false;
      }
    }
  }
  if (guaranteed && burstable) return "Guaranteed";
  return burstable ? "Burstable" : "BestEffort";
}

function subject(pod: KubeObject) {
  return { group: "", kind: "pods", name: pod.metadata.name ?? "" };
}

function randomSuffix(): string {
  const letters = "bcdfghjklmnpqrstvwxz2456789";
  return [...crypto.getRandomValues(new Uint8Array(5))].map((byte) => letters[byte % 27]).join("");
}

/** Mounts the token of the service account, as the ServiceAccount admission plugin does. */
function mountToken(spec: JsonObject, account: KubeObject): void {
  const wanted = spec["automountServiceAccountToken"] ?? account["automountServiceAccountToken"] ??
    true;
  if (wanted !== true) return;
  const volumes = objectsAt(spec, "volumes");
  const found = volumes.find((volume) => stringAt(volume, "name").startsWith("kube-api-access-"));
  const name = found ? stringAt(found, "name") : `kube-api-access-${randomSuffix()}`;
  let used = false;
  for (const container of containersOf(spec)) {
    const mounts = objectsAt(container, "volumeMounts");
    if (mounts.some((mount) => mount["mountPath"] === TOKEN_PATH)) continue;
    container["volumeMounts"] = [...mounts, { name, readOnly: true, mountPath: TOKEN_PATH }];
    used = true;
  }
  if (!used || found) return;
  spec["volumes"] = [...volumes, {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        {
          downwardAPI: {
            items: [{
              path: "namespace",
              fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" },
            }],
          },
        },
      ],
    },
  }];
}

function admitServiceAccount(pod: KubeObject, context: StrategyContext): void {
  const spec = ensureObject(pod, "spec");
  const name = stringAt(spec, "serviceAccountName") || "default";
  Object.assign(spec, { serviceAccountName: name, serviceAccount: name });
  const namespace = pod.metadata.namespace!;
  const account = context.store.get("/serviceaccounts", namespace, name);
  if (!account) {
    throw forbidden(
      subject(pod),
      `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`,
    );
  }
  mountToken(spec, account);
}

function admitPriority(pod: KubeObject, context: StrategyContext): void {
  const spec = ensureObject(pod, "spec");
  const name = stringAt(spec, "priorityClassName");
  const system: Record<string, number> = {
    "system-cluster-critical": 2_000_000_000,
    "system-node-critical": 2_000_001_000,
  };
  const known = name
    ? context.store.get("scheduling.k8s.io/priorityclasses", undefined, name)
    : undefined;
  if (name && !known && system[name] === undefined) {
    throw forbidden(subject(pod), `no PriorityClass with name ${name} was found`);
  }
  const value = known?.["value"] ?? system[name] ?? 0;
  Object.assign(spec, {
    priority: value,
    preemptionPolicy: known?.["preemptionPolicy"] ?? "PreemptLowerPriority",
  });
}

function admitTolerations(pod: KubeObject): void {
  const spec = ensureObject(pod, "spec");
  const tolerations = objectsAt(spec, "tolerations");
  for (const key of ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]) {
    const tolerated = tolerations.some((toleration) =>
      (toleration["key"] === key || !toleration["key"]) &&
      (toleration["effect"] === "NoExecute" || !toleration["effect"])
    );
    if (tolerated) continue;
    tolerations.push({
      key,
      operator: "Exists",
      effect: "NoExecute",
      tolerationSeconds: TOLERATION_SECONDS,
    });
  }
  if (tolerations.length > 0) spec["tolerations"] = tolerations;
}

/** The spec without what may change on a running pod. */
function fixedSpec(pod: KubeObject): JsonObject {
  const spec = structuredClone(objectAt(pod, "spec"));
  for (const key of ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"]) {
    delete spec[key];
  }
  for (const container of containersOf(spec)) delete container["image"];
  return spec;
}

function validateUpdate(pod: KubeObject, old: KubeObject): Cause[] {
  if (jsonEqual(fixedSpec(pod), fixedSpec(old))) return [];
  return [forbiddenValue(
    "spec",
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," +
      "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations)," +
      "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
  )];
}

function gracePeriodSeconds(pod: KubeObject, requested: number | undefined): number {
  const spec = objectAt(pod, "spec");
  const phase = stringAt(objectAt(pod, "status"), "phase");
  // No kubelet will confirm the end of a pod that has no node or is finished.
  if (!stringAt(spec, "nodeName") || phase === "Succeeded" || phase === "Failed") return 0;
  return requested ?? Number(spec["terminationGracePeriodSeconds"] ?? 30);
}

export const pods: Strategy = {
  generation: true,
  returnsDeleted: true,
  defaults: defaultPod,
  prepareCreate: (pod) => {
    defaultPod(pod);
    pod["status"] = { phase: "Pending", qosClass: qosClass(objectAt(pod, "spec")) };
  },
  admitCreate: (pod, context) => {
    admitServiceAccount(pod, context);
    admitPriority(pod, context);
    admitTolerations(pod);
    setDefaults(objectAt(pod, "spec"), { enableServiceLinks: true });
  },
  validate: (pod) => validatePodSpec(objectAt(pod, "spec"), "spec"),
  validateUpdate,
  gracePeriodSeconds,
};
