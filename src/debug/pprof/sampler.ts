/**
 * Takes profiles of this process with V8's sampling profilers, one at a time. The inspector is in
 * the process: no port is opened.
 */

import { type HeapProfiler, type Profiler, Session } from "node:inspector";

/** One function on a stack, as V8 names it. Lines and columns count from 0. */
export interface Frame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** What was on the stack, innermost function first, and how often or how much. */
export interface StackSample {
  readonly stack: readonly Frame[];
  /** `count`: samples or allocations; `weight`: nanoseconds or bytes. */
  readonly count: number;
  readonly weight: number;
}

/** V8's own form of a profile of the processor, which tools of Chrome read. */
export type CpuProfile = Profiler.Profile;

/** Another profile is being taken. */
export class BusyError extends Error {
  override readonly name = "BusyError";
}

const MICROSECONDS = { sampling: 5_000 };
const HEAP_INTERVAL_BYTES = 32 * 1024;

/** Takes one profile at a time; more are refused with `BusyError`. */
export interface Sampler {
  cpu(ms: number, signal: AbortSignal): Promise<CpuProfile>;
  /** Allocations made during `ms` that are still alive at its end. */
  heap(ms: number, signal: AbortSignal): Promise<StackSample[]>;
}

/** Makes the sampler; `sleep` ends early when aborted, and then the profile is what there is. */
export function createSampler(
  sleep: (ms: number, signal: AbortSignal) => Promise<void>,
): Sampler {
  let busy = false;
  async function exclusively<T>(take: (post: Post) => Promise<T>): Promise<T> {
    if (busy) throw new BusyError("another profile is being taken; try again when it has ended");
    busy = true;
    const session = new Session();
    try {
      session.connect();
      return await take(postOf(session));
    } finally {
      session.disconnect();
      busy = false;
    }
  }
  return {
    cpu: (ms, signal) =>
      exclusively(async (post) => {
        await post("Profiler.enable");
        await post("Profiler.setSamplingInterval", { interval: MICROSECONDS.sampling });
        await post("Profiler.start");
        await sleep(ms, signal);
        const { profile } = await post("Profiler.stop") as Profiler.StopReturnType;
        return profile;
      }),
    heap: (ms, signal) =>
      exclusively(async (post) => {
        await post("HeapProfiler.enable");
        await post("HeapProfiler.startSampling", { samplingInterval: HEAP_INTERVAL_BYTES });
        await sleep(ms, signal);
        const { profile } = await post(
          "HeapProfiler.stopSampling",
        ) as HeapProfiler.StopSamplingReturnType;
        return heapSamples(profile.head);
      }),
  };
}

type Post = (method: string, parameters?: object) => Promise<unknown>;

function postOf(session: Session): Post {
  return (method, parameters = {}) =>
    new Promise((resolve, reject) =>
      session.post(method, parameters, (error, result) => error ? reject(error) : resolve(result))
    );
}

/** The stacks of a profile of the processor, each once. */
export function cpuSamples({ nodes, samples = [], timeDeltas = [] }: CpuProfile): StackSample[] {
  const parents = new Map<number, number>();
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const totals = new Map<number, { count: number; weight: number }>();
  samples.forEach((id, index) => {
    const total = totals.get(id) ?? { count: 0, weight: 0 };
    total.count++;
    total.weight += Math.max(0, timeDeltas[index] ?? 0) * 1000;
    totals.set(id, total);
  });
  return [...totals].map(([id, total]) => {
    const stack: Frame[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame;
      if (frame !== undefined && frame.functionName !== "(root)") stack.push(frame);
    }
    return { stack, ...total };
  });
}

function heapSamples(head: HeapProfiler.SamplingHeapProfileNode): StackSample[] {
  const found: StackSample[] = [];
  // Without recursion: a deep stack must not overflow ours.
  const open: { node: typeof head; stack: readonly Frame[] }[] = [{ node: head, stack: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, stack: outer } = next;
    const isRoot = node.callFrame.functionName === "(root)";
    const stack = isRoot ? outer : [node.callFrame, ...outer];
    if (node.selfSize > 0) found.push({ stack, count: 1, weight: node.selfSize });
    for (const child of node.children) open.push({ node: child, stack });
  }
  return found;
}
