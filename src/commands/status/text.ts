/** One screen about a cluster; pure. */

import type { Observation } from "../../ports/observation.ts";
import { ageOf, bytesText, cut, table, WIDTH, wrapped } from "../table.ts";
import { membersOf, type MemberView, type StatusParts } from "./view.ts";

/** The screen, without a line longer than 100 characters. */
export function statusText(parts: StatusParts, now: Date): string {
  const sections = [
    headLines(parts, now),
    memberLines(parts, now),
    conditionLines(parts),
    requestLines(parts, now),
    backupLines(parts, now),
    poolerLines(parts),
    certificateLines(parts, now),
  ];
  return sections.filter((lines) => lines.length > 0).map((lines) => lines.join("\n") + "\n")
    .join("\n");
}

function headLines({ cr, pods, roleLabel }: StatusParts, now: Date): string[] {
  const { namespace, name, generation, creationTimestamp } = cr.metadata;
  const { status, spec } = cr;
  const members = pods.known ? membersOf(pods.value, roleLabel) : [];
  const ready = members.filter(({ ready }) => ready).length;
  const facts = [
    `PostgreSQL ${spec.postgresql.version}`,
    pods.known ? `${ready} of ${spec.numberOfInstances} members up` : "members unknown",
    `manifest ${generation ?? "?"}${settledText(status?.observedGeneration, generation)}`,
    ...(spec.teamId ? [`team ${spec.teamId}`] : []),
    `volume ${spec.volume.size}`,
    `${ageOf(creationTimestamp, now)} old`,
  ];
  return [
    cut(`${namespace}/${name}: ${status?.PostgresClusterStatus || "not looked at yet"}`, WIDTH),
    ...wrapped(facts.join(", "), 0),
  ];
}

function settledText(observed: number | undefined, generation: number | undefined): string {
  if (observed === undefined) return "";
  return observed === generation ? " in place" : ` not in place yet, ${observed} was last`;
}

function memberLines({ pods, roleLabel }: StatusParts, now: Date): string[] {
  if (!pods.known) return unknownLines("members", pods);
  const members = membersOf(pods.value, roleLabel);
  if (members.length === 0) return ["no pods"];
  const head = ["MEMBER", "ROLE", "TL", "LAG", "RESTART", "UP", "AGE", "NODE", "STATE"];
  return table(head, members.map((member) => memberRow(member, now)));
}

function memberRow(member: MemberView, now: Date): string[] {
  const { name, role, timeline, lagBytes, restart, ready, since, node, state, restarts } = member;
  return [
    name,
    role,
    timeline === undefined ? "-" : String(timeline),
    bytesText(lagBytes),
    restart || "-",
    ready ? "yes" : "no",
    ageOf(since, now),
    cut(node || "-", 20),
    restarts > 0 ? `${state}, ${restarts} container restarts` : state,
  ];
}

function conditionLines({ cr }: StatusParts): string[] {
  const conditions = cr.status?.conditions ?? [];
  if (conditions.length === 0) return [];
  const good = conditions.filter(({ status }) => status === "True");
  const rows = conditions.map(({ type, status, reason, message }) => {
    const settled = good.some((one) => one.type === type);
    return [type, status, reason, settled ? cut(message, 60) : ""];
  });
  const lines = table(["CONDITION", "STATUS", "REASON", ""], rows);
  // What does not hold is told in full.
  return lines.flatMap((line, index) => {
    const condition = conditions[index - 1];
    return condition === undefined || condition.status === "True"
      ? [line]
      : [line, ...wrapped(condition.message, 2)];
  });
}

function requestLines({ cr }: StatusParts, now: Date): string[] {
  const requests = cr.status?.requests ?? [];
  if (requests.length === 0) return [];
  const rows = requests.slice(0, 8).map(({ what, id, state, time, message = "" }) => [
    what,
    id,
    state,
    ageOf(time, now),
    message,
  ]);
  return table(["REQUEST", "ID", "STATE", "AGE", "ANSWER"], rows);
}

function backupLines(parts: StatusParts, now: Date): string[] {
  return [...archiveLines(parts, now), ...logicalLines(parts, now)];
}

/** What the operator was told by the pods. */
function archiveLines({ cr }: StatusParts, now: Date): string[] {
  const { archiver, lastBaseBackup, oldestRecoverablePoint, lastFailedWal } = cr.status?.backups ??
    {};
  if (archiver === undefined) return unknownArchive(cr);
  const newest = lastBaseBackup === undefined
    ? "no base backup yet"
    : `last base backup ${ageOf(lastBaseBackup, now)} ago`;
  const since = oldestRecoverablePoint === undefined
    ? ""
    : `, recoverable since ${oldestRecoverablePoint}`;
  const failed = lastFailedWal === undefined ? "" : ` at ${lastFailedWal}`;
  return [cut(`archive: ${archiver}${failed}, ${newest}${since}`, WIDTH)];
}

/** Where the pods archive WAL and nobody could say how that goes. */
function unknownArchive({ status }: StatusParts["cr"]): string[] {
  const told = status?.conditions?.find(({ type }) => type === "BackupOK");
  if (told?.reason !== "Unreadable") return [];
  return wrapped(`archive: unknown: ${told.message}`, 0);
}

function logicalLines({ cr, cronJobs }: StatusParts, now: Date): string[] {
  if (cr.spec.enableLogicalBackup !== true) return [];
  if (!cronJobs.known) return unknownLines("logical backups", cronJobs);
  if (cronJobs.value.length === 0) return ["logical backup: its CronJob is not there yet"];
  return cronJobs.value.map(({ spec, status }) => {
    const last = status?.lastSuccessfulTime;
    const success = last === undefined ? "none succeeded yet" : `last good one ${ageOf(last, now)}`;
    const begun = status?.lastScheduleTime;
    const begin = begun === undefined ? "none began yet" : `last began ${ageOf(begun, now)} ago`;
    const off = spec?.suspend === true ? ", suspended" : "";
    return cut(
      `logical backup: ${success}${last === undefined ? "" : " ago"}, ${begin}, ` +
        `schedule ${spec?.schedule}${off}`,
      WIDTH,
    );
  });
}

function poolerLines({ poolers }: StatusParts): string[] {
  if (!poolers.known) return unknownLines("poolers", poolers);
  return poolers.value.map(({ metadata, spec, status }) =>
    cut(
      `pooler ${metadata.name}: ${status?.readyReplicas ?? 0} of ${spec?.replicas ?? 1} up`,
      WIDTH,
    )
  );
}

function certificateLines({ certificate }: StatusParts, now: Date): string[] {
  if (!certificate.known) return unknownLines("certificate", certificate);
  if (certificate.value === undefined) return [];
  const { secret, until } = certificate.value;
  const days = Math.floor((Date.parse(until) - now.getTime()) / 86_400_000);
  const left = days < 0 ? `ended ${-days} days ago` : `good for ${days} days`;
  return [cut(`certificate of Secret ${secret}: ${left}, until ${until.slice(0, 10)}`, WIDTH)];
}

function unknownLines(what: string, { reason }: Observation<never> & { known: false }): string[] {
  return wrapped(`${what}: unknown: ${reason}`, 0);
}
