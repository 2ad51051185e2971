/** `kubectl pg restore`: the manifest of a new cluster that is made from the archive of another. */

import { stringify } from "yaml";
import type { Postgresql } from "../api/types.gen.ts";
import { readCluster } from "./read.ts";
import { CommandError, type Session } from "./session.ts";

/** The manifest: what the source has, with another name and where its data comes from. */
export function cloneManifest(source: Postgresql, name: string, at: string): Postgresql {
  const { metadata, spec, apiVersion, kind } = source;
  const { standby: _standby, clone: _clone, ...rest } = spec;
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
  if (oldest !== undefined && time < new Date(oldest)) {
    throw new CommandError(`--at ${text} is before ${oldest}, the oldest point of the archive`);
  }
  return time.toISOString().replace(/\.\d+Z$/, "+00:00");
}

/** Makes the manifest as YAML. @throws CommandError */
export async function restoreManifest(
  session: Session,
  { from, to, at }: { readonly from: string; readonly to: string; readonly at: string | undefined },
): Promise<string> {
  const source = await readCluster(session, from);
  if (from === to) throw new CommandError("the new cluster needs a name of its own");
  return stringify(cloneManifest(source, to, restoreTime(at, source, session.now())));
}
