/** What pages show out of a cluster's status, whoever has read it. Pure. */

import type { DetailView } from "./overview_shapes.ts";

/** The status, as far as it is shown here; `src/api/types.gen.ts` has the whole. */
interface Told {
  readonly status?: {
    readonly backups?: {
      readonly archiver?: string;
      readonly lastFailedWal?: string;
      readonly lastBaseBackup?: string;
      readonly oldestRecoverablePoint?: string;
      readonly lastLogicalBackup?: string;
    };
    readonly requests?: readonly {
      readonly what: string;
      readonly id: string;
      readonly state: string;
      readonly message?: string;
      readonly time: string;
    }[];
    readonly restarts?: readonly {
      readonly what: string;
      readonly pod: string;
      readonly why: string;
      readonly time: string;
    }[];
  };
}

/** Backups, requests and restarts of a cluster. */
export function statusParts({ status }: Told): Pick<
  DetailView,
  "backups" | "requests" | "restarts"
> {
  const { backups, requests = [], restarts = [] } = status ?? {};
  return {
    backups: backups === undefined ? null : {
      archiver: backups.archiver ?? "",
      lastFailedWal: backups.lastFailedWal ?? "",
      lastBaseBackup: backups.lastBaseBackup ?? "",
      oldestRecoverablePoint: backups.oldestRecoverablePoint ?? "",
      lastLogicalBackup: backups.lastLogicalBackup ?? "",
    },
    requests: requests.map(({ what, id, state, message = "", time }) => ({
      what,
      id,
      state,
      message,
      time,
    })),
    restarts: restarts.map(({ what, pod, why, time }) => ({ what, pod, why, time })),
  };
}

/** The later of both kinds of backups; empty where none is known. */
export function lastBackupOf({ status }: Told): string {
  const { lastBaseBackup = "", lastLogicalBackup = "" } = status?.backups ?? {};
  const later = (Date.parse(lastBaseBackup) || 0) >= (Date.parse(lastLogicalBackup) || 0);
  return later ? lastBaseBackup : lastLogicalBackup;
}
