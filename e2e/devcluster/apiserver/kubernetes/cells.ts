/** Cells of built-in kinds, column by column as `kubectl get` shows them. */
import {
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  stringAt,
} from "../model/json.ts";
import type { ResourceType } from "../model/resource_type.ts";
import { selectorText } from "../model/scale.ts";
import { age, humanDuration } from "../model/age.ts";
import { eventObject } from "./events.ts";

type Cells = Record<string, (object: KubeObject, now: Date) => Json>;

const spec = (object: JsonObject) => objectAt(object, "spec");
const status = (object: JsonObject) => objectAt(object, "status");
const text = (value: Json | undefined) =>
  value === undefined || value === null || value === "" ? "<none>" : String(value);
const number = (parent: JsonObject, key: string) => numberAt(parent, key) ?? 0;
const readyOf = (object: KubeObject, wanted: number) =>
  `${number(status(object), "readyReplicas")}/${wanted}`;
const selector = (object: KubeObject) => text(selectorText(objectAt(spec(object), "selector")));

function containers(podSpec: JsonObject, key: string): string {
  return objectsAt(podSpec, "containers").map((container) => stringAt(container, key)).join(",");
}

function template(object: KubeObject): JsonObject {
  return spec(objectAt(spec(object), "template"));
}

/** Why a pod is where it is: the first thing that a container waits for or ended with, else the phase. */
export function podReason(pod: KubeObject): string {
  let reason = stringAt(status(pod), "reason") || stringAt(status(pod), "phase");
  for (const container of objectsAt(status(pod), "containerStatuses").reverse()) {
    const state = objectAt(container, "state");
    const waiting = objectAt(state, "waiting");
    const terminated = objectAt(state, "terminated");
    if (stringAt(waiting, "reason")) reason = stringAt(waiting, "reason");
    else if (isObject(state["terminated"])) {
      reason = stringAt(terminated, "reason") || `ExitCode:${number(terminated, "exitCode")}`;
    }
  }
  return pod.metadata.deletionTimestamp ? "Terminating" : reason;
}

function podRestarts(pod: KubeObject, now: Date): string {
  let count = 0;
  let last = "";
  for (const container of objectsAt(status(pod), "containerStatuses")) {
    count += number(container, "restartCount");
    const ended = stringAt(objectAt(objectAt(container, "lastState"), "terminated"), "finishedAt");
    if (ended > last) last = ended;
  }
  return last && count > 0 ? `${count} (${age(last, now)} ago)` : String(count);
}

const pods: Cells = {
  Ready: (pod) => {
    const ready = objectsAt(status(pod), "containerStatuses").filter((item) =>
      item["ready"] === true
    );
    return `${ready.length}/${objectsAt(spec(pod), "containers").length}`;
  },
  Status: podReason,
  Restarts: podRestarts,
  IP: (pod) => text(status(pod)["podIP"]),
  Node: (pod) => text(spec(pod)["nodeName"]),
  "Nominated Node": (pod) => text(status(pod)["nominatedNodeName"]),
  "Readiness Gates": () => "<none>",
};

function servicePorts(service: KubeObject): string {
  const ports = objectsAt(spec(service), "ports").map((port) => {
    const node = numberAt(port, "nodePort");
    return `${number(port, "port")}${node ? `:${node}` : ""}/${stringAt(port, "protocol")}`;
  });
  return text(ports.join(","));
}

function externalIp(service: KubeObject): string {
  if (spec(service)["type"] === "ExternalName") return text(spec(service)["externalName"]);
  const external = listAt(spec(service), "externalIPs").map(String);
  if (spec(service)["type"] !== "LoadBalancer") return text(external.join(","));
  const given = objectsAt(objectAt(status(service), "loadBalancer"), "ingress").map((item) =>
    stringAt(item, "ip") || stringAt(item, "hostname")
  );
  return [...given, ...external].join(",") || "<pending>";
}

function addresses(endpoints: KubeObject): string {
  const all = objectsAt(endpoints, "subsets").flatMap((subset) => {
    const ips = objectsAt(subset, "addresses").map((address) => stringAt(address, "ip"));
    const ports = objectsAt(subset, "ports").map((port) => number(port, "port"));
    return ports.length === 0 ? ips : ports.flatMap((port) => ips.map((ip) => `${ip}:${port}`));
  });
  return all.length > 3
    ? `${all.slice(0, 3).join(",")} + ${all.length - 3} more...`
    : text(all.join(","));
}

function nodeStatus(node: KubeObject): string {
  const ready = objectsAt(status(node), "conditions").find((condition) =>
    condition["type"] === "Ready"
  );
  const word = ready ? (ready["status"] === "True" ? "Ready" : "NotReady") : "Unknown";
  return spec(node)["unschedulable"] === true ? `${word},SchedulingDisabled` : word;
}

function nodeAddress(node: KubeObject, type: string): string {
  return text(
    objectsAt(status(node), "addresses").find((item) => item["type"] === type)?.["address"],
  );
}

function jobDuration(job: KubeObject, now: Date): string {
  const started = stringAt(status(job), "startTime");
  if (!started) return "";
  const ended = stringAt(status(job), "completionTime");
  return humanDuration((ended ? new Date(ended) : now).getTime() - new Date(started).getTime());
}

function jobStatus(job: KubeObject): string {
  const held = (type: string) =>
    objectsAt(status(job), "conditions").some((item) =>
      item["type"] === type && item["status"] === "True"
    );
  if (held("Complete")) return "Complete";
  if (held("Failed")) return "Failed";
  if (job.metadata.deletionTimestamp) return "Terminating";
  return held("Suspended") ? "Suspended" : "Running";
}

const workload: Cells = {
  Containers: (object) => containers(template(object), "name"),
  Images: (object) => containers(template(object), "image"),
  Selector: selector,
};

const replicated: Cells = {
  ...workload,
  Desired: (object) => number(spec(object), "replicas"),
  Current: (object) => number(status(object), "replicas"),
  Ready: (object) => number(status(object), "readyReplicas"),
};

function storageSize(from: JsonObject): string {
  return stringAt(objectAt(from, "capacity"), "storage");
}

const MODES: Record<string, string> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

function accessModes(parent: JsonObject): string {
  return listAt(parent, "accessModes").map((mode) => MODES[String(mode)] ?? String(mode)).join(",");
}

const KINDS: Record<string, Cells> = {
  "/pods": pods,
  "/services": {
    Type: (service) => stringAt(spec(service), "type"),
    "Cluster-IP": (service) => text(spec(service)["clusterIP"]),
    "External-IP": externalIp,
    "Port(s)": servicePorts,
    Selector: (service) => text(selectorText({ matchLabels: spec(service)["selector"] ?? {} })),
  },
  "/endpoints": { Endpoints: addresses },
  "/namespaces": { Status: (object) => stringAt(status(object), "phase") },
  "/nodes": {
    Status: nodeStatus,
    Roles: () => "<none>",
    Version: (node) => stringAt(objectAt(status(node), "nodeInfo"), "kubeletVersion"),
    "Internal-IP": (node) => nodeAddress(node, "InternalIP"),
    "External-IP": (node) => nodeAddress(node, "ExternalIP"),
    "OS-Image": (node) => text(objectAt(status(node), "nodeInfo")["osImage"]),
    "Kernel-Version": (node) => text(objectAt(status(node), "nodeInfo")["kernelVersion"]),
    "Container-Runtime": (node) =>
      text(objectAt(status(node), "nodeInfo")["containerRuntimeVersion"]),
  },
  "/configmaps": {
    Data: (object) =>
      Object.keys({ ...objectAt(object, "data"), ...objectAt(object, "binaryData") }).length,
  },
  "/secrets": {
    Type: (object) => stringAt(object, "type"),
    Data: (object) => Object.keys(objectAt(object, "data")).length,
  },
  "/serviceaccounts": { Secrets: (object) => listAt(object, "secrets").length },
  "/persistentvolumeclaims": {
    Status: (claim) =>
      claim.metadata.deletionTimestamp ? "Terminating" : stringAt(status(claim), "phase"),
    Volume: (claim) => stringAt(spec(claim), "volumeName"),
    Capacity: (claim) => stringAt(spec(claim), "volumeName") ? storageSize(status(claim)) : "",
    "Access Modes": (claim) =>
      stringAt(spec(claim), "volumeName") ? accessModes(status(claim)) : "",
    StorageClass: (claim) => stringAt(spec(claim), "storageClassName"),
    VolumeAttributesClass: () => "<unset>",
    VolumeMode: (claim) => text(spec(claim)["volumeMode"]),
  },
  "/persistentvolumes": {
    Capacity: (volume) => storageSize(spec(volume)),
    "Access Modes": (volume) => accessModes(spec(volume)),
    "Reclaim Policy": (volume) => stringAt(spec(volume), "persistentVolumeReclaimPolicy"),
    Status: (volume) =>
      volume.metadata.deletionTimestamp ? "Terminating" : stringAt(status(volume), "phase"),
    Claim: (volume) => {
      const claim = objectAt(spec(volume), "claimRef");
      return stringAt(claim, "name")
        ? `${stringAt(claim, "namespace")}/${stringAt(claim, "name")}`
        : "";
    },
    StorageClass: (volume) => stringAt(spec(volume), "storageClassName"),
    VolumeAttributesClass: () => "<unset>",
    Reason: (volume) => stringAt(status(volume), "reason"),
    VolumeMode: (volume) => text(spec(volume)["volumeMode"]),
  },
  "/events": {
    "Last Seen": (event, now) =>
      age(event["lastTimestamp"] ?? event["eventTime"] ?? event.metadata.creationTimestamp, now),
    Type: (event) => stringAt(event, "type"),
    Reason: (event) => stringAt(event, "reason"),
    Object: eventObject,
    Subobject: (event) => stringAt(objectAt(event, "involvedObject"), "fieldPath"),
    Source: (event) =>
      stringAt(objectAt(event, "source"), "component") || stringAt(event, "reportingComponent"),
    Message: (event) => stringAt(event, "message").trim(),
    "First Seen": (event, now) =>
      age(event["firstTimestamp"] ?? event["eventTime"] ?? event.metadata.creationTimestamp, now),
    Count: (event) => numberAt(event, "count") ?? 1,
  },
  "apps/statefulsets": { ...workload, Ready: (set) => readyOf(set, number(spec(set), "replicas")) },
  "apps/deployments": {
    ...workload,
    Ready: (set) => readyOf(set, number(spec(set), "replicas")),
    "Up-to-date": (set) => number(status(set), "updatedReplicas"),
    Available: (set) => number(status(set), "availableReplicas"),
  },
  "apps/replicasets": replicated,
  "apps/daemonsets": {
    ...workload,
    Desired: (set) => number(status(set), "desiredNumberScheduled"),
    Current: (set) => number(status(set), "currentNumberScheduled"),
    Ready: (set) => number(status(set), "numberReady"),
    "Up-to-date": (set) => number(status(set), "updatedNumberScheduled"),
    Available: (set) => number(status(set), "numberAvailable"),
    "Node Selector": (set) =>
      text(selectorText({ matchLabels: template(set)["nodeSelector"] ?? {} })),
  },
  "batch/jobs": {
    ...workload,
    Status: jobStatus,
    Completions: (job) =>
      `${number(status(job), "succeeded")}/${numberAt(spec(job), "completions") ?? 1}`,
    Duration: jobDuration,
  },
  "batch/cronjobs": {
    Schedule: (job) => stringAt(spec(job), "schedule"),
    Timezone: (job) => text(spec(job)["timeZone"]),
    Suspend: (job) => spec(job)["suspend"] === true ? "True" : "False",
    Active: (job) => listAt(status(job), "active").length,
    "Last Schedule": (job, now) =>
      stringAt(status(job), "lastScheduleTime")
        ? age(status(job)["lastScheduleTime"], now)
        : "<none>",
    Containers: (job) =>
      containers(template({ ...job, spec: spec(objectAt(spec(job), "jobTemplate")) }), "name"),
    Images: (job) =>
      containers(template({ ...job, spec: spec(objectAt(spec(job), "jobTemplate")) }), "image"),
    Selector: () => "<none>",
  },
  "policy/poddisruptionbudgets": {
    "Min Available": (budget) => String(spec(budget)["minAvailable"] ?? "N/A"),
    "Max Unavailable": (budget) => String(spec(budget)["maxUnavailable"] ?? "N/A"),
    "Allowed Disruptions": (budget) => number(status(budget), "disruptionsAllowed"),
  },
  "discovery.k8s.io/endpointslices": {
    AddressType: (slice) => stringAt(slice, "addressType"),
    Ports: (slice) =>
      objectsAt(slice, "ports").map((port) => String(port["port"] ?? "*")).join(",") || "<unset>",
    Endpoints: (slice) =>
      text(
        objectsAt(slice, "endpoints").flatMap((item) => listAt(item, "addresses").map(String)).join(
          ",",
        ),
      ),
  },
  "coordination.k8s.io/leases": { Holder: (lease) => stringAt(spec(lease), "holderIdentity") },
  "rbac.authorization.k8s.io/rolebindings": { Role: roleText },
  "rbac.authorization.k8s.io/clusterrolebindings": { Role: roleText },
  "scheduling.k8s.io/priorityclasses": {
    Value: (object) => number(object, "value"),
    "Global-Default": (object) => object["globalDefault"] === true,
    PreemptionPolicy: (object) => stringAt(object, "preemptionPolicy"),
  },
  "storage.k8s.io/storageclasses": {
    Provisioner: (object) => stringAt(object, "provisioner"),
    ReclaimPolicy: (object) => stringAt(object, "reclaimPolicy"),
    VolumeBindingMode: (object) => stringAt(object, "volumeBindingMode"),
    AllowVolumeExpansion: (object) => object["allowVolumeExpansion"] === true,
  },
};

function roleText(binding: KubeObject): string {
  const ref = objectAt(binding, "roleRef");
  return `${stringAt(ref, "kind")}/${stringAt(ref, "name")}`;
}

function cellOf(cells: Cells, name: string, object: KubeObject, now: Date): Json {
  const known = cells[name];
  if (known) return known(object, now);
  if (name === "Name") return object.metadata.name!;
  if (name === "Created At") return object.metadata.creationTimestamp ?? "";
  if (name === "Age") return age(object.metadata.creationTimestamp, now);
  return "";
}

/** The cells of one row. */
export function builtinCells(type: ResourceType, object: KubeObject, now: Date): Json[] {
  const cells = KINDS[type.storageKey] ?? {};
  return type.columns.map((column) => cellOf(cells, column.name, object, now));
}
