/**
 * Writers that write nothing: for an operator that runs beside another one and only says what it
 * would do. A pass in that mode performs no step; whatever should try all the same fails here.
 */

import type { Writers } from "../cluster/apply/perform.ts";

/** The same writers without a way to change anything. */
export function withoutWrites(writers: Writers): Writers {
  const refuse = () => Promise.reject(new Error("nothing is written in shadow mode"));
  return {
    ...writers,
    kube: {
      create: refuse,
      patch: refuse,
      replace: refuse,
      delete: refuse,
      awaitGone: refuse,
      tryCreate: () => Promise.resolve(undefined),
      mayPatch: (target, signal) => writers.kube.mayPatch(target, signal),
    },
    events: { emit: () => {} },
    patroni: { ...writers.patroni, send: refuse },
    sql: { open: refuse },
    exec: { exec: refuse },
    volumes: { modify: refuse },
  };
}
