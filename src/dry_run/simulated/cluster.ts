/**
 * An simulated cluster: API server, controllers and Patroni in memory, with the ports that a pass
 * works through. Layer: dry run; `deno task plan` and the conformance tests run passes on it.
 */

import type { EventNote, EventSink, PatroniApi, PodExec } from "../../ports/ports.ts";
import type { Writers } from "../../cluster/apply/perform.ts";
import { createSimulatedApi, type SimulatedApi, type SimulatedApiOptions } from "./api.ts";
import { simulateDeployments } from "./deployments.ts";
import { type SimulatedPatroni, simulatePatroni } from "./patroni.ts";
import { simulatePods } from "./pods.ts";
import { createVirtualClock, type VirtualClock } from "./virtual_clock.ts";

export interface SimulatedClusterOptions extends SimulatedApiOptions {
  readonly roleLabel: string;
  readonly startMs: number;
  /** A real Patroni to ask first. */
  readonly patroni?: Omit<PatroniApi, "send">;
  /** Version of every server; without it that which the first pods of a cluster start. */
  readonly serverVersion?: number;
  /** Runs commands; without it they succeed, and an upgrade script upgrades the server. */
  readonly exec?: PodExec;
}

export interface SimulatedCluster {
  readonly api: SimulatedApi;
  readonly clock: VirtualClock;
  readonly patroni: SimulatedPatroni;
  /** Every Event told, in order. */
  readonly events: EventNote[];
  readonly writers: Writers;
}

/** Makes a cluster in which nothing is real. */
export function simulateCluster(options: SimulatedClusterOptions): SimulatedCluster {
  const { roleLabel, startMs, patroni: origin, serverVersion, exec, ...rest } = options;
  const clock = createVirtualClock(startMs);
  const api = createSimulatedApi(rest);
  const events: EventNote[] = [];
  const sink: EventSink = { emit: (_about, note) => void events.push(note) };
  const podRef = (namespace: string, name: string) => ({
    apiVersion: "v1",
    kind: "Pod",
    namespace,
    name,
  });
  const patroni: SimulatedPatroni = simulatePatroni({
    api,
    roleLabel,
    ...(origin === undefined ? {} : { origin }),
    ...(serverVersion === undefined ? {} : { serverVersion }),
    switchedOver: ({ namespace, name }, candidate) =>
      pods.switchOver(podRef(namespace, name), podRef(namespace, candidate)),
  });
  const pods = simulatePods({ api, clock, roleLabel, started: patroni.started });
  simulateDeployments(api, clock);
  const refused = () => Promise.reject(new Error("a simulated cluster has no databases"));
  return {
    api,
    clock,
    patroni,
    events,
    writers: {
      kube: api.writer,
      events: sink,
      patroni,
      sql: { open: refused },
      exec: exec ?? simulateExec(patroni),
      volumes: { modify: () => Promise.reject(new Error("a simulated cluster has no cloud")) },
    },
  };
}

/** Commands that all succeed, as user 0. */
function simulateExec(patroni: SimulatedPatroni): PodExec {
  return {
    exec({ pod, command }) {
      if (command.some((word) => word.includes("inplace_upgrade.py"))) patroni.upgraded(pod);
      return Promise.resolve({ exitCode: 0, stdout: "0\n", stderr: "" });
    },
  };
}
