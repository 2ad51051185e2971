/** Each rule with a case that makes it true; a cluster that is well makes none true. */

import assert from "node:assert/strict";
import type { Postgresql } from "../../api/types.gen.ts";
import type { MemberView } from "../../debug/overview_shapes.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import type { LastPass } from "../registry.ts";
import { archives } from "../seen.ts";
import { findingsOf, type Looked } from "./findings.ts";

const NOW = new Date("2026-05-04T10:00:00Z");

function member(name: string, given: Partial<MemberView> = {}): MemberView {
  return {
    name,
    role: "replica",
    state: "streaming",
    ready: true,
    timeline: 1,
    lagBytes: 0,
    pendingRestart: false,
    node: `node-of-${name}`,
    address: "10.0.0.1",
    phase: "Running",
    restarts: 0,
    started: "",
    ...given,
  };
}

const PRIMARY = member("a-0", { role: "primary", state: "running", lagBytes: null });
const REPLICA = member("a-1");

function manifest(given: Partial<Postgresql> = {}, spec: Partial<Postgresql["spec"]> = {}) {
  const made = cluster({ spec });
  return {
    ...made,
    status: { PostgresClusterStatus: "Running" },
    ...given,
  } as Postgresql;
}

/** A pass whose pods archive to a bucket. */
function pass(given: Partial<LastPass> = {}, env = [{ name: "WAL_S3_BUCKET", value: "wal" }]) {
  const containers = [{ name: "postgres", image: "spilo:1", env }];
  return {
    cause: "sync",
    at: NOW,
    plan: { key: "shop/acid-orders", generation: 1, steps: [], held: [] },
    outcomes: [],
    failure: undefined,
    seen: { archives: archives(containers) },
    ...given,
  } as unknown as LastPass;
}

function looked(given: Partial<Looked> = {}): Looked {
  return { cr: manifest(), last: pass(), members: [PRIMARY, REPLICA], now: NOW, ...given };
}

function unsynced(minutes: number): Postgresql["status"] {
  const since = new Date(NOW.getTime() - minutes * 60_000).toISOString();
  const synced = { type: "Synced", status: "False", reason: "Progressing", message: "" };
  return {
    PostgresClusterStatus: "Updating",
    conditions: [{ ...synced, lastTransitionTime: since }],
  } as Postgresql["status"];
}

const held = [{ subject: "statefulset", kind: "waiting", reason: "a-1 is not up" }] as const;
const waiting = pass({ plan: { key: "", generation: 1, steps: [], held: [...held] } });

const HOUR = 3_600_000;

/** A cluster of some age whose status tells more. */
function told(hours: number, status: object): { cr: Postgresql } {
  const creationTimestamp = new Date(NOW.getTime() - hours * HOUR).toISOString();
  const { metadata, ...rest } = manifest();
  return {
    cr: {
      ...rest,
      metadata: { ...metadata, creationTimestamp },
      status: { PostgresClusterStatus: "Running", ...status },
    } as Postgresql,
  };
}

function condition(type: string, status: string, reason: string, message: string) {
  return { conditions: [{ type, status, reason, message }] };
}

/** What came of a request, some hours ago. */
function asked(state: string, hours: number) {
  const time = new Date(NOW.getTime() - hours * HOUR).toISOString();
  return { requests: [{ what: "pause", id: "a", state, message: "it is so", time }] };
}

const CASES: Readonly<Record<string, Partial<Looked>>> = {
  "no-primary": { members: [{ ...PRIMARY, role: "replica" }, REPLICA] },
  "two-primaries": { members: [PRIMARY, { ...REPLICA, role: "primary" }] },
  "pass-fails": { last: pass({ failure: "it broke" }) },
  "held-long": { cr: manifest({ status: unsynced(11) } as Partial<Postgresql>), last: waiting },
  "members-missing": { members: [PRIMARY, { ...REPLICA, ready: false, phase: "Pending" }] },
  "not-streaming": { members: [PRIMARY, { ...REPLICA, state: "stopped" }] },
  "far-behind": { members: [PRIMARY, { ...REPLICA, lagBytes: 300 * 1024 ** 2 }] },
  "restart-pending": { members: [PRIMARY, { ...REPLICA, pendingRestart: true }] },
  "restarts": { members: [PRIMARY, { ...REPLICA, restarts: 5 }] },
  "one-node": { members: [{ ...PRIMARY, node: "n" }, { ...REPLICA, node: "n" }] },
  "single-member": { cr: manifest({}, { numberOfInstances: 1 }), members: [PRIMARY] },
  "backup-unknown": { cr: backedUp("Unknown") },
  "archiving-fails": told(
    1,
    condition("BackupOK", "False", "ArchiverFails", "WAL is not archived"),
  ),
  "no-recent-backup": told(49, condition("BackupOK", "False", "NoBaseBackup", "there is none")),
  "restart-loop": told(
    1,
    condition("RestartLoopPrevented", "True", "Braked", "3 restarts are left"),
  ),
  "request-failed": told(1, asked("refused", 2)),
  "set-aside": told(1, asked("active", 99)),
  "overridden": told(1, { overridden: ["spec.replicas of StatefulSet a"] }),
  "no-backup": { last: pass({}, []) },
};

/** A cluster whose condition of backups has a status. */
function backedUp(status: string) {
  const condition = {
    type: "BackupOK",
    status,
    reason: "Why",
    message: "so",
    lastTransitionTime: "",
  };
  return manifest({ status: { PostgresClusterStatus: "Running", conditions: [condition] } });
}

Deno.test("backups that are well are no finding", () => {
  assert.deepEqual(findingsOf(looked({ cr: backedUp("True") })), []);
});

Deno.test("every rule has a case", async () => {
  const source = await Deno.readTextFile(new URL("findings.ts", import.meta.url));
  const rules = [...source.matchAll(/^ {4}rule: "([\w-]+)"/gm)].map((match) => match[1]);
  assert.deepEqual(Object.keys(CASES).sort(), rules.sort());
});

Deno.test("a cluster that is well makes no rule true", () => {
  assert.deepEqual(findingsOf(looked()), []);
});

for (const [rule, given] of Object.entries(CASES)) {
  Deno.test(`the rule ${rule} is true alone, and says what it goes by`, () => {
    const found = findingsOf(looked(given));
    assert.deepEqual(found.map((finding) => finding.rule), [rule]);
    assert.ok(found[0]!.evidence.length > 0 && found[0]!.advice !== "");
  });
}

const QUIET: Readonly<Record<string, Partial<Looked>>> = {
  "backups of a new cluster": told(2, condition("BackupOK", "False", "NoBaseBackup", "none yet")),
  "backups that are well": told(99, condition("BackupOK", "True", "Recent", "it is so")),
  "restarts that are not held": told(1, condition("RestartLoopPrevented", "False", "Quiet", "")),
  "requests that were done": told(1, asked("done", 1)),
  "requests that failed yesterday": told(99, asked("failed", 25)),
  "pods that are not known": { members: undefined },
  "a cluster that was not looked at yet": { last: undefined, members: undefined },
  "a wait of nine minutes": {
    cr: manifest({ status: unsynced(9) } as Partial<Postgresql>),
    last: waiting,
  },
  "members of a cluster that is being created": {
    cr: manifest({ status: { PostgresClusterStatus: "Creating" } } as Partial<Postgresql>),
    members: [PRIMARY],
  },
  "a cluster of no members": { cr: manifest({}, { numberOfInstances: 0 }), members: [] },
  "a dump that is made each night": {
    cr: manifest({}, { enableLogicalBackup: true }),
    last: pass({}, []),
  },
  "members on nodes that are not known": {
    members: [{ ...PRIMARY, node: "" }, { ...REPLICA, node: "" }],
  },
};

for (const [what, given] of Object.entries(QUIET)) {
  Deno.test(`${what} make no finding`, () => assert.deepEqual(findingsOf(looked(given)), []));
}

Deno.test("the worst comes first, and a cluster on its way out has none", () => {
  const given = looked({
    last: pass({ failure: "it broke" }, []),
    members: [PRIMARY, { ...REPLICA, pendingRestart: true }],
  });
  const severities = findingsOf(given).map(({ severity }) => severity);
  assert.deepEqual(severities, ["critical", "warning", "notice"]);
  given.cr.metadata.deletionTimestamp = "2026-05-04T10:00:00Z";
  assert.deepEqual(findingsOf(given), []);
});
