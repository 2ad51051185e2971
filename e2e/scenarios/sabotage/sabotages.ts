/** Faults that scenarios must find: an operator made wrong on purpose, in a copy of its sources. */
import { HANDS_OVER } from "../groups/pods.ts";
import { SECRET_FIRST } from "../groups/rotation.ts";

/** What stands once in a file below `src/`, and what stands there instead. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** One fault. */
export interface Sabotage {
  /** What the operator does wrong. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The scenario that must fail, and in which of its asserts. */
  readonly scenario: string;
  readonly assert: string;
}

export const SABOTAGES: readonly Sabotage[] = [
  {
    name: "the primary is recreated before the replicas",
    edits: [{
      file: "cluster/plan/pods/rollout.ts",
      from: "flagged.find((pod) => pod !== primaries[0])",
      to: "flagged.find((pod) => pod === primaries[0]) ?? flagged[0]",
    }],
    scenario: "test_additional_pod_capabilities",
    assert: HANDS_OVER,
  },
  {
    name: "passwords reach the database before their Secrets",
    edits: [
      {
        file: "cluster/plan/credentials/credentials.ts",
        from: 'credential: input.stage === "new" && near',
        to: "credential: near",
      },
      {
        file: "cluster/apply/apply_plan.ts",
        from: "stagesOf(plan.steps, rules)",
        to: `stagesOf(plan.steps.toSorted((a, b) =>
      Number(a.subject === "credentials") - Number(b.subject === "credentials")), rules)`,
      },
    ],
    scenario: SECRET_FIRST.name,
    assert: SECRET_FIRST.unknown,
  },
];

/** The file with the fault. @throws Error where the text that it replaces does not stand there once */
export function edited(text: string, { file, from, to }: Edit): string {
  const [before, after, ...more] = text.split(from);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`src/${file}: "${from}" does not stand there once; the sabotage has to follow`);
  }
  return `${before}${to}${after}`;
}
