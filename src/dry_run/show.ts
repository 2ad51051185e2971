/**
 * A plan for people and for programs: what happens to which object and why, in sentences or as plain
 * data, and how much of what runs is disturbed. Bodies of objects are never shown, nor values behind
 * a telling name. Pure.
 */

import type { StatefulSet } from "../kubernetes/types.gen.ts";
import { describeRef, refOf } from "../ports/requests.ts";
import type { Action, Effect, Held, HeldKind, Plan, Step } from "../cluster/plan/steps/action.ts";
import { mismatchesOf, reasonTexts } from "../cluster/plan/steps/reasons.ts";

/** What happens to one object. */
export interface ShownChange {
  /** `StatefulSet shop/acid-orders`, `Patroni of shop/acid-orders`. */
  readonly object: string;
  readonly verb: "make" | "change" | "remake" | "delete" | "tell" | "restart" | "run";
  readonly effect: Effect;
  readonly reasons: readonly string[];
}

export interface ShownHeld {
  readonly subject: string;
  readonly kind: HeldKind;
  readonly reason: string;
}

/** A plan without anything that only the operator needs. */
export interface ShownPlan {
  readonly cluster: string;
  /** The worst effect of all changes. */
  readonly effect: Effect;
  readonly changes: readonly ShownChange[];
  readonly held: readonly ShownHeld[];
}

const SEVERITY: readonly Effect[] = ["none", "reload", "restart", "destructive"];

/** The worse of two effects. */
export function worstEffect(effects: readonly Effect[]): Effect {
  const worst = Math.max(0, ...effects.map((effect) => SEVERITY.indexOf(effect)));
  return SEVERITY[worst] ?? "none";
}

/**
 * What a step does to what runs. Beyond what its planner says: taking an object away for good is
 * destructive, a changed pod template of a pooler restarts its pods.
 */
export function effectOf(step: Step): Effect {
  const { action } = step;
  if (action.kind === "delete" && action.request.target.kind !== "Pod") return "destructive";
  if (action.kind === "delete") return worstEffect(["restart", step.effect]);
  if (action.kind === "patch" && action.request.target.kind === "Deployment") {
    const { spec } = action.request.body as { spec?: { template?: unknown } };
    return worstEffect([spec?.template === undefined ? "none" : "restart", step.effect]);
  }
  if (action.kind === "patch" && action.request.target.kind === "StatefulSet") {
    return worstEffect([shrinkage(step, action.request.body), step.effect]);
  }
  const remade = action.kind === "recreate" || action.kind === "replace";
  if (remade && action.object.kind === "Deployment") return "restart";
  return step.effect;
}

/** Fewer instances: members end, and their volumes too where the policy says so. */
function shrinkage(step: Step, body: unknown): Effect {
  const fewer = mismatchesOf(step).some(({ path, desired, observed }) =>
    path === "spec.replicas" && Number(desired) < Number(observed)
  );
  if (!fewer) return "none";
  const { spec } = body as Partial<StatefulSet>;
  const policy = spec?.persistentVolumeClaimRetentionPolicy?.whenScaled;
  return policy === "Delete" ? "destructive" : "restart";
}

/** The plans of one cluster, in the order of their passes, as one. Events are left out. */
export function showPlans(plans: readonly Plan[]): ShownPlan {
  const changes = new Map<string, ShownChange>();
  for (const step of plans.flatMap(({ steps }) => steps)) {
    if (step.action.kind === "event") continue;
    const next = shownChange(step);
    const key = `${next.verb} ${next.object}`;
    changes.set(key, joined(changes.get(key), next));
  }
  const last = plans.at(-1);
  const list = [...changes.values()];
  return {
    cluster: last?.key ?? "",
    effect: worstEffect(list.map(({ effect }) => effect)),
    changes: list,
    held: (last?.held ?? []).map(shownHeld),
  };
}

function shownHeld({ subject, kind, reason }: Held): ShownHeld {
  return { subject, kind, reason };
}

function joined(before: ShownChange | undefined, next: ShownChange): ShownChange {
  if (before === undefined) return next;
  return {
    ...next,
    effect: worstEffect([before.effect, next.effect]),
    reasons: [...new Set([...before.reasons, ...next.reasons])],
  };
}

function shownChange(step: Step): ShownChange {
  const { object, verb } = target(step.action);
  // "Secret a/b is made: it is missing" reads better than the name twice.
  const reasons = reasonTexts(step).map((text) => text.replace(`${object} is `, "it is "));
  return { object, verb, effect: effectOf(step), reasons };
}

function target(action: Action): Pick<ShownChange, "object" | "verb"> {
  switch (action.kind) {
    case "create":
      return { verb: "make", object: describeRef(refOf(action.object)) };
    case "replace":
      return { verb: "change", object: describeRef(refOf(action.object)) };
    case "recreate":
      return { verb: "remake", object: describeRef(refOf(action.object)) };
    case "patch":
      return { verb: "change", object: describeRef(action.request.target) };
    case "delete": {
      const pod = action.request.target.kind === "Pod";
      return { verb: pod ? "restart" : "delete", object: describeRef(action.request.target) };
    }
    case "patroni": {
      const { namespace, name } = action.pod;
      if (action.request.call === "restart") {
        return { verb: "restart", object: `PostgreSQL in Pod ${namespace}/${name}` };
      }
      return { verb: "tell", object: `Patroni of ${namespace}/${name.replace(/-\d+$/, "")}` };
    }
    case "sql": {
      const { namespace, cluster, database } = action.target;
      return { verb: "change", object: `database ${database} of ${namespace}/${cluster}` };
    }
    case "exec": {
      const { namespace, name } = action.request.pod;
      return { verb: "run", object: `a command in Pod ${namespace}/${name}` };
    }
    case "modifyVolume":
      return { verb: "change", object: `volume ${action.request.id} of AWS` };
    case "upgrade": {
      const { namespace, name } = action.request.userId.pod;
      return { verb: "run", object: `the upgrade script in Pod ${namespace}/${name}` };
    }
    case "event":
      return { verb: "tell", object: `an Event ${action.note.reason}` };
  }
}

const SENTENCES: Readonly<Record<ShownChange["verb"], string>> = {
  make: "is made",
  change: "is changed",
  remake: "is deleted and recreated",
  delete: "is deleted",
  tell: "is told",
  restart: "restarts",
  run: "is run",
};

const CONSEQUENCES: Readonly<Record<Effect, string>> = {
  none: "nothing that runs is disturbed",
  reload: "PostgreSQL reloads its configuration",
  restart: "pods or PostgreSQL restart",
  destructive: "something is taken away for good",
};

/** What stands behind a single change. */
const TAGS: Readonly<Record<Effect, string>> = {
  none: "",
  reload: " (reload)",
  restart: " (restart)",
  destructive: " (destructive)",
};

/** Under what people read why something is not done, in the order of the text. */
const HEADINGS: readonly (readonly [string, readonly HeldKind[]])[] = [
  ["Refused, until the manifest or the configuration changes:", ["refused"]],
  ["Unknown, because it could not be read:", ["unreadable"]],
  ["Waits:", ["waiting", "blocked", "paused"]],
  ["Postponed:", ["postponed", "left"]],
  ["Left alone, because others change it or it had no effect:", ["overridden", "braked"]],
];

/** The plan of one cluster as text, ending in a new line. */
export function planText({ cluster, effect, changes, held }: ShownPlan): string {
  const stuck = held.some(({ kind }) => kind === "refused" || kind === "unreadable");
  const count = changes.length === 1 ? "1 change" : `${changes.length} changes`;
  const head = changes.length === 0
    ? stuck ? "nothing is done" : "nothing to do"
    : `${count}; ${CONSEQUENCES[effect]}`;
  return [
    `${cluster}: ${head}.`,
    ...changes.flatMap(changeLines),
    ...HEADINGS.flatMap(([heading, kinds]) =>
      heldLines(heading, held.filter(({ kind }) => kinds.includes(kind)))
    ),
  ].join("\n") + "\n";
}

function changeLines({ object, verb, effect, reasons }: ShownChange): string[] {
  const sentence = `  ${object} ${SENTENCES[verb]}${TAGS[effect]}:`;
  const [only = ""] = reasons;
  if (reasons.length === 1) return [`${sentence} ${only}`];
  return [sentence, ...reasons.map((reason) => `    - ${reason}`)];
}

function heldLines(title: string, held: readonly ShownHeld[]): string[] {
  if (held.length === 0) return [];
  return [`  ${title}`, ...held.map(({ subject, reason }) => `    - ${subject}: ${reason}`)];
}
