/**
 * An imagined cluster: API server, controllers and Patroni in memory, with the ports that a pass
 * works through. Layer: dry run; `deno task plan` and the conformance tests run passes on it.
 */

import type { EventNote, EventSink, PatroniApi, PodExec } from "../../ports/ports.ts";
import type { Writers } from "../../cluster/apply/perform.ts";
import { createImaginedApi, type ImaginedApi, type ImaginedApiOptions } from "./api.ts";
import { imagineDeployments } from "./deployments.ts";
import { type ImaginedPatroni, imaginePatroni } from "./patroni.ts";
import { imaginePods } from "./pods.ts";
import { createVirtualClock, type VirtualClock } from "./virtual_clock.ts";

export interface ImaginedClusterOptions extends ImaginedApiOptions {
  readonly roleLabel: string;
  readonly startMs: number;
  /** A real Patroni to ask first. */
  readonly patroni?: Omit<PatroniApi, "send">;
  /** Version of every server; without it that which the first pods of a cluster start. */
  readonly serverVersion?: number;
  /** Runs commands; without it they succeed, and an upgrade script upgrades the server. */
  readonly exec?: PodExec;
}

export interface ImaginedCluster {
  readonly api: ImaginedApi;
  readonly clock: VirtualClock;
  readonly patroni: ImaginedPatroni;
  /** Every Event told, in order. */
  readonly events: EventNote[];
  readonly writers: Writers;
}

/** Makes a cluster in which nothing is real. */
export function imagineCluster(options: ImaginedClusterOptions): ImaginedCluster {
  const { roleLabel, startMs, patroni: origin, serverVersion, exec, ...rest } = options;
  const clock = createVirtualClock(startMs);
  const api = createImaginedApi(rest);
  const events: EventNote[] = [];
  const sink: EventSink = { emit: (_about, note) => void events.push(note) };
  const podRef = (namespace: string, name: string) => ({
    apiVersion: "v1",
    kind: "Pod",
    namespace,
    name,
  });
  const patroni: ImaginedPatroni = imaginePatroni({
    api,
    roleLabel,
    ...(origin === undefined ? {} : { origin }),
    ...(serverVersion === undefined ? {} : { serverVersion }),
    switchedOver: ({ namespace, name }, candidate) =>
      pods.switchOver(podRef(namespace, name), podRef(namespace, candidate)),
  });
  const pods = imaginePods({ api, clock, roleLabel, started: patroni.started });
  imagineDeployments(api, clock);
  const refused = () => Promise.reject(new Error("an imagined cluster has no databases"));
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
      exec: exec ?? imagineExec(patroni),
      unpatchable: new Set(),
    },
  };
}

/** Commands that all succeed, as user 0. */
function imagineExec(patroni: ImaginedPatroni): PodExec {
  return {
    exec({ pod, command }) {
      if (command.some((word) => word.includes("inplace_upgrade.py"))) patroni.upgraded(pod);
      return Promise.resolve({ exitCode: 0, stdout: "0\n", stderr: "" });
    },
  };
}
