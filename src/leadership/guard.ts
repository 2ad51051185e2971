/**
 * Lets only the leader write: each write has to end before the leadership may end, and none begins
 * after it. What was sent before and is still on its way is cut off then.
 */

import type { Writers } from "../cluster/apply/perform.ts";
import type { Leadership } from "./leadership.ts";

/** The same writers, for as long as this process leads. Events are news and pass. */
export function whileLeading(
  writers: Writers,
  leadership: Pick<Leadership, "remainingMs">,
): Writers {
  const { kube, patroni, sql, exec, volumes } = writers;
  const bounded = (signal: AbortSignal) =>
    AbortSignal.any([signal, AbortSignal.timeout(leadership.remainingMs())]);
  return {
    ...writers,
    kube: {
      create: async (object, signal) => await kube.create(object, bounded(signal)),
      patch: async (request, signal) => await kube.patch(request, bounded(signal)),
      replace: async (object, signal) => await kube.replace(object, bounded(signal)),
      delete: async (request, signal) => await kube.delete(request, bounded(signal)),
      awaitGone: (request, signal) => kube.awaitGone(request, signal),
      tryCreate: (object, signal) => kube.tryCreate(object, signal),
      mayPatch: (target, signal) => kube.mayPatch(target, signal),
    },
    patroni: {
      ...patroni,
      send: async (pod, request, signal) => await patroni.send(pod, request, bounded(signal)),
    },
    sql: {
      async open(target, signal) {
        leadership.remainingMs();
        const session = await sql.open(target, signal);
        return {
          close: () => session.close(),
          async query(statement) {
            leadership.remainingMs();
            return await session.query(statement);
          },
        };
      },
    },
    volumes: {
      modify: async (request, signal) => await volumes.modify(request, bounded(signal)),
    },
    // A command may take hours; it is not begun by a former leader, and its outcome is found again.
    exec: {
      async exec(request, signal) {
        leadership.remainingMs();
        return await exec.exec(request, signal);
      },
    },
  };
}
