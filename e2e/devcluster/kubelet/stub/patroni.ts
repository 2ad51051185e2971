/**
 * A stand-in for the Patronis of all clusters (stub runtime): members join and leave, the first
 * one that is up leads, another one takes over when the leader goes, labels and Kubernetes
 * objects follow as Patroni would write them. https://patroni.readthedocs.io/en/latest/kubernetes.html
 */
import { type KubeClient, unlessGone } from "../../client/client.ts";
import { pods } from "../../client/resources.ts";
import { merged, needsRestart, spiloDefaults } from "./dynamic_config.ts";
import { type PatroniRequest, servePatroni } from "./rest_api.ts";
import type { Spilo } from "./spilo.ts";
import { stateStore } from "./state_store.ts";
import {
  type ClusterState,
  type MemberActions,
  type MemberState,
  PATRONI_VERSION,
  roleOf,
} from "./cluster_state.ts";

/** One member that the runtime has started. */
export interface PatroniMember {
  /** PostgreSQL is up. */
  start(): void;
  /** The member ends; a leader hands over first. */
  leave(): Promise<void>;
  /** The in-place upgrade script of Spilo was called. */
  upgrade(): { stdout?: string; stderr?: string; exitCode?: number };
}

interface Options {
  readonly client: KubeClient;
  readonly roleAfterMs: number;
  readonly onError: (error: unknown) => void;
}

/** Makes the stand-in. */
export function patroniStandIn(options: Options) {
  const clusters = new Map<string, ClusterState>();
  const requests: PatroniRequest[] = [];

  function join(spilo: Spilo): PatroniMember {
    const cluster = clusterOf(clusters, options.client, spilo);
    const member: MemberState = {
      spilo,
      up: false,
      pendingRestart: false,
      startedAt: new Date().toISOString(),
    };
    cluster.members.set(spilo.pod, member);
    const actions = memberActions(options, cluster);
    const server = servePatroni({ cluster, member, actions, requests });
    enqueue(options, cluster, () => begin(options, cluster, member));
    return {
      start: () => enqueue(options, cluster, () => comeUp(options, cluster, member)),
      upgrade: () => upgrade(cluster, member),
      async leave() {
        const wasUp = member.up;
        member.up = false;
        await server.stop();
        if (cluster.members.get(spilo.pod) === member) cluster.members.delete(spilo.pod);
        if (cluster.leader !== spilo.pod || !wasUp) return;
        cluster.leader = undefined;
        enqueue(options, cluster, () => elect(options, cluster));
      },
    };
  }

  return {
    join,
    requests,
    async close() {
      await Promise.all([...clusters.values()].map((cluster) => cluster.work));
    },
  };
}

function clusterOf(
  clusters: Map<string, ClusterState>,
  client: KubeClient,
  spilo: Spilo,
): ClusterState {
  const key = `${spilo.namespace}/${spilo.scope}`;
  const known = clusters.get(key);
  // With no member left its state may have been deleted, so it is read again.
  if (known && known.members.size > 0) return known;
  const cluster: ClusterState = {
    key,
    members: new Map(),
    initialized: known?.initialized ?? new Set(),
    store: stateStore(client, spilo),
    config: {},
    leader: undefined,
    timeline: known?.timeline ?? 0,
    major: known?.major ?? spilo.major,
    work: known?.work ?? Promise.resolve(),
  };
  clusters.set(key, cluster);
  return cluster;
}

function enqueue({ onError }: Options, cluster: ClusterState, run: () => Promise<void>): void {
  cluster.work = cluster.work.then(run).catch(onError);
}

async function begin({ client }: Options, cluster: ClusterState, member: MemberState) {
  const { spilo } = member;
  if (Object.keys(cluster.config).length === 0) {
    const kept = await cluster.store.read();
    cluster.config = kept ?? merged(spiloDefaults(), spilo.dynamic);
    if (!kept) {
      cluster.initialized.clear();
      cluster.timeline = 0;
      cluster.major = spilo.major;
      await cluster.store.writeConfig(cluster.config);
    }
  }
  if (cluster.initialized.has(spilo.pod) || Object.keys(spilo.bootstrapLabels).length === 0) return;
  await labelPod(client, spilo, { ...spilo.bootstrapLabels });
}

async function comeUp(options: Options, cluster: ClusterState, member: MemberState) {
  if (cluster.members.get(member.spilo.pod) !== member) return;
  await after(options.roleAfterMs);
  if (cluster.members.get(member.spilo.pod) !== member) return;
  cluster.initialized.add(member.spilo.pod);
  member.up = true;
  if (cluster.leader) await showRole(options, cluster, member);
  else await elect(options, cluster);
}

/** Makes the longest running member that is up the leader. */
async function elect(options: Options, cluster: ClusterState): Promise<void> {
  if (cluster.leader) return;
  const next = [...cluster.members.values()].find((it) => it.up);
  if (!next) return;
  const firstEver = cluster.members.size === 1 && cluster.timeline === 0;
  if (!firstEver) await after(options.roleAfterMs);
  if (!next.up || cluster.leader) return await elect(options, cluster);
  await lead(options, cluster, next);
}

async function lead(options: Options, cluster: ClusterState, member: MemberState): Promise<void> {
  cluster.leader = member.spilo.pod;
  cluster.timeline++; // each promotion begins a new one
  await cluster.store.writeLeader(member.spilo, cluster.timeline);
  await showRole(options, cluster, member);
}

function memberActions(options: Options, cluster: ClusterState): MemberActions {
  const inTurn = async (run: () => Promise<void>) => {
    const turn = cluster.work.then(run);
    cluster.work = turn.catch(() => {}); // the request's sender gets the error
    await turn;
  };
  return {
    async configure(change, how) {
      const next = how === "merge" ? merged(cluster.config, change) : change;
      if (needsRestart(cluster.config, next)) {
        for (const member of cluster.members.values()) member.pendingRestart = true;
      }
      cluster.config = next;
      await inTurn(async () => {
        await cluster.store.writeConfig(next);
        for (const member of cluster.members.values()) {
          if (member.up) await showRole(options, cluster, member);
        }
      });
      return next;
    },
    switchTo: (candidate) =>
      inTurn(async () => {
        const old = cluster.members.get(cluster.leader ?? "");
        const next = cluster.members.get(candidate);
        if (!next?.up || old === next) return;
        await after(options.roleAfterMs);
        cluster.leader = candidate;
        if (old) await showRole(options, cluster, old);
        await lead(options, cluster, next);
      }),
    restarted: (member) =>
      inTurn(async () => {
        member.pendingRestart = false;
        member.startedAt = new Date().toISOString();
        await showRole(options, cluster, member);
      }),
  };
}

/** Writes a member's label and status annotation, and takes the labels of its bootstrap away. */
async function showRole(options: Options, cluster: ClusterState, member: MemberState) {
  const { spilo } = member;
  const isLeader = cluster.leader === spilo.pod;
  const bootstrap = Object.keys(spilo.bootstrapLabels).map((label) => [label, null]);
  const labels = {
    ...Object.fromEntries(bootstrap),
    [spilo.roleLabel]: isLeader ? "master" : "replica",
  };
  const status = {
    conn_url: `postgres://${spilo.ip}:5432/postgres`,
    api_url: `http://${spilo.ip}:8008/patroni`,
    state: "running",
    role: roleOf(cluster, member),
    version: PATRONI_VERSION,
    timeline: cluster.timeline,
    ...(member.pendingRestart ? { pending_restart: true } : {}),
  };
  await labelPod(options.client, spilo, labels, { status: JSON.stringify(status) });
}

async function labelPod(
  client: KubeClient,
  { namespace, pod, uid }: Spilo,
  labels: Record<string, string | null>,
  annotations?: Record<string, string>,
): Promise<void> {
  const metadata = { uid, labels, ...(annotations ? { annotations } : {}) };
  const patch = client.patch(pods, { namespace, name: pod }, { metadata });
  await unlessGone(patch.catch((error) => {
    if ((error as { status?: number }).status !== 409) throw error; // another pod has its name
  }));
}

function upgrade(cluster: ClusterState, member: MemberState) {
  if (cluster.leader !== member.spilo.pod) {
    return { stderr: "ERROR: PostgreSQL is not running as a primary\n", exitCode: 1 };
  }
  if (cluster.major >= member.spilo.major) {
    return { stdout: `Current version is ${cluster.major}: no upgrade needed\n` };
  }
  const from = cluster.major;
  cluster.major = member.spilo.major;
  return { stdout: `Upgraded from ${from} to ${cluster.major}\n` };
}

function after(ms: number): Promise<void> {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();
}
