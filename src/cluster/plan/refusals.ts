/** Which subject waits for a manifest that cannot be honoured, or for an input that is unread. */

import { type Issue, issueText } from "../../api/validate.ts";
import type { Unknown } from "../effective/findings.ts";
import type { Held } from "./steps/action.ts";
import type { Subject } from "../subject.ts";

/** The first matching start of a path decides; fields that decide about everything come first. */
const SUBJECT_OF_PATH: readonly (readonly [RegExp, Subject])[] = [
  [/^spec\.(users|preparedDatabases|databases)/, "credentials"],
  [/^spec\.(connectionPooler|enable(Replica)?ConnectionPooler)/, "pooler"],
  [/^spec\.(logicalBackup|enableLogicalBackup)/, "logical backup"],
  [/^spec\.streams/, "streams"],
  [
    /^spec\.(sidecars|initContainers|resources|volume|additionalVolumes|env|envFrom|tls|standby|clone|nodeAffinity|tolerations)/,
    "statefulset",
  ],
];

/** Issues found while the manifest is resolved hold back the subject that their field is for. */
export function refusalsOf(issues: readonly Issue[], unknowns: readonly Unknown[]): Held[] {
  return [
    ...issues.map((issue): Held => ({
      subject: SUBJECT_OF_PATH.find(([pattern]) => pattern.test(issue.path))?.[1] ?? "statefulset",
      kind: "refused",
      reason: issueText(issue),
    })),
    ...unknowns.map(({ subject, reason }): Held => ({ subject, kind: "unreadable", reason })),
  ];
}
