/**
 * What Kubernetes 1.34 fills in for pods and pod templates.
 * https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/apis/core/v1/defaults.go
 */
import {
  ensureObject,
  isObject,
  type JsonObject,
  objectAt,
  objectsAt,
  setDefaults,
  stringAt,
} from "../../model/json.ts";

const SECRET_MODE = 0o644;
const VOLUME_NAMES_ONLY = new Set(["name"]);

/** `image:latest` and images without a tag are always pulled. */
function pullPolicy(image: string): string {
  const last = image.split("@")[0]!.split("/").at(-1)!;
  const tag = last.includes(":") ? last.split(":").at(-1) : undefined;
  if (image.includes("@")) return "IfNotPresent";
  return tag === undefined || tag === "latest" ? "Always" : "IfNotPresent";
}

function defaultHandler(handler: JsonObject): void {
  if (isObject(handler["httpGet"])) setDefaults(handler["httpGet"], { path: "/", scheme: "HTTP" });
  if (isObject(handler["grpc"])) setDefaults(handler["grpc"], { service: "" });
}

function defaultProbe(probe: JsonObject): void {
  setDefaults(probe, {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
  defaultHandler(probe);
}

function defaultContainer(container: JsonObject): void {
  setDefaults(container, {
    imagePullPolicy: pullPolicy(stringAt(container, "image")),
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    resources: {},
  });
  for (const port of objectsAt(container, "ports")) setDefaults(port, { protocol: "TCP" });
  for (const key of ["livenessProbe", "readinessProbe", "startupProbe"]) {
    if (isObject(container[key])) defaultProbe(container[key]);
  }
  const lifecycle = objectAt(container, "lifecycle");
  for (const handler of [lifecycle["postStart"], lifecycle["preStop"]]) {
    if (isObject(handler)) defaultHandler(handler);
  }
  for (const variable of objectsAt(container, "env")) {
    const field = objectAt(variable, "valueFrom")["fieldRef"];
    if (isObject(field)) setDefaults(field, { apiVersion: "v1" });
  }
}

function defaultDownwardItems(source: JsonObject): void {
  for (const item of objectsAt(source, "items")) {
    if (isObject(item["fieldRef"])) setDefaults(item["fieldRef"], { apiVersion: "v1" });
  }
}

function defaultVolume(volume: JsonObject): void {
  if (Object.keys(volume).every((key) => VOLUME_NAMES_ONLY.has(key))) volume["emptyDir"] = {};
  for (const key of ["secret", "configMap", "downwardAPI", "projected"]) {
    if (isObject(volume[key])) setDefaults(volume[key], { defaultMode: SECRET_MODE });
  }
  if (isObject(volume["hostPath"])) setDefaults(volume["hostPath"], { type: "" });
  defaultDownwardItems(objectAt(volume, "downwardAPI"));
  for (const source of objectsAt(objectAt(volume, "projected"), "sources")) {
    const token = source["serviceAccountToken"];
    if (isObject(token)) setDefaults(token, { expirationSeconds: 3600 });
    defaultDownwardItems(objectAt(source, "downwardAPI"));
  }
  const claim = objectAt(objectAt(volume, "ephemeral"), "volumeClaimTemplate")["spec"];
  if (isObject(claim)) setDefaults(claim, { volumeMode: "Filesystem" });
}

/** Containers of all sorts in a pod spec. */
export function allContainers(spec: JsonObject): JsonObject[] {
  return [
    ...objectsAt(spec, "initContainers"),
    ...objectsAt(spec, "containers"),
    ...objectsAt(spec, "ephemeralContainers"),
  ];
}

/** Fills in a pod spec, in a Pod or in a template. */
export function defaultPodSpec(spec: JsonObject): void {
  setDefaults(spec, {
    dnsPolicy: "ClusterFirst",
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    securityContext: {},
    schedulerName: "default-scheduler",
  });
  // The old name is kept in step with the new one.
  const account = stringAt(spec, "serviceAccountName") || stringAt(spec, "serviceAccount");
  if (account) Object.assign(spec, { serviceAccountName: account, serviceAccount: account });
  for (const container of allContainers(spec)) {
    defaultContainer(container);
    if (spec["hostNetwork"] === true) {
      for (const port of objectsAt(container, "ports")) {
        setDefaults(port, { hostPort: port["containerPort"] });
      }
    }
  }
  for (const volume of objectsAt(spec, "volumes")) defaultVolume(volume);
}

/** Fills in a Pod: its spec, and what holds for pods but not for templates. */
export function defaultPod(pod: JsonObject): void {
  const spec = ensureObject(pod, "spec");
  defaultPodSpec(spec);
  setDefaults(spec, { enableServiceLinks: true });
  for (const container of allContainers(spec)) {
    const resources = objectAt(container, "resources");
    if (!isObject(resources["limits"])) continue;
    setDefaults(ensureObject(resources, "requests"), resources["limits"]);
  }
}

/** Fills in `template` of a workload's spec. */
export function defaultTemplate(spec: JsonObject): void {
  const template = spec["template"];
  if (isObject(template)) defaultPodSpec(ensureObject(template, "spec"));
}
