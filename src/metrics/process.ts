/** Metrics of the process itself, under the names that Prometheus' clients share. */

import { cpuUsage } from "node:process";
import type { Reading } from "./metrics.ts";

/** `startedAt` is when the process began. */
export function processReadings(startedAt: Date, version: string): Reading[] {
  const one = (value: () => number) => () => [{ labels: {}, value: value() }];
  return [
    {
      name: "process_cpu_seconds_total",
      help: "Seconds of processor time that the process used.",
      labels: [],
      kind: "counter",
      read: one(() => {
        const { user, system } = cpuUsage();
        return (user + system) / 1e6;
      }),
    },
    {
      name: "process_resident_memory_bytes",
      help: "Resident memory of the process.",
      labels: [],
      read: one(() => Deno.memoryUsage().rss),
    },
    {
      name: "process_start_time_seconds",
      help: "When the process began, in seconds since 1970.",
      labels: [],
      read: one(() => startedAt.getTime() / 1000),
    },
    {
      name: "pgop_heap_bytes",
      help: "Memory in use by JavaScript.",
      labels: [],
      read: one(() => Deno.memoryUsage().heapUsed),
    },
    {
      name: "pgop_build_info",
      help: "Always 1; the label names the version.",
      labels: ["version"],
      read: () => [{ labels: { version }, value: 1 }],
    },
  ];
}
