/** An operator's view with as many clusters as a test wants, in every state that pages show. */

import type {
  DetailView,
  EventView,
  Finding,
  MemberView,
  OverviewView,
  RowView,
} from "../../src/debug/overview_shapes.ts";
import type { LogView, PlanView } from "../../src/debug/shapes.ts";
import type { OperatorView } from "../../src/debug/view.ts";

const START = Date.parse("2026-05-04T10:00:00.000Z");
const TEAMS = ["acid", "checkout", "search", "payments"];

/** Makes a time some seconds before now. */
function ago(seconds: number, nowMs: number): string {
  return new Date(nowMs - seconds * 1000).toISOString();
}

const WARNING: Finding = {
  rule: "members-missing",
  severity: "warning",
  title: "Members are missing",
  evidence: ["1 of 2 are ready", "acid-orders-1 is Pending"],
  advice: "A failover has fewer candidates, or none. Look at the pods that are not ready.",
};
const CRITICAL: Finding = {
  rule: "pass-fails",
  severity: "critical",
  title: "The last pass failed",
  evidence: ['cannot patch StatefulSet shop/acid-ledger: pods "acid-ledger-0" is forbidden'],
  advice: "It is tried again with growing pauses; the message says what is in the way.",
};
const NOTICE: Finding = {
  rule: "single-member",
  severity: "notice",
  title: "There is one member only",
  evidence: ["numberOfInstances is 1"],
  advice: "Node maintenance and crashes are outages. `numberOfInstances: 2` adds a replica.",
};

/** What differs between the clusters; they take turns. */
const STATES: readonly (Partial<RowView> & { readonly found?: readonly Finding[] })[] = [
  { word: "Running", ready: 2, lagBytes: 0 },
  { word: "Running", ready: 1, lagBytes: null, found: [WARNING] },
  {
    word: "Updating",
    ready: 2,
    lagBytes: 24_576,
    held: [{
      subject: "pods",
      kind: "waiting",
      reason: "acid-orders-1 was recreated and is not up yet",
    }],
  },
  { word: "UpdateFailed", ready: 2, failure: CRITICAL.evidence[0]!, found: [CRITICAL] },
  { word: "Running", ready: 2, lagBytes: 1_048_576 },
  { word: "Creating", ready: 0, primary: null },
  { word: "Running", ready: 1, wanted: 1, found: [NOTICE] },
  { word: "Running", ready: 2, lagBytes: 0 },
];

/** The line of one cluster. */
export function rowOf(index: number, nowMs: number): RowView {
  const { found = [], ...state } = index % 23 === 22 || index < 8 ? STATES[index % 8]! : STATES[0]!;
  const team = TEAMS[index % TEAMS.length]!;
  const name = index === 0
    ? "acid-minimal-cluster"
    : `${team}-${["orders", "ledger", "stock"][index % 3]}-${index}`;
  const good = state.word === "Running";
  return {
    namespace: ["default", "shop", "bank"][index % 3]!,
    name,
    team,
    created: ago(86_400 * (index + 3), nowMs),
    word: "Running",
    conditions: [
      {
        type: "Ready",
        status: state.ready === 0 ? "False" : "True",
        reason: state.ready === 0 ? "NoPrimary" : "PrimaryUp",
        message: state.ready === 0
          ? "no pod is up in the primary's role"
          : `${name}-0 is the primary`,
        since: ago(86_400 * 3, nowMs),
      },
      {
        type: "Synced",
        status: good ? "True" : "False",
        reason: good ? "AsSpecified" : "Progressing",
        message: good ? "everything is as the manifest asks" : "changes are being made",
        since: ago(1_200, nowMs),
      },
    ],
    version: String(18 - index % 3),
    volume: ["10Gi", "100Gi", "1Ti"][index % 3]!,
    wanted: 2,
    ready: 2,
    primary: `${name}-0`,
    lagBytes: 0,
    held: [],
    failure: null,
    running: null,
    deleting: false,
    lastPass: { at: ago(30 + index % 900, nowMs), cause: "sync", steps: index % 2 },
    lastSuccess: ago(30, nowMs),
    ...state,
    findings: found.map(({ severity, title }) => ({ severity, title })),
  };
}

function memberOf(row: RowView, index: number, nowMs: number): MemberView {
  const up = index < (row.ready ?? 0);
  return {
    name: `${row.name}-${index}`,
    role: !up ? "" : index === 0 ? "primary" : "replica",
    state: !up ? "" : index === 0 ? "running" : "streaming",
    ready: up,
    timeline: up ? 3 : null,
    lagBytes: up && index > 0 ? row.lagBytes : null,
    pendingRestart: false,
    node: up ? `node-${index + 1}.example.org` : "",
    address: up ? `10.2.${index}.17` : "",
    phase: up ? "Running" : "Pending",
    restarts: 0,
    started: ago(86_400 * 3, nowMs),
  };
}

/** A cluster from near. */
export function detailOf(row: RowView, index: number, nowMs: number): DetailView {
  const events: EventView[] = [
    {
      at: ago(3_600, nowMs),
      type: "Normal",
      reason: "Update",
      message: "Performing rolling update",
    },
    {
      at: ago(3_540, nowMs),
      type: "Normal",
      reason: "Switchover",
      message: `Successfully switched over from ${row.name}-1 to ${row.name}-0`,
    },
    ...(row.failure === null
      ? []
      : [{ at: ago(300, nowMs), type: "Warning", reason: "Update", message: row.failure }]),
  ];
  return {
    row,
    backups: {
      archiver: index % 5 === 4 ? "failing" : "working",
      lastBaseBackup: ago(9 * 3_600, nowMs),
      oldestRecoverablePoint: ago(5 * 86_400, nowMs).replace(/\.\d+Z$/, "Z"),
      lastLogicalBackup: index % 3 === 0 ? ago(10 * 3_600, nowMs) : null,
    },
    members: Array.from({ length: row.wanted }, (_, member) => memberOf(row, member, nowMs)),
    findings: [...STATES[index % 8]?.found ?? []].filter(() => row.findings.length > 0),
    events,
  };
}

/** The plan of a cluster that is being changed. */
export function planOf(row: RowView): PlanView {
  const name = `${row.namespace}/${row.name}`;
  return {
    cluster: name,
    generation: 7,
    cause: "update",
    at: new Date(START).toISOString(),
    steps: [
      {
        subject: "services",
        action: `patch Service ${name}`,
        effect: "none",
        reasons: [`spec.type: "ClusterIP" → "LoadBalancer"`],
        sentences: [],
        changes: [{ path: "spec.type", from: '"ClusterIP"', to: '"LoadBalancer"', hidden: false }],
        result: "done",
      },
      {
        subject: "statefulset",
        action: `patch StatefulSet ${name}`,
        effect: "restart",
        reasons: [
          `spec.template.spec.containers[postgres].resources.limits.memory: "500Mi" → "2Gi"`,
          "env[PGPASSWORD]: changed (value not shown)",
          "the pods are recreated one by one, the primary last",
        ],
        sentences: [],
        changes: [
          {
            path: "spec.template.spec.containers[postgres].resources.limits.memory",
            from: '"500Mi"',
            to: '"2Gi"',
            hidden: false,
          },
          { path: "env[PGPASSWORD]", from: "", to: "", hidden: true },
        ],
        result: row.failure === null ? "done" : `failed: ${row.failure}`,
      },
    ],
    held: row.held.map(({ subject, reason }) => ({ subject, reason })),
  };
}

function logOf(row: RowView, nowMs: number): LogView {
  return [
    { Time: ago(120, nowMs), Level: "debug", Worker: 1, Message: "reading pods from the cache" },
    { Time: ago(119, nowMs), Level: "info", Worker: 1, Message: "pass because of update: 2 steps" },
    {
      Time: ago(118, nowMs),
      Level: "info",
      Worker: 1,
      Message: `patch StatefulSet ${row.namespace}/${row.name}`,
    },
    {
      Time: ago(60, nowMs),
      Level: row.failure === null ? "info" : "error",
      Worker: 1,
      Message: row.failure ?? "nothing to do",
    },
  ];
}

/** A view whose clusters a test may change while pages are open. */
export interface SimulatedView {
  readonly view: OperatorView;
  readonly rows: RowView[];
}

/** Makes a view of `count` clusters. */
export function simulatedView(count: number, nowMs = Date.now()): SimulatedView {
  const rows = Array.from({ length: count }, (_, index) => rowOf(index, nowMs));
  const find = (namespace: string, name: string) =>
    rows.findIndex((row) => row.namespace === namespace && row.name === name);
  const at = <T>(namespace: string, name: string, make: (row: RowView, index: number) => T) => {
    const index = find(namespace, name);
    return index < 0 ? undefined : make(rows[index]!, index);
  };
  const operator: OverviewView["operator"] = {
    version: "0.1.0",
    ready: true,
    lastSync: Math.round(nowMs / 1000) - 600,
    waiting: Math.floor(count / 50),
    workers: Array.from({ length: 8 }, (_, id) =>
      id < Math.min(2, count)
        ? {
          namespace: rows[id]!.namespace,
          name: rows[id]!.name,
          cause: "sync",
          since: ago(2, nowMs),
        }
        : null),
    orphans: count > 3
      ? [{ namespace: "shop", name: "acid-former", since: ago(4_000, nowMs) }]
      : [],
  };
  const view: OperatorView = {
    ready: () => true,
    alive: () => true,
    status: () => ({ LastSyncTime: 0, Clusters: rows.length, WorkerQueueSize: { "0": 0 } }),
    config: () => ({
      controller: { InfrastructureRoles: {} },
      operator: {
        WatchedNamespace: "*",
        DockerImage: "ghcr.io/zalando/spilo-18:4.1-p2",
        Workers: 8,
        ClusterLabels: { application: "spilo" },
      },
    }),
    teams: () => new Map(),
    databases: () => new Map(),
    orphans: () => operator.orphans,
    overview: () => ({ operator, clusters: rows }),
    detail: (...key) => at(...key, (row, index) => detailOf(row, index, nowMs)),
    cluster: () => undefined,
    plan: (...key) => at(...key, planOf),
    logs: (...key) => at(...key, (row) => logOf(row, nowMs)),
    history: (...key) =>
      at(...key, () => [{
        EventTime: ago(3_700, nowMs),
        ProcessTime: ago(3_690, nowMs),
        Diff: ['spec.resources.limits.memory: "500Mi" → "2Gi"'],
        Manager: "kubectl-edit",
      }]),
    workers: () => 8,
    worker: () => "idle",
    queue: () => ({ Keys: [], List: [] }),
    workerLogs: () => [],
  };
  return { view, rows };
}
