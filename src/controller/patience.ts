/**
 * Whoever writes a manifest chooses what answers as Patroni, as PostgreSQL and in a pod's shell. A
 * pass that waits for one of them gives its worker to the next pass after a moment, so that peers
 * that answer slowly or never cost nobody else's time.
 */

import type { PassTools } from "../cluster/pass/reconcile.ts";
import type { SqlSession } from "../ports/ports.ts";

/** How long a worker waits together with its pass. */
export const PATIENCE_MS = 250;

export interface PatienceClock {
  setTimer(callback: () => void, ms: number): number;
  clearTimer(id: number): void;
}

/** The tools of one pass, which call `tired` when a peer of its cluster keeps it waiting. */
export function withPatience(
  tools: PassTools,
  clock: PatienceClock,
  tired: () => void,
): PassTools {
  const wait = async <T>(work: () => Promise<T>): Promise<T> => {
    const timer = clock.setTimer(tired, PATIENCE_MS);
    try {
      return await work();
    } finally {
      clock.clearTimer(timer);
    }
  };
  const { patroni, writers, ebsVolumes } = tools;
  const session = (open: SqlSession): SqlSession => ({
    query: (statement) => wait(() => open.query(statement)),
    close: () => open.close(),
  });
  const api = {
    getConfig: (...of: Parameters<typeof patroni.getConfig>) =>
      wait(() => patroni.getConfig(...of)),
    getCluster: (...of: Parameters<typeof patroni.getCluster>) =>
      wait(() => patroni.getCluster(...of)),
    getMember: (...of: Parameters<typeof patroni.getMember>) =>
      wait(() => patroni.getMember(...of)),
    send: (...of: Parameters<typeof patroni.send>) => wait(() => patroni.send(...of)),
  };
  return {
    ...tools,
    patroni: api,
    catalog: (...of) => wait(() => tools.catalog(...of)),
    ...(ebsVolumes === undefined
      ? {}
      : { ebsVolumes: (...of: Parameters<typeof ebsVolumes>) => wait(() => ebsVolumes(...of)) }),
    writers: {
      ...writers,
      patroni: api,
      sql: { open: (...of) => wait(async () => session(await writers.sql.open(...of))) },
      exec: { exec: (...of) => wait(() => writers.exec.exec(...of)) },
      volumes: { modify: (...of) => wait(() => writers.volumes.modify(...of)) },
    },
  };
}
