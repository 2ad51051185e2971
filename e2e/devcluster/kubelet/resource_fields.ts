/** Requests and limits of a container as numbers (dev cluster, kubelet layer; pure). */
import type { Container } from "../objects/pod.ts";

const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The number that a quantity such as `500Mi` or `100m` means; NaN for anything else. */
export function quantity(text: string | number): number {
  const match = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([numkMGTPE]i?|)$/.exec(String(text));
  return match ? Number(match[1]) * (FACTORS[match[2]!] ?? NaN) : NaN;
}

/** What a container without a limit may use: all of its node. */
export const NODE_CAPACITY = { cpu: "64", memory: "64Gi", "ephemeral-storage": "1Ti" } as const;

/**
 * The value of a `resourceFieldRef` such as `limits.memory`: whole units of the divisor, rounded
 * up. https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
 */
export function resourceFieldValue(
  { resources = {} }: Container,
  { resource, divisor }: { resource: string; divisor?: string | number },
): string {
  const [kind = "", name = ""] = resource.split(/\.(.*)/);
  const limits: Record<string, string> = { ...NODE_CAPACITY, ...resources.limits };
  const given = kind === "requests" ? resources.requests?.[name] : limits[name];
  const unit = divisor === undefined || quantity(divisor) === 0 ? 1 : quantity(divisor);
  return String(Math.ceil(quantity(given ?? "0") / unit));
}
