/** Subjects that wait for a manifest that cannot be honoured, or for an input that is unread. */

import { type Issue, issueText } from "../../api/validate.ts";
import type { SubjectIssue, Unknown } from "../effective/findings.ts";
import type { Held } from "./steps/action.ts";

/** What was found while a manifest was checked and resolved. */
export interface FoundProblems {
  /** Of the manifest itself, as far as other subjects can go on: they are all about roles. */
  readonly manifest: readonly Issue[];
  readonly issues: readonly SubjectIssue[];
  readonly unknowns: readonly Unknown[];
}

/** Holds back the subject of each. */
export function refusalsOf({ manifest, issues, unknowns }: FoundProblems): Held[] {
  const roles = manifest.map((issue): SubjectIssue => ({ ...issue, subject: "credentials" }));
  return [
    ...[...roles, ...issues].map((issue): Held => ({
      subject: issue.subject,
      kind: "refused",
      reason: issueText(issue),
    })),
    ...unknowns.map(({ subject, reason }): Held => ({ subject, kind: "unreadable", reason })),
  ];
}
