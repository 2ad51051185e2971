/**
 * Resolves what a container asks for and may use: the manifest's values, else the defaults, then
 * raised or lowered by the configured bounds.
 *
 * Zalando: pkg/cluster/k8sres.go, generateResourceRequirements
 */

import type { ResourceDescription, Resources } from "../../../api/types.gen.ts";
import type { ResourceRequirements } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import {
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
} from "../../../lib/quantity.ts";
import type { Findings } from "../findings.ts";
import { warn } from "../findings.ts";
import type { Subject } from "../../subject.ts";

/** Bounds that only the PostgreSQL container is held to; '' means none. */
export interface ResourceBounds {
  readonly minCpuLimit: string;
  readonly minMemoryLimit: string;
  readonly maxCpuRequest: string;
  readonly maxMemoryRequest: string;
}

export interface ResourceQuestion {
  /** What has to wait while a quantity cannot be read. */
  readonly subject: Subject;
  /** Where the manifest says it, for issues: `spec.resources`. */
  readonly path: string;
  /** Name of the container, for notices. */
  readonly container: string;
  readonly wanted: Resources | undefined;
  readonly defaults: Resources;
  readonly bounds?: ResourceBounds;
  readonly setMemoryRequestToLimit: boolean;
}

type Amounts = Map<string, Quantity>;
type ResourceName = keyof ResourceDescription;

/** Values that count as "not given". */
const ABSENT = ["", "0", "null"];

/** Resolves requests and limits of one container; an unreadable quantity becomes an issue. */
export function resolveResources(
  question: ResourceQuestion,
  findings: Findings,
): ResourceRequirements {
  const requests = amounts("requests", question, findings);
  const limits = amounts("limits", question, findings);
  const { container, bounds } = question;
  if (bounds) raiseToMinimum(limits, bounds, container, findings);
  raiseLimitsToRequests(requests, limits, container, findings);
  if (question.setMemoryRequestToLimit) raiseMemoryRequest(requests, limits);
  if (bounds) lowerToMaximum(requests, bounds);
  return {
    ...(requests.size === 0 ? {} : { requests: written(requests) }),
    ...(limits.size === 0 ? {} : { limits: written(limits) }),
  };
}

/** Defaults of the PostgreSQL container and of sidecars. */
export function postgresDefaults(config: Config): Resources {
  return {
    requests: { cpu: config.defaultCpuRequest, memory: config.defaultMemoryRequest },
    limits: { cpu: config.defaultCpuLimit, memory: config.defaultMemoryLimit },
  };
}

/** The bounds that hold for a cluster, unless its annotation lifts them. */
export function postgresBounds(
  annotations: Readonly<Record<string, string>>,
  config: Config,
): ResourceBounds | undefined {
  const key = config.ignoreResourcesLimitsAnnotationKey;
  if (key !== "" && annotations[key] === "true") return undefined;
  const { minCpuLimit, minMemoryLimit, maxCpuRequest, maxMemoryRequest } = config;
  return { minCpuLimit, minMemoryLimit, maxCpuRequest, maxMemoryRequest };
}

function amounts(
  side: "requests" | "limits",
  question: ResourceQuestion,
  findings: Findings,
): Amounts {
  const wanted = question.wanted?.[side] ?? {};
  const defaults = question.defaults[side] ?? {};
  const result: Amounts = new Map();
  const add = (name: ResourceName, text: string | undefined) => {
    if (text === undefined) return;
    const quantity = parseQuantity(text);
    if (quantity) result.set(name, quantity);
    else {
      const path = `${question.path}.${side}.${name}`;
      findings.issues.push({
        subject: question.subject,
        path,
        value: text,
        message: "is not a Kubernetes quantity",
      });
    }
  };
  add("cpu", given(wanted.cpu) ?? given(defaults.cpu));
  add("memory", given(wanted.memory) ?? given(defaults.memory));
  add("hugepages-2Mi", wanted["hugepages-2Mi"]);
  add("hugepages-1Gi", wanted["hugepages-1Gi"]);
  return result;
}

function given(text: string | undefined): string | undefined {
  return text === undefined || ABSENT.includes(text) ? undefined : text;
}

/** A limit that is too small leads to evictions and out-of-memory kills. No limit counts as 0. */
function raiseToMinimum(
  limits: Amounts,
  bounds: ResourceBounds,
  container: string,
  findings: Findings,
): void {
  const minima = [["cpu", "CPU", bounds.minCpuLimit], ["memory", "memory", bounds.minMemoryLimit]];
  for (const [name, word, text] of minima as [ResourceName, string, string][]) {
    const minimum = parseQuantity(text);
    if (minimum === undefined) continue;
    const limit = limits.get(name);
    if (limit !== undefined && compareQuantities(limit, minimum) >= 0) continue;
    if (limit === undefined && minimum.nanos <= 0n) continue;
    const message = `defined ${word} limit ${limit ? formatQuantity(limit) : "0"} for ` +
      `"${container}" container is below required minimum ${text} and will be increased`;
    warn(findings, message, "ResourceLimits");
    limits.set(name, minimum);
  }
}

function raiseLimitsToRequests(
  requests: Amounts,
  limits: Amounts,
  container: string,
  findings: Findings,
): void {
  for (const name of ["cpu", "memory"]) {
    const request = requests.get(name);
    const limit = limits.get(name);
    if (!request || !limit || compareQuantities(limit, request) >= 0) continue;
    const [from, to] = [formatQuantity(limit), formatQuantity(request)];
    warn(
      findings,
      `${name} limit ${from} of container "${container}" is raised to its request ${to}`,
    );
    limits.set(name, request);
  }
}

function raiseMemoryRequest(requests: Amounts, limits: Amounts): void {
  const limit = limits.get("memory");
  if (!limit) return;
  const request = requests.get("memory");
  if (!request || compareQuantities(request, limit) < 0) requests.set("memory", limit);
}

function lowerToMaximum(requests: Amounts, bounds: ResourceBounds): void {
  const maxima = [["cpu", bounds.maxCpuRequest], ["memory", bounds.maxMemoryRequest]] as const;
  for (const [name, text] of maxima) {
    const maximum = parseQuantity(text);
    const request = requests.get(name);
    if (!maximum || !request || compareQuantities(request, maximum) <= 0) continue;
    if (maximum.nanos !== 0n) requests.set(name, maximum);
  }
}

function written(amounts: Amounts): Record<string, string> {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, formatQuantity(amount)]));
}
