/** The last plan of a cluster: what was done, field by field, and what is held back and why. */

import type { PlanView } from "../../debug/shapes.ts";
import { count } from "./format.ts";
import { Empty, Pill, Problem, Section, useAsked } from "./parts.tsx";
import type { Tone } from "./state.ts";

type Step = PlanView["steps"][number];

export function PlanSection({ path, changed }: { path: string; changed: string }) {
  const { value, error } = useAsked<PlanView>(`${path}/plan`, 0, changed);
  if (error?.status === 404) {
    return (
      <Section title="Last plan">
        <Empty>No pass has ended yet.</Empty>
      </Section>
    );
  }
  if (error) {
    return (
      <Section title="Last plan">
        <Problem>{error.message}</Problem>
      </Section>
    );
  }
  if (value === undefined) return null;
  const steps = value.steps;
  return (
    <Section
      title="Last plan"
      note={`${
        count(steps.length, "step")
      }, for generation ${value.generation}, because of ${value.cause}`}
    >
      {value.held.length > 0 && (
        <ul class="held">
          {value.held.map(({ subject, reason }) => (
            <li key={subject + reason}>
              <Pill tone="busy">held</Pill> <strong>{subject}</strong> {reason}
            </li>
          ))}
        </ul>
      )}
      {steps.length === 0
        ? <Empty>Nothing was to be done: everything is as the manifest asks.</Empty>
        : <ol class="plan">{steps.map((step, index) => <StepItem key={index} step={step} />)}</ol>}
    </Section>
  );
}

const EFFECT_TONES: Readonly<Record<string, Tone>> = {
  none: "idle",
  reload: "busy",
  restart: "warn",
  destructive: "bad",
};

function resultTone(result: string): Tone {
  if (result.startsWith("failed")) return "bad";
  return result === "done" ? "good" : "idle";
}

/** One step of a plan. */
export function StepItem({ step }: { step: Step }) {
  return (
    <li>
      <p class="step">
        <Pill tone={resultTone(step.result)}>{step.result.split(":")[0]}</Pill>
        <span class="action">{step.action}</span>
        {step.effect !== "none" && (
          <Pill tone={EFFECT_TONES[step.effect] ?? "idle"}>{step.effect}</Pill>
        )}
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
export function Changes({ changes }: { changes: Step["changes"] }) {
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
