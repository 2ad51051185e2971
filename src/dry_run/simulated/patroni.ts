/**
 * Patroni as a simulated cluster has it: one dynamic configuration a cluster, which starts with
 * Spilo's defaults and what the pods are given to begin with, and members by their pods. Where there
 * is a real Patroni, it is asked once, and never told anything. Layer: dry run.
 */

import type { Pod } from "../../kubernetes/types.gen.ts";
import { PortError } from "../../ports/errors.ts";
import { isMember, roleOf } from "../../cluster/observed/pods.ts";
import type { PatroniApi, PatroniMember } from "../../ports/ports.ts";
import type { PatroniRequest, PodRef } from "../../ports/requests.ts";
import type { SimulatedApi } from "./api.ts";
import { applyMergePatch } from "./merge.ts";
import { needsRestart } from "./restart_parameters.ts";

type Json = Record<string, unknown>;

export interface SimulatedPatroniOptions {
  readonly api: SimulatedApi;
  readonly roleLabel: string;
  /** A real Patroni that may be asked; its writes are never called. */
  readonly origin?: Omit<PatroniApi, "send">;
  /** Version of every server; without it that which the first pods of a cluster start. */
  readonly serverVersion?: number;
  readonly switchedOver: (leader: PodRef, candidate: string) => void;
}

export interface SimulatedPatroni extends PatroniApi {
  /** Every change that Patroni was asked for. */
  readonly requests: { readonly pod: PodRef; readonly request: PatroniRequest }[];
  /** A pod was started again: nothing waits there. */
  started(pod: Pod): void;
  /** The in-place upgrade script ran: the server is now as new as its pod was started for. */
  upgraded(pod: PodRef): void;
}

/** Makes the stand-in. */
export function simulatePatroni(options: SimulatedPatroniOptions): SimulatedPatroni {
  const { api, roleLabel, origin } = options;
  const configs = createConfigs(options);
  const versions = createVersions(options);
  /** Pods with a change that waits for a restart. */
  const pending = new Set<string>();
  const requests: SimulatedPatroni["requests"] = [];

  /** Patroni refuses to hand over from whom does not lead. */
  function requireLeader(ref: PodRef, name: string): void {
    const leader = membersOf(api, ref, roleLabel).find((pod) => leads(pod, roleLabel));
    if (leader?.metadata.name === name) return;
    throw new PortError("Patroni answered 412: leader name does not match", "failed");
  }

  return {
    requests,
    upgraded: versions.upgraded,
    started: ({ metadata }) => void pending.delete(`${metadata.namespace}/${metadata.name}`),
    async getConfig(ref, signal) {
      return structuredClone(await configs.of(ref, signal));
    },
    getCluster: (ref) =>
      Promise.resolve(membersOf(api, ref, roleLabel).map((pod) => memberOf(pod, roleLabel))),
    async getMember(ref, signal) {
      const simulated = pending.has(`${ref.namespace}/${ref.name}`);
      const told = await origin?.getMember(ref, signal);
      const serverVersion = versions.of(ref, told?.serverVersion);
      return {
        state: told?.state ?? "running",
        role: leads(podOf(api, ref), roleLabel) ? "primary" : "replica",
        pendingRestart: told?.pendingRestart || simulated,
        patroniVersion: told?.patroniVersion ?? "4.0.7",
        ...(serverVersion === undefined ? {} : { serverVersion }),
      };
    },
    async send(ref, request, signal) {
      requests.push({ pod: ref, request: structuredClone(request) });
      if (request.call === "restart") pending.delete(`${ref.namespace}/${ref.name}`);
      if (request.call === "switchover") requireLeader(ref, request.body.leader);
      if (request.call === "switchover" && request.body.scheduled_at === "") {
        options.switchedOver(ref, request.body.member);
      }
      if (request.call !== "patchConfig") return;
      await configs.patch(ref, request.body, signal);
      if (!needsRestart(request.body)) return;
      for (const { metadata } of membersOf(api, ref, roleLabel)) {
        pending.add(`${metadata.namespace}/${metadata.name}`);
      }
    },
  };
}

/** The dynamic configuration of each cluster: asked for or made once, then as it is patched. */
function createConfigs({ api, origin }: SimulatedPatroniOptions) {
  const configs = new Map<string, Promise<Json>>();

  function of(ref: PodRef, signal: AbortSignal): Promise<Json> {
    const found = configs.get(clusterKey(ref)) ??
      (origin ? origin.getConfig(ref, signal) : Promise.resolve(firstConfig(api, ref)));
    configs.set(clusterKey(ref), found);
    return found;
  }

  return {
    of,
    async patch(ref: PodRef, body: unknown, signal: AbortSignal): Promise<void> {
      const before = await of(ref, signal);
      configs.set(clusterKey(ref), Promise.resolve(applyMergePatch(before, body) as Json));
    },
  };
}

/** The version of each cluster's data: what was first seen, until an upgrade. */
function createVersions({ api, serverVersion }: SimulatedPatroniOptions) {
  const versions = new Map<string, number>();

  function keep(ref: PodRef, version: number | undefined): number | undefined {
    if (version !== undefined) versions.set(clusterKey(ref), version);
    return version;
  }

  return {
    of: (ref: PodRef, told: number | undefined): number | undefined =>
      keep(
        ref,
        versions.get(clusterKey(ref)) ?? told ?? serverVersion ?? startedVersion(podOf(api, ref)),
      ),
    upgraded: (ref: PodRef): void => void keep(ref, startedVersion(podOf(api, ref))),
  };
}

function podOf(api: SimulatedApi, { namespace, name }: PodRef): Pod | undefined {
  return api.find({ apiVersion: "v1", kind: "Pod", namespace, name }) as Pod | undefined;
}

/** The pods that Patroni counts as members of a pod's cluster. */
function membersOf(api: SimulatedApi, ref: PodRef, roleLabel: string): Pod[] {
  const scope = scopeOf(ref.name);
  return api.objects().filter((object): object is Pod =>
    object.kind === "Pod" && object.metadata.namespace === ref.namespace &&
    scopeOf(object.metadata.name ?? "") === scope && /-\d+$/.test(object.metadata.name ?? "") &&
    isMember(object as Pod, roleLabel)
  );
}

function memberOf(pod: Pod, roleLabel: string): PatroniMember {
  const leader = leads(pod, roleLabel);
  return {
    name: pod.metadata.name ?? "",
    role: leader ? "leader" : "replica",
    state: leader ? "running" : "streaming",
    timeline: 1,
    ...(leader ? {} : { lagBytes: 0 }),
  };
}

function leads(pod: Pod | undefined, roleLabel: string): boolean {
  return pod !== undefined && roleOf(pod, roleLabel) === "primary";
}

function clusterKey({ namespace, name }: PodRef): string {
  return `${namespace}/${scopeOf(name)}`;
}

function scopeOf(pod: string): string {
  return pod.replace(/-\d+$/, "");
}

/** The major version that a pod starts a new server of, as PostgreSQL numbers it: 170000. */
export function startedVersion(pod: Pod | undefined): number | undefined {
  const env = pod?.spec?.containers.find(({ name }) => name === "postgres")?.env ?? [];
  const text = env.find(({ name }) => name === "SPILO_CONFIGURATION")?.value ?? "";
  const binaries = /postgresql\/(\d+)\/bin/.exec(text)?.[1];
  const version = env.find(({ name }) => name === "PGVERSION")?.value ?? binaries;
  return version === undefined ? undefined : Number(version) * 10_000;
}

/** What a new cluster's Patroni begins with. */
function firstConfig(api: SimulatedApi, ref: PodRef): Json {
  const container = podOf(api, ref)?.spec?.containers.find((one) => one.name === "postgres");
  const valueOf = (name: string) =>
    container?.env?.find((variable) => variable.name === name)?.value;
  const bootstrap = parsed(valueOf("SPILO_CONFIGURATION"))?.bootstrap?.dcs ?? {};
  const given = { ...SPILO_DEFAULTS, ...standbyOf(valueOf) };
  return applyMergePatch(structuredClone(given), bootstrap) as Json;
}

/** Spilo makes a standby of a new cluster whose pods are told whom to follow. */
function standbyOf(valueOf: (name: string) => string | undefined): Json {
  const [host, port] = [valueOf("STANDBY_HOST"), valueOf("STANDBY_PORT")];
  const archive = valueOf("STANDBY_METHOD") === "STANDBY_WITH_WALE";
  if (host === undefined && !archive) return {};
  return {
    standby_cluster: {
      create_replica_methods: ["bootstrap_standby_with_wale", "basebackup_fast_xlog"],
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
      ...(archive ? { restore_command: "envdir /run/etc/wal-e.d/env-standby wal-fetch" } : {}),
    },
  };
}

function parsed(text: string | undefined): { bootstrap?: { dcs?: Json } } | undefined {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

/** What Spilo puts into the dynamic configuration of a new cluster. */
const SPILO_DEFAULTS: Json = {
  ttl: 30,
  loop_wait: 10,
  retry_timeout: 10,
  maximum_lag_on_failover: 33554432,
  postgresql: {
    use_pg_rewind: true,
    use_slots: true,
    parameters: {
      archive_mode: "on",
      archive_timeout: "1800s",
      autovacuum_analyze_scale_factor: 0.02,
      autovacuum_max_workers: 5,
      autovacuum_vacuum_scale_factor: 0.05,
      checkpoint_completion_target: 0.9,
      hot_standby: "on",
      log_autovacuum_min_duration: 0,
      log_checkpoints: "on",
      log_connections: "on",
      log_disconnections: "on",
      log_line_prefix: "%t [%p]: [%l-1] %c %x %d %u %a %h ",
      log_lock_waits: "on",
      log_min_duration_statement: 500,
      log_statement: "ddl",
      log_temp_files: 0,
      max_connections: 100,
      max_replication_slots: 10,
      max_wal_senders: 10,
      tcp_keepalives_idle: 900,
      tcp_keepalives_interval: 100,
      track_functions: "all",
      wal_compression: "on",
      wal_level: "hot_standby",
      wal_log_hints: "on",
    },
  },
};
