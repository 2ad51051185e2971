/** Findings with what they go by and what may be done. */

import type { Finding } from "../../debug/overview_shapes.ts";
import { Pill } from "./parts.tsx";
import type { Tone } from "./state.ts";

/** The colour of a severity. */
export const SEVERITY_TONES: Readonly<Record<Finding["severity"], Tone>> = {
  critical: "bad",
  warning: "warn",
  notice: "idle",
};

export function FindingList({ findings }: { findings: readonly Finding[] }) {
  return (
    <ul class="findings">
      {findings.map(({ rule, severity, title, evidence, advice }) => (
        <li key={rule} class={SEVERITY_TONES[severity]}>
          <h3>
            <Pill tone={SEVERITY_TONES[severity]}>{severity}</Pill> {title}
          </h3>
          <ul class="evidence">{evidence.map((text) => <li key={text}>{text}</li>)}</ul>
          <p class="muted">{advice}</p>
        </li>
      ))}
    </ul>
  );
}
