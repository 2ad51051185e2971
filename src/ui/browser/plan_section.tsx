/** What was done of late, field by field and with its reasons, and what waits. */

import type { RowView } from "../../debug/overview_shapes.ts";
import type { KeptPlanView } from "../../debug/shapes.ts";
import { age, count } from "./format.ts";
import { Empty, NotThere, Pill, Section, useAsked } from "./parts.tsx";
import type { Tone } from "./state.ts";
import { now } from "./store.ts";

type Step = KeptPlanView["steps"][number];

/** What has to happen before something held back is done, by its kind. */
const KIND_TONES: Readonly<Record<string, Tone>> = {
  refused: "bad",
  braked: "bad",
  unreadable: "warn",
  blocked: "warn",
  waiting: "busy",
  paused: "busy",
  postponed: "idle",
  left: "idle",
  overridden: "idle",
};

/** What is wanted and not done yet; nothing where all is done. */
export function HeldSection({ held }: { held: RowView["held"] }) {
  if (held.length === 0) return null;
  return (
    <Section title="Not done yet" note="and what each waits for">
      <ul class="held">
        {held.map(({ subject, kind, reason }) => (
          <li key={subject + reason}>
            <Pill tone={KIND_TONES[kind] ?? "busy"}>{kind}</Pill> <strong>{subject}</strong>{" "}
            {reason}
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** The last plans that did something, the newest open. */
export function PlansSection({ path, changed }: { path: string; changed: string }) {
  const { value, error } = useAsked<readonly KeptPlanView[]>(`${path}/plans`, 0, changed);
  const title = "What was done last";
  if (error) {
    return (
      <Section title={title}>
        <NotThere error={error} />
      </Section>
    );
  }
  if (value === undefined) return null;
  return (
    <Section title={title} note="since the operator started">
      {value.length === 0
        ? <Empty>Nothing was to be done: everything is as the manifest asks.</Empty>
        : value.map((plan, index) => <KeptPlan key={plan.since} plan={plan} open={index === 0} />)}
    </Section>
  );
}

function KeptPlan({ plan, open }: { plan: KeptPlanView; open: boolean }) {
  const { steps, cause, at, times, since } = plan;
  const failed = steps.filter(({ result }) => result.startsWith("failed")).length;
  return (
    <details class="sheet kept" open={open}>
      <summary>
        {age(at, now.value)} ago: {count(steps.length, "step")}, because of {cause}
        {failed > 0 && <Pill tone="bad">{failed} failed</Pill>}
        {worst(steps) !== "none" && <EffectPill effect={worst(steps)} />}
        {times > 1 && (
          <span class="muted">tried {times} times, first {age(since, now.value)} ago</span>
        )}
      </summary>
      <ol class="plan">{steps.map((step, index) => <StepItem key={index} step={step} />)}</ol>
    </details>
  );
}

const EFFECTS = ["none", "reload", "restart", "destructive"];

function worst(steps: readonly Step[]): string {
  return EFFECTS[Math.max(0, ...steps.map(({ effect }) => EFFECTS.indexOf(effect)))] ?? "none";
}

const EFFECT_TONES: Readonly<Record<string, Tone>> = {
  none: "idle",
  reload: "busy",
  restart: "warn",
  destructive: "bad",
};

function EffectPill({ effect }: { effect: string }) {
  return <Pill tone={EFFECT_TONES[effect] ?? "idle"}>{effect}</Pill>;
}

function resultTone(result: string): Tone {
  if (result.startsWith("failed")) return "bad";
  return result === "done" ? "good" : "idle";
}

/** One step of a plan. */
function StepItem({ step }: { step: Step }) {
  return (
    <li>
      <p class="step">
        <Pill tone={resultTone(step.result)}>{step.result.split(":")[0]}</Pill>
        <span class="action">{step.action}</span>
        {step.effect !== "none" && <EffectPill effect={step.effect} />}
      </p>
      {step.result.includes(":") && <p class="message">{step.result}</p>}
      {step.sentences.length > 0 && (
        <ul class="evidence">{step.sentences.map((text) => <li key={text}>{text}</li>)}</ul>
      )}
      {step.changes.length > 0 && <Changes changes={step.changes} />}
    </li>
  );
}

/** Fields before and after. */
function Changes({ changes }: { changes: Step["changes"] }) {
  return (
    <ul class="diff">
      {changes.map(({ path, from, to, hidden }) => (
        <li key={path}>
          <code class="path">{path}</code>
          {hidden ? <span class="muted">changed; the value is not shown</span> : (
            <>
              <del>
                <span class="hidden">before</span> {from}
              </del>
              <ins>
                <span class="hidden">after</span> {to}
              </ins>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
