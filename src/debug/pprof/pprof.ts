/** Writes samples in the format of pprof, which `go tool pprof` and many viewers read. Pure. */

import {
  Function as PprofFunction,
  Line,
  Location,
  Profile,
  Sample,
  StringTable,
  ValueType,
} from "pprof-format";
import type { Frame, StackSample } from "./sampler.ts";

/** Where a function is in the source, as people know it. Lines count from 1. */
export interface SourcePlace {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** What the two values of each sample are. */
export type SampleKind = "cpu" | "heap";

const TYPES = {
  cpu: [["samples", "count"], ["cpu", "nanoseconds"]],
  heap: [["inuse_objects", "count"], ["inuse_space", "bytes"]],
} as const;

/** The profile as bytes, not compressed; `placeOf` names functions. */
export function encodePprof(samples: readonly StackSample[], options: {
  readonly kind: SampleKind;
  readonly takenAt: Date;
  readonly durationMs: number;
  readonly placeOf: (frame: Frame) => SourcePlace;
}): Uint8Array {
  const strings = new StringTable();
  const text = (value: string) => strings.dedup(value);
  const functions = new Map<string, PprofFunction>();
  const locations = new Map<string, Location>();

  function locationOf(frame: Frame): number {
    const { name, file, line } = options.placeOf(frame);
    const key = `${name}\n${file}\n${line}`;
    const known = locations.get(key);
    if (known !== undefined) return Number(known.id);
    const id = locations.size + 1;
    const called = { id, name: text(name), systemName: text(name), filename: text(file) };
    functions.set(key, new PprofFunction({ ...called, startLine: line }));
    locations.set(key, new Location({ id, line: [new Line({ functionId: id, line })] }));
    return id;
  }

  const sample = samples.map(({ stack, count, weight }) =>
    new Sample({ locationId: stack.map(locationOf), value: [count, Math.round(weight)] })
  );
  const sampleType = TYPES[options.kind].map(([type, unit]) =>
    new ValueType({ type: text(type), unit: text(unit) })
  );
  return new Profile({
    sampleType,
    sample,
    location: [...locations.values()],
    function: [...functions.values()],
    stringTable: strings,
    timeNanos: BigInt(options.takenAt.getTime()) * 1_000_000n,
    durationNanos: BigInt(Math.round(options.durationMs)) * 1_000_000n,
    periodType: sampleType[1]!,
    defaultSampleType: sampleType[1]!.type,
  }).encode();
}
