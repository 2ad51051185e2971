/** What the operator's configuration and quotas leave, in words beside the fields. Pure. */

import type { Bounds } from "./manifest.ts";

/** The operator's configuration as `/config` names its fields. */
export type OperatorSettings = Readonly<Record<string, unknown>>;

/** What one quota of a namespace allows, and what is used of it. */
export interface Quota {
  readonly name: string;
  readonly hard: Readonly<Record<string, string>>;
  readonly used: Readonly<Record<string, string>>;
}

/** How many members a cluster may have. */
export function instanceBounds(settings: OperatorSettings | undefined): Bounds {
  const bound = (key: string) => {
    const value = Number(settings?.[key] ?? -1);
    return value < 0 ? undefined : value;
  };
  return { least: bound("MinInstances"), most: bound("MaxInstances") };
}

export function instanceHint(settings: OperatorSettings | undefined): string | undefined {
  const { least, most } = instanceBounds(settings);
  if (least === undefined && most === undefined) return undefined;
  if (least === undefined) return `At most ${most}.`;
  return most === undefined ? `At least ${least}.` : `${least} to ${most}.`;
}

/** Fields of the form → what bounds them, and what stands there when they are left empty. */
const RESOURCES: Readonly<
  Record<string, { readonly least?: string; readonly most?: string; readonly unset: string }>
> = {
  "requests.cpu": { most: "MaxCPURequest", unset: "DefaultCPURequest" },
  "requests.memory": { most: "MaxMemoryRequest", unset: "DefaultMemoryRequest" },
  "limits.cpu": { least: "MinCPULimit", unset: "DefaultCPULimit" },
  "limits.memory": { least: "MinMemoryLimit", unset: "DefaultMemoryLimit" },
};

/** Of `requests.cpu` and the like. */
export function resourceHint(
  field: string,
  settings: OperatorSettings | undefined,
  quotas: readonly Quota[] = [],
): string | undefined {
  const rule = RESOURCES[field];
  if (rule === undefined) return undefined;
  const text = (key: string | undefined) => String((key && settings?.[key]) || "");
  const parts = [
    text(rule.least) && `At least ${text(rule.least)}`,
    text(rule.most) && `At most ${text(rule.most)}`,
    text(rule.unset) && `empty means ${text(rule.unset)}`,
    ...quotaParts(field, quotas),
  ].filter((part) => part !== "");
  return parts.length === 0 ? undefined : `${capital(parts.join("; "))}.`;
}

/** Of the volume's size. */
export function volumeHint(quotas: readonly Quota[]): string | undefined {
  const parts = quotaParts("requests.storage", quotas);
  return parts.length === 0 ? undefined : `${capital(parts.join("; "))}.`;
}

function quotaParts(field: string, quotas: readonly Quota[]): string[] {
  // Kubernetes takes `cpu` for `requests.cpu` in a quota.
  const keys = field.startsWith("requests.") ? [field, field.slice("requests.".length)] : [field];
  return quotas.flatMap(({ name, hard, used }) =>
    keys.filter((key) => Object.hasOwn(hard, key))
      .map((key) => `quota ${name}: ${used[key] ?? "0"} of ${hard[key]} used`)
  );
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
