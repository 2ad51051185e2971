/**
 * Patroni's REST API as one member answers it (stub runtime).
 * https://patroni.readthedocs.io/en/latest/rest_api.html
 */
import type { Config } from "./dynamic_config.ts";
import {
  type ClusterState,
  type MemberActions,
  type MemberState,
  PATRONI_VERSION,
  roleOf,
} from "./cluster_state.ts";

/** A request other than GET, as tests see it. */
export interface PatroniRequest {
  readonly atMs: number;
  readonly namespace: string;
  readonly pod: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

export interface PatroniServer {
  readonly cluster: ClusterState;
  readonly member: MemberState;
  readonly actions: MemberActions;
  readonly requests: PatroniRequest[];
}

const PORT = 8008;

/** Starts to answer on the pod's address. */
export function servePatroni(here: PatroniServer): { stop(): Promise<void> } {
  const abort = new AbortController();
  const { ip: hostname, namespace, pod } = here.member.spilo;
  const server = Deno.serve(
    { hostname, port: PORT, signal: abort.signal, onListen: () => {} },
    async (request) => {
      const { pathname: path } = new URL(request.url);
      const { method } = request;
      if (["GET", "HEAD", "OPTIONS"].includes(method)) return read(here, path);
      const text = await request.text();
      const body: unknown = text ? JSON.parse(text) : undefined;
      here.requests.push({ atMs: Date.now(), namespace, pod, method, path, body });
      return await write(here, { method, path, body: (body ?? {}) as Config });
    },
  );
  return {
    async stop() {
      abort.abort();
      await server.finished;
    },
  };
}

function read({ cluster, member }: PatroniServer, path: string): Response {
  if (path === "/config") return json(200, cluster.config);
  if (path === "/cluster") return json(200, clusterView(cluster));
  if (path === "/history") return json(200, []);
  const status = memberView(cluster, member);
  if (path === "/patroni") return json(200, status);
  return json(isHealthy(cluster, member, path.slice(1)) ? 200 : 503, status);
}

/** The health checks by path; a path that is none of them asks for the primary. */
function isHealthy(cluster: ClusterState, member: MemberState, path: string): boolean {
  const role = roleOf(cluster, member);
  const leads = role !== "replica";
  const synchronous = Boolean(cluster.config.synchronous_mode);
  const checks: Readonly<Record<string, boolean>> = {
    "leader": leads,
    "standby-leader": role === "standby_leader",
    "standby_leader": role === "standby_leader",
    "replica": !leads,
    "read-only": true,
    "async": !leads && !synchronous,
    "asynchronous": !leads && !synchronous,
    "sync": !leads && synchronous,
    "synchronous": !leads && synchronous,
    "health": true,
    "liveness": true,
    "readiness": true,
  };
  if (path === "liveness") return true;
  return member.up && (checks[path] ?? role === "primary");
}

function memberView(cluster: ClusterState, member: MemberState): Record<string, unknown> {
  const { spilo, up, startedAt, pendingRestart } = member;
  return {
    state: up ? "running" : "starting",
    postmaster_start_time: startedAt.replace("T", " ").replace("Z", "+00:00"),
    role: roleOf(cluster, member),
    // The minor release is that of no particular image.
    server_version: cluster.major * 10000 + 5,
    xlog: { location: 100663296 },
    timeline: cluster.timeline,
    dcs_last_seen: Math.floor(Date.now() / 1000),
    database_system_identifier: "7400000000000000001",
    ...(pendingRestart ? { pending_restart: true } : {}),
    ...(cluster.config.pause ? { pause: true } : {}),
    patroni: { version: PATRONI_VERSION, scope: spilo.scope, name: spilo.pod },
  };
}

function clusterView(cluster: ClusterState): Record<string, unknown> {
  const members = [...cluster.members.values()].map((member) => {
    const role = roleOf(cluster, member);
    const leads = role !== "replica";
    const { ip, pod } = member.spilo;
    return {
      name: pod,
      role: role === "primary" ? "leader" : role,
      state: !member.up ? "starting" : leads ? "running" : "streaming",
      api_url: `http://${ip}:${PORT}/patroni`,
      host: ip,
      port: 5432,
      timeline: cluster.timeline,
      ...(leads ? {} : { lag: 0 }),
      ...(member.pendingRestart ? { pending_restart: true } : {}),
    };
  });
  return { members, scope: cluster.key.split("/")[1] };
}

interface Write {
  readonly method: string;
  readonly path: string;
  readonly body: Config;
}

async function write(here: PatroniServer, { method, path, body }: Write): Promise<Response> {
  const { actions } = here;
  if (path === "/config" && method === "PATCH") {
    return json(200, await actions.configure(body, "merge"));
  }
  if (path === "/config" && method === "PUT") {
    return json(200, await actions.configure(body, "replace"));
  }
  if (method === "POST" && path === "/switchover") return await switchover(here, body);
  if (method === "POST" && path === "/failover") return await failover(here, body);
  if (method === "POST" && path === "/restart") return await restart(here, body);
  // As Patroni answers what it does not know; `/reload` and `/reinitialize` need the real one.
  return text(501, "Not Implemented");
}

async function switchover({ cluster, actions }: PatroniServer, body: Config): Promise<Response> {
  const { leader, scheduled_at: scheduled } = body;
  // Patroni takes its older name, too.
  const candidate = body.candidate || body.member;
  if (leader !== cluster.leader) {
    return text(412, "leader name does not match");
  }
  const next = candidate ? cluster.members.get(String(candidate)) : otherMember(cluster);
  if (!next?.up || next.spilo.pod === leader) {
    return text(412, "candidate does not exist or is the leader");
  }
  if (scheduled) return text(202, "Switchover scheduled");
  await actions.switchTo(next.spilo.pod);
  return text(200, `Successfully switched over to "${next.spilo.pod}"`);
}

async function failover({ cluster, actions }: PatroniServer, body: Config): Promise<Response> {
  const next = cluster.members.get(String(body.candidate ?? ""));
  if (!next?.up) return text(412, "candidate does not exist");
  await actions.switchTo(next.spilo.pod);
  return text(200, `Successfully failed over to "${next.spilo.pod}"`);
}

function otherMember({ members, leader }: ClusterState): MemberState | undefined {
  return [...members.values()].find((it) => it.up && it.spilo.pod !== leader);
}

async function restart(here: PatroniServer, body: Config): Promise<Response> {
  const { cluster, member, actions } = here;
  const role = roleOf(cluster, member);
  if (body.role && body.role !== role && !(body.role === "master" && role === "primary")) {
    return text(503, "restart conditions are not satisfied");
  }
  if (body.restart_pending && !member.pendingRestart) {
    return text(503, "restart conditions are not satisfied");
  }
  if (body.schedule) return text(202, "Restart scheduled");
  await actions.restarted(member);
  return text(200, "restarted successfully");
}

function json(status: number, body: unknown): Response {
  return Response.json(body, { status });
}

function text(status: number, body: string): Response {
  return new Response(body, { status, headers: { "content-type": "text/html" } });
}
