/**
 * Patroni's part of the plan: bring the dynamic configuration to what the manifest asks for.
 *
 * Only keys that the manifest sets, or has set under the eyes of this process, are touched.
 * Zalando: pkg/cluster/sync.go, syncPatroniConfig
 */

import type { StatefulSet } from "../../../kubernetes/types.gen.ts";
import type { DesiredCluster } from "../../desired/cluster.ts";
import { isMember, podRef } from "../../observed/pods.ts";
import { observedObject, type ObservedPatroni } from "../../observed/cluster.ts";
import { patroniSwitch } from "../../observed/patroni_rules.ts";
import { refOf } from "../../../ports/requests.ts";
import { fieldPath, type Mismatch } from "../compare/difference.ts";
import { isEmpty, mismatches } from "../compare/structure.ts";
import { heldPlan, NOTHING, type PlanContext, step, type SubjectPlan } from "../steps/context.ts";
import { knownPublications } from "../databases/publications.ts";
import { postgresContainerOf } from "../../observed/revisions.ts";
import type { Reason } from "../steps/action.ts";
import { ownValue } from "../../../lib/own_value.ts";

const SUBJECT = "patroni config";

type Json = Record<string, unknown>;

const LAG = "maximum_lag_on_failover";

/** Plans `PATCH /config`. */
export function planPatroniConfig(context: PlanContext): SubjectPlan {
  const { patroni, pods } = context.observed;
  if (patroni === undefined) return NOTHING;
  if (!patroni.known) return heldPlan(SUBJECT, "unreadable", patroni.reason);
  if (!pods.known) return heldPlan(SUBJECT, "unreadable", pods.reason);
  const members = pods.value.filter((pod) => isMember(pod, context.config.podRoleLabel));
  const [first] = members;
  if (first === undefined) {
    return heldPlan(SUBJECT, "waiting", "no member of the cluster is up yet");
  }
  const change = configChange(context, patroni.value);
  const left = foreignValues(context.desired.patroni.config, patroni.value.config);
  const held = left.flatMap((reason) => heldPlan(SUBJECT, "left", reason).held);
  if (change.reasons.length === 0) return { steps: [], held };
  const request = { call: "patchConfig", body: change.body } as const;
  return {
    steps: [
      step(SUBJECT, change.reasons, { kind: "patroni", pod: podRef(first), request }, {
        onError: "continue",
        effect: "reload",
      }),
    ],
    held,
    requeueAfterMs: context.config.patroniApiCheckIntervalMs,
  };
}

/** The body of the PATCH that is needed and why; no reasons when nothing is. */
export function configChange(
  context: Pick<PlanContext, "desired" | "effective" | "memory" | "observed">,
  observed: ObservedPatroni,
): { body: Json; reasons: Reason[] } {
  const { config, parameters } = context.desired.patroni;
  const body: Json = {};
  const reasons: Reason[] = [];
  for (const [key, desired] of Object.entries(config)) {
    const have = observed.config[key];
    if (settingState(key, desired, have) !== "other") continue;
    const found = mismatches(key, desired, have);
    body[key] = desired;
    reasons.push(...found);
  }
  const postgresql = postgresqlChange(context, observed, parameters, reasons);
  if (Object.keys(postgresql).length > 0) body["postgresql"] = postgresql;
  const slots = slotChange(context, observed, reasons);
  if (Object.keys(slots).length > 0) body["slots"] = slots;
  return { body, reasons };
}

/**
 * How a key of the configuration stands to what the manifest asks for: `foreign` is a value that no
 * manifest can ask for (`quorum`), so somebody else has set it and knows why.
 */
function settingState(key: string, desired: unknown, have: unknown): "same" | "other" | "foreign" {
  if (typeof desired === "boolean") {
    const on = patroniSwitch(have);
    if (on === undefined) return "foreign";
    return on === desired ? "same" : "other";
  }
  if (typeof desired !== "number") return mismatches(key, desired, have).length ? "other" : "same";
  if (isEmpty(have)) return desired === 0 ? "same" : "other";
  const number = Number(have);
  if (!Number.isFinite(number)) return desired === 0 ? "foreign" : "other";
  // Clusters were started with this number as a 32-bit float.
  const form = key === LAG ? Math.fround : (value: number) => value;
  return form(number) === form(desired) ? "same" : "other";
}

/** One sentence for each key that is left alone because the manifest has no word for its value. */
function foreignValues(desired: Json, observed: Json): string[] {
  return Object.entries(desired).flatMap(([key, value]) => {
    if (settingState(key, value, observed[key]) !== "foreign") return [];
    const has = `${key} of Patroni's configuration is ${JSON.stringify(observed[key])}`;
    return [`${has}, which spec.patroni.${key} cannot say; it is left as it is`];
  });
}

function postgresqlChange(
  context: Pick<PlanContext, "desired" | "effective" | "memory" | "observed">,
  observed: ObservedPatroni,
  parameters: Readonly<Record<string, string>>,
  reasons: Reason[],
): Json {
  const section = asRecord(observed.config["postgresql"]);
  const have = asRecord(section["parameters"]);
  const change: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (Object.hasOwn(have, name) && String(have[name]) === value) continue;
    change[name] = value;
    reasons.push(parameterReason(name, value, ownValue(have, name)));
  }
  for (const name of context.memory.parameters) {
    if (Object.hasOwn(parameters, name) || !Object.hasOwn(have, name)) continue;
    change[name] = null;
    reasons.push(parameterReason(name, undefined, have[name]));
  }
  const result: Json = Object.keys(change).length > 0 ? { parameters: change } : {};
  const { hba } = context.desired.patroni;
  const found = hba.length === 0 || !hbaChanged(context, section["pg_hba"])
    ? []
    : mismatches("postgresql.pg_hba", hba, section["pg_hba"]);
  if (found.length > 0) {
    result["pg_hba"] = hba;
    reasons.push(...found);
  }
  return result;
}

/** The slot of a stream is made once its publication is there. */
function wantedSlots(
  { desired, effective, observed }: Pick<PlanContext, "desired" | "effective" | "observed">,
  present: Json,
): DesiredCluster["patroni"]["slots"] {
  const published = knownPublications(observed.catalog);
  return Object.fromEntries(
    Object.entries(desired.patroni.slots).filter(([name]) =>
      !Object.hasOwn(effective.streams.slots, name) || Object.hasOwn(present, name) ||
      published.has(name)
    ),
  );
}

/**
 * Rules reach the pods by SPILO_CONFIGURATION, which goes before the dynamic configuration. So they
 * are written there only where they stand already, or when they change while pods run.
 */
function hbaChanged(
  { desired, observed }: Pick<PlanContext, "desired" | "observed">,
  present: unknown,
): boolean {
  if (present !== undefined) return true;
  const set = observedObject<StatefulSet>(observed.objects, refOf(desired.statefulSet));
  if (!set.known || set.value === undefined) return false;
  return JSON.stringify(hbaOf(set.value) ?? []) !== JSON.stringify(desired.patroni.hba);
}

function hbaOf(set: StatefulSet): unknown {
  const env = postgresContainerOf(set.spec?.template?.spec)?.env ?? [];
  const text = env.find(({ name }) => name === "SPILO_CONFIGURATION")?.value;
  try {
    return (JSON.parse(text ?? "") as { postgresql?: { pg_hba?: unknown } }).postgresql?.pg_hba;
  } catch {
    return undefined;
  }
}

function slotChange(
  context: Pick<PlanContext, "desired" | "effective" | "memory" | "observed">,
  observed: ObservedPatroni,
  reasons: Reason[],
): Json {
  const have = asRecord(observed.config["slots"]);
  const slots = wantedSlots(context, have);
  const change: Json = {};
  for (const [name, slot] of Object.entries(slots)) {
    const found = mismatches(`slots.${name}`, slot, ownValue(have, name));
    if (found.length === 0) continue;
    change[name] = slot;
    reasons.push(...found);
  }
  for (const name of context.memory.slots) {
    if (Object.hasOwn(context.desired.patroni.slots, name) || !Object.hasOwn(have, name)) continue;
    change[name] = null;
    reasons.push(`slots.${name}: no longer wanted`);
  }
  return change;
}

function asRecord(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Json : {};
}

function parameterReason(name: string, desired: string | undefined, observed: unknown): Mismatch {
  const path = fieldPath("postgresql.parameters", name);
  return { path, desired, observed, bare: true };
}
