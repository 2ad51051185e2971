/** What the operator would do for a manifest that is not stored yet. */

import { useState } from "preact/hooks";
import type { Json } from "../changed_paths.ts";
import { type ApiError, part } from "./api.ts";
import { count } from "./format.ts";
import { Empty, Pill, Problem, Section } from "./parts.tsx";
import { send } from "./session.ts";
import type { Tone } from "./state.ts";

/** A plan as `postgres-operator plan --json` has it. */
interface Plan {
  readonly effect: string;
  readonly changes: readonly {
    readonly object: string;
    readonly verb: string;
    readonly effect: string;
    readonly reasons: readonly string[];
  }[];
  readonly held: readonly {
    readonly subject: string;
    readonly kind: string;
    readonly reason: string;
  }[];
}

const WORDS: Readonly<Record<string, string>> = {
  make: "is made",
  change: "is changed",
  remake: "is deleted and recreated",
  delete: "is deleted",
  tell: "is told",
  restart: "restarts",
  run: "is run",
};

const TONES: Readonly<Record<string, Tone>> = {
  none: "good",
  reload: "busy",
  restart: "warn",
  destructive: "bad",
};

const CONSEQUENCES: Readonly<Record<string, string>> = {
  none: "nothing that runs is disturbed",
  reload: "PostgreSQL reloads its configuration",
  restart: "pods or PostgreSQL restart",
  destructive: "something is taken away for good",
};

export function PlanPreview(
  { namespace, name, manifest }: { namespace: string; name: string; manifest: Json },
) {
  const [plan, setPlan] = useState<{ of: string; value: Plan }>();
  const [error, setError] = useState<string>();
  const now = JSON.stringify(manifest);
  const askPlan = async () => {
    try {
      const path = `clusters/${part(namespace)}/${part(name)}/plan`;
      setPlan({ of: now, value: await send<Plan>("POST", path, manifest) });
      setError(undefined);
    } catch (error) {
      setPlan(undefined);
      setError((error as ApiError).message);
    }
  };
  return (
    <Section title="What the operator would do">
      {error && <Problem>{error}</Problem>}
      {plan?.of === now ? <Shown plan={plan.value} /> : (
        <p class="buttons">
          <button type="button" onClick={askPlan}>Ask the operator</button>
        </p>
      )}
    </Section>
  );
}

function Shown({ plan: { effect, changes, held } }: { plan: Plan }) {
  return (
    <>
      <p>
        <Pill tone={TONES[effect] ?? "idle"}>{effect === "none" ? "harmless" : effect}</Pill>{" "}
        {count(changes.length, "change")}; {CONSEQUENCES[effect]}.
      </p>
      {changes.length === 0 && <Empty>There would be nothing to do.</Empty>}
      <ol class="plan">
        {changes.map(({ object, verb, effect, reasons }) => (
          <li key={verb + object}>
            <p class="step">
              <span class="action">{object} {WORDS[verb] ?? verb}</span>
              {effect !== "none" && <Pill tone={TONES[effect] ?? "idle"}>{effect}</Pill>}
            </p>
            <ul class="evidence">{reasons.map((reason) => <li key={reason}>{reason}</li>)}</ul>
          </li>
        ))}
      </ol>
      {held.length > 0 && (
        <ul class="held">
          {held.map(({ subject, kind, reason }) => (
            <li key={subject + reason}>
              <Pill tone={kind === "refused" ? "bad" : "busy"}>{kind}</Pill>{" "}
              <strong>{subject}</strong> {reason}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
