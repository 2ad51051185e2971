/** Asks the primary's pod for its backups; reads only. */

import { known, type Observation, unknown } from "../../ports/observation.ts";
import type { PodExec } from "../../ports/ports.ts";
import type { PodRef } from "../../ports/requests.ts";
import { POSTGRES_CONTAINER } from "../desired/names.ts";
import { BACKUP_SCRIPT, backupsOf, type ObservedBackups } from "./backups.ts";

/** How long a look at the archive may take. */
const LONGEST_MS = 60_000;

/** Unknown where the pod does not answer, or has no tools for it. */
export async function readBackups(
  exec: PodExec,
  primary: PodRef,
  signal: AbortSignal,
): Promise<Observation<ObservedBackups>> {
  try {
    const { exitCode, stdout } = await exec.exec({
      pod: primary,
      container: POSTGRES_CONTAINER,
      command: ["/bin/bash", "-c", BACKUP_SCRIPT],
      timeoutMs: LONGEST_MS,
    }, signal);
    if (exitCode === 0) return known(backupsOf(stdout));
    return unknown(`the list of base backups could not be read: exit code ${exitCode}`);
  } catch (error) {
    signal.throwIfAborted();
    return unknown(error instanceof Error ? error.message : String(error));
  }
}
