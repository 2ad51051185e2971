/**
 * `kubectl pg restore`: the manifest of a cluster that is made from the archive of another, or of its
 * own former life.
 */

import { stringify } from "yaml";
import type { Postgresql } from "../api/types.gen.ts";
import { readCluster } from "./read.ts";
import { CommandError, type Session } from "./session.ts";

/**
 * The manifest: what the source has, with another name and where its data comes from. A copy beside
 * its source has no event streams: they would send the source's events once more.
 */
export function cloneManifest(source: Postgresql, name: string, at: string): Postgresql {
  const { metadata, spec, apiVersion, kind } = source;
  const { standby: _standby, clone: _clone, streams, ...kept } = spec;
  const inPlace = name === metadata.name;
  const rest = inPlace && streams !== undefined ? { ...kept, streams } : kept;
  return {
    apiVersion,
    kind,
    metadata: { namespace: metadata.namespace ?? "", name },
    spec: {
      ...rest,
      clone: { cluster: metadata.name ?? "", uid: metadata.uid ?? "", timestamp: at },
    },
  };
}

/** The time to restore to, as the operator takes it. @throws CommandError */
export function restoreTime(text: string | undefined, source: Postgresql, now: Date): string {
  const time = text === undefined ? now : new Date(text);
  if (Number.isNaN(time.getTime()) || (text !== undefined && !/[Z+-]\d*:?\d*$/.test(text))) {
    throw new CommandError(`--at ${text} is no time with a zone, such as 2026-01-31T22:00:00Z`);
  }
  if (time > now) throw new CommandError(`--at ${text} is in the future`);
  const made = source.metadata.creationTimestamp;
  if (made !== undefined && time < new Date(made)) {
    throw new CommandError(`--at ${text} is before the cluster was made, ${made}`);
  }
  const oldest = source.status?.backups?.oldestRecoverablePoint;
  // A backup has to be there before the time, not at it.
  if (oldest !== undefined && time <= new Date(oldest)) {
    throw new CommandError(`--at ${text} is not after ${oldest}, the oldest point of the archive`);
  }
  return time.toISOString().replace(/\.\d+Z$/, "+00:00");
}

/**
 * What a person should know of the archive before relying on it.
 * @throws CommandError where there is nothing to restore from
 */
export function doubtsOf({ status }: Postgresql): string[] {
  const { archiver, lastBaseBackup, lastFailedWal } = status?.backups ?? {};
  const told = status?.conditions?.find(({ type }) => type === "BackupOK");
  if (told?.reason === "NoBaseBackup") {
    throw new CommandError("there is no base backup to restore from");
  }
  const doubts = [];
  if (lastBaseBackup === undefined) {
    const why = told === undefined ? "its status says nothing of an archive" : told.message;
    doubts.push(`it is unknown what the archive has: ${why}`);
  } else if (told?.status === "Unknown") {
    doubts.push(`what is said of the archive is of an earlier look: ${told.message}`);
  }
  if (archiver === "off") doubts.push("WAL is not archived: nothing after the last base backup is");
  if (archiver === "failing") {
    const from = lastFailedWal === undefined ? "" : ` from ${lastFailedWal} on`;
    doubts.push(`WAL is not archived${from}: what was written since is not in the archive`);
  }
  return doubts;
}

/** What a copy that runs beside its source would do twice. */
function doubledBy({ spec }: Postgresql): string[] {
  const annotations = [
    spec.serviceAnnotations,
    spec.masterServiceAnnotations,
    spec.replicaServiceAnnotations,
  ];
  const named = annotations.flatMap((some) => Object.keys(some ?? {}))
    .filter((key) => key.startsWith("external-dns.alpha.kubernetes.io/"));
  return [
    ...(spec.streams?.length ? ["event streams are left out of a copy"] : []),
    ...(named.length === 0
      ? []
      : [`annotations of Services give the copy the source's names in DNS: ${named.join(", ")}`]),
  ];
}

/** Makes the manifest as YAML; what speaks against it goes to the terminal. @throws CommandError */
export async function restoreManifest(
  session: Session,
  { from, to, at }: { readonly from: string; readonly to: string; readonly at: string | undefined },
): Promise<string> {
  const source = await readCluster(session, from);
  const doubts = doubtsOf(source);
  const further = from === to
    ? [`this takes the place of ${from}: delete that, wait until it is gone, then apply this`]
    : doubledBy(source);
  doubts.push(...further);
  for (const doubt of doubts) session.terminal.complain(`note: ${doubt}\n`);
  return stringify(cloneManifest(source, to, restoreTime(at, source, session.now())));
}
