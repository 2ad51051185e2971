/**
 * What is worth a person's look at a cluster, by fixed rules: each says what it goes by and what may
 * be done. What is not known makes no finding. Pure.
 */

import type { Postgresql } from "../../api/types.gen.ts";
import { isPending } from "../../cluster/plan/steps/action.ts";
import type { Finding, MemberView } from "../../debug/overview_shapes.ts";
import type { LastPass } from "../registry.ts";

/** What the rules look at. */
export interface Looked {
  readonly cr: Postgresql;
  readonly last: LastPass | undefined;
  /** Undefined where the pods are not known. */
  readonly members: readonly MemberView[] | undefined;
  readonly now: Date;
}

interface Rule {
  readonly rule: string;
  readonly severity: Finding["severity"];
  readonly title: string;
  readonly advice: string;
  /** What makes the rule true; nothing where it is not. */
  readonly evidence: (looked: Looked) => readonly string[];
}

/** How long a condition may be false before that is a finding. */
const LONG_MS = 10 * 60_000;
/** A replica further behind would lose a lot, or take long to catch up. */
const FAR_BEHIND_BYTES = 256 * 1024 * 1024;
const MANY_RESTARTS = 5;

const RULES: readonly Rule[] = [
  {
    rule: "no-primary",
    severity: "critical",
    title: "No member is the primary",
    advice: "Nothing can be written. Look at the members' logs and at `patronictl list`.",
    evidence: ({ members, cr }) =>
      members === undefined || wanted(cr) === 0 || members.some(isPrimary)
        ? []
        : [`${members.length} pods, none with the primary's role`],
  },
  {
    rule: "two-primaries",
    severity: "critical",
    title: "More than one member calls itself the primary",
    advice:
      "Patroni settles this by itself; if it stays, stop the one that is not in the leader key.",
    evidence: ({ members = [] }) => {
      const primaries = members.filter(isPrimary);
      return primaries.length < 2 ? [] : primaries.map(({ name }) => `${name} has the role`);
    },
  },
  {
    rule: "pass-fails",
    severity: "critical",
    title: "The last pass failed",
    advice: "It is tried again with growing pauses; the message says what is in the way.",
    evidence: ({ last }) => last?.failure === undefined ? [] : [last.failure],
  },
  {
    rule: "archiving-fails",
    severity: "critical",
    title: "WAL does not reach the archive",
    advice:
      "It piles up on the volume until that is full. Look at the primary's log and the bucket.",
    evidence: (looked) => backupTrouble(looked, ["ArchiverFails"]),
  },
  {
    rule: "restart-loop",
    severity: "critical",
    title: "Restarts are held back: they came again and again",
    advice:
      "Somebody sets back what the operator wants. The message names the fields; end one side.",
    evidence: ({ cr }) => {
      const stands = conditionOf(cr, "RestartLoopPrevented");
      return stands?.status === "True" ? [stands.message ?? ""] : [];
    },
  },
  {
    rule: "held-long",
    severity: "warning",
    title: "A change waits for more than 10 minutes",
    advice: "What it waits for has to happen outside of the operator, or does not come.",
    evidence: ({ cr, last, now }) => heldLong(cr, last, now),
  },
  {
    rule: "members-missing",
    severity: "warning",
    title: "Members are missing",
    advice: "A failover has fewer candidates, or none. Look at the pods that are not ready.",
    evidence: ({ cr, members }) => missing(cr, members),
  },
  {
    rule: "not-streaming",
    severity: "warning",
    title: "A replica does not stream",
    advice: "It falls behind; if its WAL is gone from the primary, it has to be reinitialised.",
    evidence: ({ members = [] }) =>
      members.filter(({ role, ready, state }) =>
        role === "replica" && ready &&
        !["", "streaming", "running", "in archive recovery"].includes(state)
      ).map(({ name, state }) => `${name} is ${state}`),
  },
  {
    rule: "far-behind",
    severity: "warning",
    title: "A replica is far behind",
    advice: "A failover to it would lose what it has not got. Look at its disk and network.",
    evidence: ({ members = [] }) =>
      members.filter(({ lagBytes }) => (lagBytes ?? 0) > FAR_BEHIND_BYTES)
        .map(({ name, lagBytes }) =>
          `${name} is ${Math.round((lagBytes ?? 0) / 1048576)} MiB behind`
        ),
  },
  {
    rule: "restart-pending",
    severity: "notice",
    title: "PostgreSQL waits for a restart",
    advice: "A changed parameter takes effect with it; the operator restarts when it may.",
    evidence: ({ members = [] }) =>
      members.filter(({ pendingRestart }) => pendingRestart).map(({ name }) => `${name} says so`),
  },
  {
    rule: "restarts",
    severity: "warning",
    title: "A member's container was restarted many times",
    advice: "`kubectl logs --previous` shows how it ended; memory limits are a common cause.",
    evidence: ({ members = [] }) =>
      members.filter(({ restarts }) => restarts >= MANY_RESTARTS)
        .map(({ name, restarts }) => `${name}: ${restarts} restarts`),
  },
  {
    rule: "one-node",
    severity: "warning",
    title: "All members are on one node",
    advice: "The node's end is the cluster's. `enable_pod_antiaffinity` spreads members.",
    evidence: ({ members = [] }) => {
      const nodes = new Set(members.map(({ node }) => node));
      const [node = ""] = nodes;
      return members.length > 1 && nodes.size === 1 && node !== ""
        ? [`${members.length} members on ${node}`]
        : [];
    },
  },
  {
    rule: "single-member",
    severity: "notice",
    title: "There is one member only",
    advice: "Node maintenance and crashes are outages. `numberOfInstances: 2` adds a replica.",
    evidence: ({ cr }) => wanted(cr) === 1 ? ["numberOfInstances is 1"] : [],
  },
  {
    rule: "backup-unknown",
    severity: "notice",
    title: "Whether backups work is not known",
    advice: "The operator asks the primary's pod (`pods/exec`), which asks its archive.",
    evidence: ({ cr }) => backupCondition(cr, "Unknown"),
  },
  {
    rule: "no-recent-backup",
    severity: "warning",
    title: "Backups are missing, old, or fail",
    advice:
      "A restore would take long, or is impossible. Look at the logs of the primary's pod and of the Job.",
    evidence: (looked) => backupTrouble(looked, ["Stale", "NoBaseBackup", "LogicalBackupFails"]),
  },
  {
    rule: "request-failed",
    severity: "warning",
    title: "What somebody asked for was not done",
    advice: "Mend what the message says, and ask again with another id.",
    evidence: ({ cr, now }) => failedRequests(cr, now),
  },
  {
    rule: "set-aside",
    severity: "notice",
    title: "The cluster is paused or hibernates",
    advice: "Nothing is changed meanwhile. Taking the annotation away ends it.",
    evidence: ({ cr }) =>
      (cr.status?.requests ?? []).filter(({ state }) => state === "active")
        .map(({ what, id, time }) => `${what} ${id}, since ${time}`),
  },
  {
    rule: "overridden",
    severity: "notice",
    title: "Somebody else sets fields of the cluster's objects",
    advice: "The operator leaves these to them. Change the manifest, or end what sets them.",
    evidence: ({ cr }) => cr.status?.overridden ?? [],
  },
  {
    rule: "no-backup",
    severity: "warning",
    title: "No backup is configured",
    advice: "Name a bucket in the operator's configuration, or set enableLogicalBackup.",
    evidence: ({ cr, last }) => withoutBackup(cr, last),
  },
];

/** Severities, the worst first. */
const ORDER: readonly Finding["severity"][] = ["critical", "warning", "notice"];

/** What the rules find, the worst first. */
export function findingsOf(looked: Looked): Finding[] {
  if (looked.cr.metadata.deletionTimestamp !== undefined) return [];
  return RULES.flatMap(({ evidence, ...rest }) => {
    const found = evidence(looked);
    return found.length === 0 ? [] : [{ ...rest, evidence: [...found] }];
  }).sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

function wanted(cr: Postgresql): number {
  return cr.spec.numberOfInstances;
}

function isPrimary({ role, ready }: MemberView): boolean {
  return role === "primary" && ready;
}

function missing(cr: Postgresql, members: readonly MemberView[] | undefined): string[] {
  if (members === undefined || !isOld(cr)) return [];
  const ready = members.filter((member) => member.ready).length;
  if (ready >= wanted(cr)) return [];
  const down = members.filter((member) => !member.ready);
  return [
    `${ready} of ${wanted(cr)} are ready`,
    ...down.map(({ name, phase }) => `${name} is ${phase || "not up"}`),
  ];
}

/** A cluster that has come up once; before that members are missing by nature. */
function isOld({ status }: Postgresql): boolean {
  return !["", "Creating", undefined].includes(status?.PostgresClusterStatus);
}

function conditionOf({ status }: Postgresql, type: string) {
  return status?.conditions?.find((one) => one.type === type);
}

/** A new cluster has no base backup by nature. */
const FIRST_BACKUP_MS = 24 * 60 * 60_000;

function backupTrouble({ cr, now }: Looked, words: readonly string[]): string[] {
  const backups = conditionOf(cr, "BackupOK");
  if (backups?.status !== "False" || !words.includes(backups.reason ?? "")) return [];
  const age = now.getTime() - Date.parse(cr.metadata.creationTimestamp ?? "");
  if (backups.reason === "NoBaseBackup" && age < FIRST_BACKUP_MS) return [];
  const { lastBaseBackup } = cr.status?.backups ?? {};
  return [
    backups.message ?? "",
    ...(lastBaseBackup === undefined ? [] : [`the last base backup is of ${lastBaseBackup}`]),
  ].filter((text, index, all) => text !== "" && all.indexOf(text) === index);
}

/** How long a failed request is worth a look. */
const REQUEST_MS = 24 * 60 * 60_000;

function failedRequests({ status }: Postgresql, now: Date): string[] {
  return (status?.requests ?? [])
    .filter(({ state, time }) =>
      ["failed", "refused"].includes(state) && now.getTime() - Date.parse(time) < REQUEST_MS
    ).map(({ what, id, message = "" }) => `${what} ${id}: ${message}`);
}

function heldLong(cr: Postgresql, last: LastPass | undefined, now: Date): string[] {
  const synced = conditionOf(cr, "Synced");
  const since = Date.parse(synced?.lastTransitionTime ?? "");
  if (synced?.status !== "False" || !(now.getTime() - since > LONG_MS)) return [];
  return (last?.plan.held ?? []).filter(isPending)
    .map(({ subject, reason }) => `${subject}: ${reason}`);
}

function backupCondition(cr: Postgresql, wanted: string): string[] {
  const told = conditionOf(cr, "BackupOK");
  return told?.status === wanted ? [`${told.reason}: ${told.message}`] : [];
}

/** Goes by what the pods get, since that is where every setting ends. */
function withoutBackup(cr: Postgresql, last: LastPass | undefined): string[] {
  const archives = last?.seen?.archives ?? true;
  if (archives || cr.spec.enableLogicalBackup === true) return [];
  return ["no variable of the pods names an archive", "enableLogicalBackup is not set"];
}
