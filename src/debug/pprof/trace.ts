/**
 * A profile of the processor as trace events: what Perfetto (https://ui.perfetto.dev) and the
 * performance page of Chrome read. Pure.
 */

import type { CpuProfile } from "./sampler.ts";

const PROCESS = { pid: 1, tid: 1 };

/** The events of one profile. */
export function traceEvents(profile: CpuProfile): { readonly traceEvents: readonly unknown[] } {
  const { nodes, samples, timeDeltas, startTime, endTime } = profile;
  const parents = new Map<number, number>();
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  const event = (name: string, fields: object) => ({
    ...PROCESS,
    ts: startTime,
    ph: "P",
    cat: "disabled-by-default-v8.cpu_profiler",
    id: "0x1",
    name,
    ...fields,
  });
  return {
    traceEvents: [
      {
        ...PROCESS,
        ts: 0,
        ph: "M",
        cat: "__metadata",
        name: "process_name",
        args: { name: "postgres-operator" },
      },
      event("Profile", { args: { data: { startTime } } }),
      event("ProfileChunk", {
        args: {
          data: {
            cpuProfile: {
              nodes: nodes.map(({ id, callFrame }) => ({
                id,
                callFrame,
                ...(parents.has(id) ? { parent: parents.get(id) } : {}),
              })),
              samples,
            },
            timeDeltas,
          },
        },
      }),
      event("ProfileChunk", { ts: endTime, args: { data: { endTime } } }),
    ],
  };
}
