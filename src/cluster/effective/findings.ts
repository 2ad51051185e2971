/**
 * What resolvers report besides their result: notices for people, issues of the manifest or the
 * configuration that cannot be honoured, and subjects that must wait for an unread input.
 */

import type { Issue } from "../../api/validate.ts";
import type { Subject } from "../subject.ts";
import type { Notice } from "./notice.ts";

/** A field that cannot be honoured, and the subject of the plan that has to wait for it. */
export interface SubjectIssue extends Issue {
  readonly subject: Subject;
}

/** A subject of the plan that must be held back, because an input of it could not be read. */
export interface Unknown {
  readonly subject: Subject;
  readonly reason: string;
}

/** Filled by resolvers in the course of one pass; every resolver may add, none may read. */
export interface Findings {
  readonly notices: Notice[];
  readonly issues: SubjectIssue[];
  readonly unknowns: Unknown[];
}

/** Empty findings for one pass. */
export function newFindings(): Findings {
  return { notices: [], issues: [], unknowns: [] };
}

/** Adds a warning that becomes an Event when it has a reason. */
export function warn(findings: Findings, message: string, reason?: string): void {
  findings.notices.push({
    severity: "warning",
    message,
    ...(reason === undefined ? {} : { reason }),
  });
}
