/** Services: defaults, cluster addresses and node ports, and what may change. */
import { type Cause, invalid } from "../../model/api_error.ts";
import {
  ensureObject,
  isObject,
  jsonEqual,
  type JsonObject,
  type KubeObject,
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  setDefaults,
  stringAt,
} from "../../model/json.ts";
import type { Store } from "../../storage/store.ts";
import { forbiddenValue, invalidValue, notSupported, required } from "../validate_metadata.ts";
import type { Strategy, StrategyContext } from "../strategy.ts";

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const NODE_PORTS = { first: 30_000, last: 32_767 };
/** The third part of cluster addresses; what is below is free for nodes and pods. */
const CLUSTER_BLOCKS = { first: 100, last: 249 };

function hasNodePorts(spec: JsonObject): boolean {
  const type = stringAt(spec, "type");
  return type === "NodePort" ||
    (type === "LoadBalancer" && spec["allocateLoadBalancerNodePorts"] !== false);
}

function isExternal(spec: JsonObject): boolean {
  return stringAt(spec, "type") === "NodePort" || stringAt(spec, "type") === "LoadBalancer";
}

function defaults(object: KubeObject): void {
  const spec = ensureObject(object, "spec");
  setDefaults(spec, { sessionAffinity: "None", type: "ClusterIP" });
  if (spec["sessionAffinity"] === "ClientIP") {
    setDefaults(ensureObject(ensureObject(spec, "sessionAffinityConfig"), "clientIP"), {
      timeoutSeconds: 10_800,
    });
  } else {
    delete spec["sessionAffinityConfig"];
  }
  for (const port of objectsAt(spec, "ports")) {
    setDefaults(port, { protocol: "TCP" });
    if (!port["targetPort"]) port["targetPort"] = port["port"];
  }
  if (isExternal(spec)) setDefaults(spec, { externalTrafficPolicy: "Cluster" });
  if (spec["type"] !== "ExternalName") setDefaults(spec, { internalTrafficPolicy: "Cluster" });
  if (spec["type"] === "LoadBalancer") setDefaults(spec, { allocateLoadBalancerNodePorts: true });
  // clusterIP and the first of clusterIPs are the same field in two shapes.
  const addresses = listAt(spec, "clusterIPs");
  if (!stringAt(spec, "clusterIP") && addresses.length > 0) spec["clusterIP"] = addresses[0];
}

function usedAddresses(store: Store): Set<string> {
  return new Set(
    store.list("/services").map((service) => stringAt(objectAt(service, "spec"), "clusterIP")),
  );
}

function allocateAddress({ store, serviceNetwork }: StrategyContext): string {
  const used = usedAddresses(store);
  for (let block = CLUSTER_BLOCKS.first; block <= CLUSTER_BLOCKS.last; block++) {
    for (let number = 1; number < 255; number++) {
      const address = `${serviceNetwork}.${block}.${number}`;
      if (!used.has(address)) return address;
    }
  }
  throw new Error("cannot allocate a cluster address: all are in use");
}

function usedNodePorts(store: Store): Set<number> {
  return new Set(
    store.list("/services").flatMap((service) =>
      objectsAt(objectAt(service, "spec"), "ports").map((port) => numberAt(port, "nodePort") ?? 0)
    ),
  );
}

function allocateNodePorts(
  object: KubeObject,
  spec: JsonObject,
  old: JsonObject,
  store: Store,
): void {
  const used = usedNodePorts(store);
  const own = new Set(objectsAt(old, "ports").map((port) => numberAt(port, "nodePort") ?? 0));
  objectsAt(spec, "ports").forEach((port, index) => {
    const wanted = numberAt(port, "nodePort");
    if (wanted === undefined) return;
    if (used.has(wanted) && !own.has(wanted)) {
      throw invalid({ group: "", kind: "Service", name: object.metadata.name! }, [
        invalidValue(`spec.ports[${index}].nodePort`, wanted, "provided port is already allocated"),
      ]);
    }
    used.add(wanted);
  });
  for (const port of objectsAt(spec, "ports")) {
    if (numberAt(port, "nodePort") !== undefined) continue;
    const same = objectsAt(old, "ports").find((other) =>
      other["port"] === port["port"] && other["protocol"] === port["protocol"]
    );
    const kept = same && numberAt(same, "nodePort");
    port["nodePort"] = kept ?? freePort(used);
    used.add(port["nodePort"] as number);
  }
}

function freePort(used: Set<number>): number {
  const span = NODE_PORTS.last - NODE_PORTS.first + 1;
  const start = crypto.getRandomValues(new Uint16Array(1))[0]! % span;
  for (let offset = 0; offset < span; offset++) {
    const port = NODE_PORTS.first + (start + offset) % span;
    if (!used.has(port)) return port;
  }
  throw new Error("cannot allocate a node port: all are in use");
}

function setFamilies(spec: JsonObject): void {
  const headlessWithoutSelector = spec["clusterIP"] === "None" &&
    Object.keys(objectAt(spec, "selector")).length === 0;
  if (spec["ipFamilyPolicy"] === undefined && headlessWithoutSelector) {
    spec["ipFamilyPolicy"] = "RequireDualStack";
    setDefaults(spec, { ipFamilies: ["IPv4", "IPv6"] });
  } else {
    setDefaults(spec, { ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"] });
  }
}

/** Gives what the server allocates, keeping what the Service has already. */
function allocate(object: KubeObject, old: KubeObject | undefined, context: StrategyContext): void {
  const spec = ensureObject(object, "spec");
  const oldSpec = objectAt(old, "spec");
  if (spec["type"] === "ExternalName") {
    for (const key of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]) delete spec[key];
    return;
  }
  for (const key of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]) {
    if (spec[key] === undefined && oldSpec[key] !== undefined) spec[key] = oldSpec[key];
  }
  if (!stringAt(spec, "clusterIP")) spec["clusterIP"] = allocateAddress(context);
  setDefaults(spec, { clusterIPs: [spec["clusterIP"]!] });
  setFamilies(spec);
  if (hasNodePorts(spec)) {
    allocateNodePorts(object, spec, oldSpec, context.store);
  } else if (old && hasNodePorts(oldSpec) && !isExternal(spec)) {
    dropNodePorts(spec, oldSpec);
  }
}

/** Node ports that a Service no longer needs go, unless the client has just set them. */
function dropNodePorts(spec: JsonObject, oldSpec: JsonObject): void {
  const own = new Set(objectsAt(oldSpec, "ports").map((port) => port["nodePort"]));
  for (const port of objectsAt(spec, "ports")) {
    if (own.has(port["nodePort"])) delete port["nodePort"];
  }
}

/** Fields that lose their meaning with a change of type are cleared when the client left them as they were. */
function dropTypeFields(object: KubeObject, old: KubeObject): void {
  const spec = ensureObject(object, "spec");
  const was = objectAt(old, "spec");
  const clear = (key: string, meaningful: boolean) => {
    if (!meaningful && jsonEqual(spec[key], was[key])) delete spec[key];
  };
  clear("externalTrafficPolicy", isExternal(spec));
  clear("allocateLoadBalancerNodePorts", spec["type"] === "LoadBalancer");
  clear("loadBalancerClass", spec["type"] === "LoadBalancer");
  clear("healthCheckNodePort", spec["externalTrafficPolicy"] === "Local");
}

function validatePorts(spec: JsonObject): Cause[] {
  const ports = objectsAt(spec, "ports");
  const headless = spec["clusterIP"] === "None";
  if (ports.length === 0 && !headless && spec["type"] !== "ExternalName") {
    return [required("spec.ports")];
  }
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const field = `spec.ports[${index}]`;
    const number = numberAt(port, "port") ?? 0;
    const name = stringAt(port, "name");
    const causes: Cause[] = [];
    if (number < 1 || number > 65_535) {
      causes.push(invalidValue(`${field}.port`, number, "must be between 1 and 65535, inclusive"));
    }
    const target = numberAt(port, "targetPort");
    if (target !== undefined && (target < 1 || target > 65_535)) {
      causes.push(
        invalidValue(`${field}.targetPort`, target, "must be between 1 and 65535, inclusive"),
      );
    }
    if (!name && ports.length > 1) causes.push(required(`${field}.name`));
    if (name && names.has(name)) {
      causes.push({
        reason: "FieldValueDuplicate",
        message: `Duplicate value: "${name}"`,
        field: `${field}.name`,
      });
    }
    names.add(name);
    return causes;
  });
}

function validate(object: KubeObject): Cause[] {
  const spec = objectAt(object, "spec");
  const type = stringAt(spec, "type");
  const causes = validatePorts(spec);
  if (!TYPES.includes(type)) causes.push(notSupported("spec.type", type, TYPES));
  if (!isExternal(spec) && spec["externalTrafficPolicy"] !== undefined) {
    causes.push(invalidValue(
      "spec.externalTrafficPolicy",
      spec["externalTrafficPolicy"],
      "may only be set for externally-accessible services",
    ));
  }
  if (type === "ExternalName" && !stringAt(spec, "externalName")) {
    causes.push(required("spec.externalName"));
  }
  if (listAt(spec, "loadBalancerSourceRanges").length > 0 && type !== "LoadBalancer") {
    causes.push(
      forbiddenValue(
        "spec.LoadBalancerSourceRanges",
        "may only be used when `type` is 'LoadBalancer'",
      ),
    );
  }
  if (spec["allocateLoadBalancerNodePorts"] !== undefined && type !== "LoadBalancer") {
    causes.push(
      forbiddenValue(
        "spec.allocateLoadBalancerNodePorts",
        "may only be used when `type` is 'LoadBalancer'",
      ),
    );
  }
  return causes;
}

function validateUpdate(object: KubeObject, old: KubeObject): Cause[] {
  const address = stringAt(objectAt(object, "spec"), "clusterIP");
  const was = stringAt(objectAt(old, "spec"), "clusterIP");
  if (!was || address === was || objectAt(object, "spec")["type"] === "ExternalName") return [];
  const value = listAt(objectAt(object, "spec"), "clusterIPs");
  return [
    invalidValue("spec.clusterIPs[0]", value, "may not change once set"),
  ];
}

export const services: Strategy = {
  nameIs: "dns1035",
  returnsDeleted: true,
  defaults,
  prepareUpdate: dropTypeFields,
  admitCreate: (object, context) => allocate(object, undefined, context),
  admitUpdate: (object, old, context) => {
    if (isObject(object["spec"])) allocate(object, old, context);
  },
  validate,
  validateUpdate,
};
