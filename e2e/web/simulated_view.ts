/** An operator's view with as many clusters as a test wants, in every state that pages show. */

import type {
  DetailView,
  EventView,
  Finding,
  MemberView,
  OverviewView,
  RowView,
} from "../../src/debug/overview_shapes.ts";
import type { KeptPlanView, LogView, PlanView } from "../../src/debug/shapes.ts";
import type { OperatorView } from "../../src/debug/view.ts";

const START = Date.parse("2026-05-04T10:00:00.000Z");
const TEAMS = ["acid", "checkout", "search", "payments"];

/** Makes a time some seconds before now. */
function ago(seconds: number, nowMs: number): string {
  return new Date(nowMs - seconds * 1000).toISOString();
}

/** What is found of a cluster of that name. */
type Finds = (name: string, namespace: string) => Finding;

const WARNING: Finds = (name) => ({
  rule: "members-missing",
  severity: "warning",
  title: "Members are missing",
  evidence: ["1 of 2 are ready", `${name}-1 is Pending`],
  advice: "A failover has fewer candidates, or none. Look at the pods that are not ready.",
});
const CRITICAL: Finds = (name, namespace) => ({
  rule: "pass-fails",
  severity: "critical",
  title: "The last pass failed",
  evidence: [failureOf(name, namespace)],
  advice: "It is tried again with growing pauses; the message says what is in the way.",
});
const NOTICE: Finds = () => ({
  rule: "single-member",
  severity: "notice",
  title: "There is one member only",
  evidence: ["numberOfInstances is 1"],
  advice: "Node maintenance and crashes are outages. `numberOfInstances: 2` adds a replica.",
});
const NO_BACKUP: Finds = () => ({
  rule: "archiving-fails",
  severity: "critical",
  title: "WAL does not reach the archive",
  evidence: ["WAL is not archived: 000000030000000A000000C7"],
  advice: "It piles up on the volume until that is full. Look at the primary's log and the bucket.",
});

function failureOf(name: string, namespace: string): string {
  return `cannot patch StatefulSet ${namespace}/${name}: exceeded quota: team, requested: ` +
    "limits.memory=4Gi, used: limits.memory=30Gi, limited: limits.memory=32Gi";
}

/** A state that clusters take turns in. */
interface State {
  readonly row: Partial<RowView>;
  readonly found?: readonly Finds[];
  readonly fails?: boolean;
  readonly waits?: boolean;
  readonly begins?: boolean;
}

/** What differs between the clusters; they take turns. */
const STATES: readonly State[] = [
  { row: { word: "Running", ready: 2, lagBytes: 0 } },
  { row: { word: "Running", ready: 1, lagBytes: null }, found: [WARNING] },
  { row: { word: "Updating", ready: 2, lagBytes: 24_576 }, waits: true },
  { row: { word: "UpdateFailed", ready: 2 }, found: [CRITICAL], fails: true },
  { row: { word: "Running", ready: 2, lagBytes: 1_048_576 }, found: [NO_BACKUP] },
  {
    row: { word: "Creating", ready: 0, primary: null, lagBytes: null, lastBackup: "" },
    begins: true,
  },
  { row: { word: "Running", ready: 1, wanted: 1, lagBytes: null }, found: [NOTICE] },
  { row: { word: "Running", ready: 2, lagBytes: 0 } },
];

function stateOf(index: number): State {
  return (index % 23 === 22 || index < 8 ? STATES[index % 8] : STATES[0])!;
}

/** Where clusters are, and what the first one is called. */
export interface Place {
  readonly namespaces: readonly string[];
  readonly first: string;
}

const EVERYWHERE: Place = {
  namespaces: ["default", "shop", "bank"],
  first: "acid-minimal-cluster",
};

/** The line of one cluster. */
export function rowOf(index: number, nowMs: number, place: Place = EVERYWHERE): RowView {
  const { row: state, found = [], fails, waits, begins } = stateOf(index);
  const team = TEAMS[index % TEAMS.length]!;
  const namespace = place.namespaces[index % place.namespaces.length]!;
  const name = index === 0
    ? place.first
    : `${team}-${["orders", "ledger", "stock"][index % 3]}-${index}`;
  const good = state.word === "Running";
  return {
    namespace,
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
      ...(begins ? [] : [backupCondition(found.includes(NO_BACKUP), nowMs)]),
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
    lastBackup: ago(3_600 * (3 + index % 20), nowMs),
    ...state,
    ...(fails ? { failure: failureOf(name, namespace) } : {}),
    ...(waits
      ? {
        held: [{
          subject: "pods",
          kind: "waiting",
          reason: `${name}-1 was recreated and is not up yet`,
        }],
      }
      : {}),
    findings: found.map((finds) => {
      const { severity, title } = finds(name, namespace);
      return { severity, title };
    }),
  };
}

function backupCondition(fails: boolean, nowMs: number): RowView["conditions"][number] {
  return {
    type: "BackupOK",
    status: fails ? "False" : "True",
    reason: fails ? "ArchiverFails" : "Recent",
    message: fails
      ? "WAL is not archived: 000000030000000A000000C7"
      : "WAL is archived, the last base backup is of today",
    since: ago(7_200, nowMs),
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
  const { found = [] } = stateOf(index);
  return {
    row,
    backups: row.lastBackup === "" ? null : {
      archiver: found.includes(NO_BACKUP) ? "failing" : "working",
      lastFailedWal: found.includes(NO_BACKUP) ? "000000030000000A000000C7" : "",
      lastBaseBackup: row.lastBackup,
      oldestRecoverablePoint: ago(86_400 * 5, nowMs),
      lastLogicalBackup: "",
    },
    requests: index % 2 === 0 ? [] : [{
      what: "switchover",
      id: "monday-1",
      state: "done",
      message: `${row.name}-0 is the primary`,
      time: ago(3_500, nowMs),
    }],
    restarts: [
      {
        what: "recreate",
        pod: `${row.name}-1`,
        why: 'spec.template.spec.containers[postgres].resources.limits.memory: "500Mi" → "2Gi"',
        time: ago(3_600, nowMs),
      },
    ],
    members: Array.from({ length: row.wanted }, (_, member) => memberOf(row, member, nowMs)),
    findings: row.findings.length === 0 ? [] : found.map((finds) => finds(row.name, row.namespace)),
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
        sentences: ["the pods are recreated one by one, the primary last"],
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

/** The last plans that did something. */
function plansOf(row: RowView, nowMs: number): KeptPlanView[] {
  const times = row.failure === null ? 1 : 4;
  const plan = planOf(row);
  const [first] = plan.steps;
  return [
    { ...plan, at: ago(200, nowMs), since: ago(900, nowMs), times },
    {
      ...plan,
      generation: 6,
      cause: "sync",
      steps: [{ ...first!, result: "done" }],
      at: ago(90_000, nowMs),
      since: ago(90_000, nowMs),
      times: 1,
    },
  ];
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
export function simulatedView(
  count: number,
  place: Place = EVERYWHERE,
  nowMs = Date.now(),
): SimulatedView {
  const rows = Array.from({ length: count }, (_, index) => rowOf(index, nowMs, place));
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
    plans: (...key) => at(...key, (row) => plansOf(row, nowMs)),
    logs: (...key) => at(...key, (row) => logOf(row, nowMs)),
    recordings: () => [],
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
