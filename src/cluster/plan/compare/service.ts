/**
 * Compares a Service. What the API server allocates or fills in (addresses, node ports that nobody
 * asked for, families) is none of the operator's business.
 *
 * Zalando: pkg/cluster/cluster.go, compareServices; pkg/cluster/resources.go, updateService
 */

import type { Service, ServicePort, ServiceSpec } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import { DNS_NAME_ANNOTATION } from "../../effective/exposure.ts";
import type { Difference } from "./difference.ts";
import { elementPath, fieldPath } from "./difference.ts";
import { isAnothers } from "./managers.ts";
import { compareMetadata } from "./metadata.ts";
import { mismatches } from "./structure.ts";

/** All of a service can be patched. */
const EFFECT = "patch";

/** What of a Service is not as it should be. */
export function compareService(
  desired: Service,
  observed: Service,
  config: Config,
): Difference[] {
  const [wanted, present] = [desired.spec ?? {}, observed.spec ?? {}];
  return [
    ...compareMetadata(desired.metadata, observed.metadata, {
      config,
      labels: "keep",
      stale: "leave",
    }),
    ...staleDnsName(desired, observed),
    ...differing("spec.type", wanted.type, present.type),
    ...compareSourceRanges(wanted, present),
    ...compareTrafficPolicy(wanted, present),
    ...compareNetwork(wanted, present),
    ...differing("spec.selector", wanted.selector, present.selector),
    ...comparePorts(wanted.ports ?? [], ownPorts(desired, observed)),
  ];
}

/** The name in DNS goes with the load balancer; otherwise external-dns would keep the record. */
function staleDnsName(desired: Service, observed: Service): Difference[] {
  const present = observed.metadata.annotations?.[DNS_NAME_ANNOTATION];
  const leavesLoadBalancer = observed.spec?.type === "LoadBalancer" &&
    desired.spec?.type !== "LoadBalancer";
  if (present === undefined || !leavesLoadBalancer) return [];
  if (desired.metadata.annotations?.[DNS_NAME_ANNOTATION] !== undefined) return [];
  const path = fieldPath("metadata.annotations", DNS_NAME_ANNOTATION);
  return [{ path, desired: undefined, observed: present, effect: EFFECT }];
}

function compareSourceRanges(wanted: ServiceSpec, present: ServiceSpec): Difference[] {
  const path = "spec.loadBalancerSourceRanges";
  const [desired, observed] = [wanted.loadBalancerSourceRanges, present.loadBalancerSourceRanges];
  const sorted = (ranges: readonly string[] | undefined) => [...ranges ?? []].sort();
  if (mismatches(path, sorted(desired), sorted(observed)).length === 0) return [];
  return [{ path, desired, observed, effect: EFFECT }];
}

/** Where no policy is asked for, the API server's own stays, except on a service without one. */
function compareTrafficPolicy(wanted: ServiceSpec, present: ServiceSpec): Difference[] {
  if (wanted.externalTrafficPolicy === undefined && wanted.type !== "ClusterIP") return [];
  const { externalTrafficPolicy } = wanted;
  return differing(
    "spec.externalTrafficPolicy",
    externalTrafficPolicy,
    present.externalTrafficPolicy,
  );
}

/** Fields that Kubernetes fills in; they count only where the manifest asks for something. */
function compareNetwork(wanted: ServiceSpec, present: ServiceSpec): Difference[] {
  const asked = ["internalTrafficPolicy", "ipFamilyPolicy", "loadBalancerClass"] as const;
  const single = asked.filter((field) => wanted[field] !== undefined).flatMap((field) =>
    differing(`spec.${field}`, wanted[field], present[field])
  );
  const path = "spec.ipFamilies";
  const families = wanted.ipFamilies ?? [];
  // A second family that the policy adds is none of ours.
  const same = families.every((family, index) => present.ipFamilies?.[index] === family);
  const found = same
    ? []
    : [{ path, desired: families, observed: present.ipFamilies, effect: EFFECT } as const];
  return [...single, ...found].filter(({ path }) => !isFixed(path, wanted, present));
}

/** True for what Kubernetes does not change on a Service that exists. */
function isFixed(path: string, wanted: ServiceSpec, present: ServiceSpec): boolean {
  if (path === "spec.ipFamilies") {
    return present.ipFamilies?.[0] !== undefined &&
      present.ipFamilies[0] !== wanted.ipFamilies?.[0];
  }
  return path === "spec.loadBalancerClass" && present.type === "LoadBalancer";
}

/** What of a Service stays although the manifest asks for something else, and what to do about it. */
export function fixedFields(desired: Service, observed: Service): string[] {
  const [wanted, present] = [desired.spec ?? {}, observed.spec ?? {}];
  const differs = {
    "spec.ipFamilies": wanted.ipFamilies !== undefined,
    "spec.loadBalancerClass": wanted.loadBalancerClass !== undefined &&
      wanted.type === "LoadBalancer" && wanted.loadBalancerClass !== present.loadBalancerClass,
  };
  const name = `Service ${desired.metadata.name}`;
  return Object.entries(differs)
    .filter(([path, asked]) => asked && isFixed(path, wanted, present))
    .map(([path]) =>
      path === "spec.ipFamilies"
        ? `${path}: ${name} keeps ${present.ipFamilies?.join(", ")}; ` +
          `Kubernetes does not change the first family of a Service that exists`
        : `${path}: ${name} keeps ${present.loadBalancerClass ?? "the default class"}; ` +
          `Kubernetes does not change the class of a load balancer: switch it off and on again`
    );
}

/** The ports but those that another controller has added by a request of its own. */
function ownPorts(desired: Service, { spec, metadata }: Service): ServicePort[] {
  const wanted = new Set(desired.spec?.ports?.map(({ port }) => port));
  return (spec?.ports ?? []).filter(({ port }) => {
    const added = { path: elementPath("spec.ports", port), desired: undefined };
    return wanted.has(port) || !isAnothers(added, metadata.managedFields);
  });
}

function comparePorts(
  wanted: readonly ServicePort[],
  present: readonly ServicePort[],
): Difference[] {
  if (wanted.length !== present.length) {
    return [{ path: "spec.ports", desired: wanted, observed: present, effect: EFFECT }];
  }
  return wanted.flatMap((port, index) => {
    const at = `spec.ports[${port.name ?? index}]`;
    const other = present[index];
    return [
      ...differing(`${at}.name`, port.name, other?.name),
      ...differing(`${at}.port`, port.port, other?.port),
      ...differing(`${at}.targetPort`, port.targetPort, other?.targetPort),
      ...(port.nodePort ? differing(`${at}.nodePort`, port.nodePort, other?.nodePort) : []),
    ];
  });
}

function differing(path: string, desired: unknown, observed: unknown): Difference[] {
  return mismatches(path, desired, observed).map((found) => ({ ...found, effect: EFFECT }));
}
