/** Every command on objects in memory: what it prints, what it changes, and how it fails. */

import assert from "node:assert/strict";
import type { KubeList, KubeObject } from "../kubernetes/types.gen.ts";
import { known } from "../ports/observation.ts";
import { assertGolden } from "../testing/golden.ts";
import { COMMANDS } from "./catalog.ts";
import { worstCode } from "./fleet.ts";
import { runCommand, type System } from "./program.ts";
import type { Session } from "./session.ts";
import { WIDTH } from "./table.ts";

const NOW = new Date("2026-01-05T12:00:00Z");
const NAME = "acid-orders";

interface WorldOptions {
  readonly objects?: readonly KubeObject[];
  /** Kinds that the user may not read. */
  readonly forbidden?: readonly string[];
  readonly command?: (words: readonly string[], stdin: string) => {
    exitCode: number;
    stdout: string;
    stderr: string;
  };
  /** Called at each wait, as the operator that answers meanwhile. */
  readonly meanwhile?: (find: (kind: string, name: string) => KubeObject | undefined) => void;
}

/** A system whose cluster is a list of objects. */
function world({ objects = [], forbidden = [], command, meanwhile }: WorldOptions = {}) {
  const store = structuredClone([...objects]);
  const printed: string[] = [];
  const complained: string[] = [];
  const patches: unknown[] = [];
  let nowMs = NOW.getTime();
  const find = (kind: string, name: string) =>
    store.find((one) => one.kind === kind && one.metadata.name === name);
  const allow = (kind: string) => {
    if (forbidden.includes(kind)) throw new Error(`cannot list ${kind}s: forbidden`);
  };
  const read = <T>(work: () => T): Promise<T> => Promise.resolve().then(work);
  const session: Session = {
    kube: {
      get: ({ kind, name }) =>
        read(() => {
          allow(kind);
          return structuredClone(find(kind, name));
        }),
      list: ({ kind }, { namespace, labelSelector, fieldSelector }) =>
        read(() => {
          allow(kind);
          const wanted = (labelSelector ?? "").split(",").filter((part) => part !== "");
          const about = /involvedObject.name=([^,]+)/.exec(fieldSelector ?? "")?.[1];
          const named = /metadata.name=([^,]+)/.exec(fieldSelector ?? "")?.[1];
          const items = store.filter((one) => {
            const { labels = {}, name } = one.metadata;
            const event = one["involvedObject"] as { name?: string } | undefined;
            return one.kind === kind &&
              (namespace === undefined || one.metadata.namespace === namespace) &&
              wanted.every((part) => labels[part.split("=")[0]!] === part.split("=")[1]) &&
              (about === undefined || event?.name === about) &&
              (named === undefined || name === named);
          });
          return { items: structuredClone(items) } as unknown as KubeList<KubeObject>;
        }),
      patch: ({ kind, name }, { body }) =>
        read(() => {
          patches.push(body);
          const found = find(kind, name)!;
          const { metadata } = body as { metadata?: { annotations?: Record<string, string> } };
          found.metadata.annotations = { ...found.metadata.annotations, ...metadata?.annotations };
          return found;
        }),
      getText: () => Promise.resolve('connected with "s3cr3t" as a user\n'),
      openText: (path) =>
        read(() => {
          if (path.includes(`${NAME}-1`)) throw new Error("cannot read its log");
          return new Response("one\ntwo").body!;
        }),
    },
    reader: () => ({
      read: ({ kind, name }) => Promise.resolve(known(structuredClone(find(kind, name)))),
      listOfCluster: () => Promise.resolve(known([])),
    }),
    exec: {
      exec: ({ command: words, stdin }) =>
        Promise.resolve(
          command?.(words, stdin?.reveal() ?? "") ?? { exitCode: 0, stdout: "", stderr: "" },
        ),
    },
    attach: () => Promise.resolve(0),
    namespace: "shop",
    askOperator: () => Promise.reject(new Error("no operator answers here")),
    terminal: {
      print: (text) => void printed.push(text),
      complain: (text) => void complained.push(text),
      interactive: false,
      readInput: () => Promise.resolve("SELECT 2"),
    },
    now: () => new Date(nowMs),
    wait: (ms) => {
      nowMs += ms;
      meanwhile?.(find);
      return Promise.resolve();
    },
    signal: new AbortController().signal,
  };
  const system: System = {
    print: session.terminal.print,
    complain: session.terminal.complain,
    readFile: () => Promise.resolve(""),
    open: () => Promise.resolve({ session, close: () => {} }),
  };
  const run = async (line: string) => {
    printed.length = 0;
    complained.length = 0;
    const code = await runCommand(line.split(" ").filter((word) => word !== ""), system);
    return { code, out: printed.join(""), err: complained.join("") };
  };
  return { run, patches, find };
}

const LABELS = { application: "spilo", "cluster-name": NAME };

function manifest(rest: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    metadata: {
      namespace: "shop",
      name: NAME,
      uid: "u-1",
      generation: 3,
      creationTimestamp: "2026-01-01T12:00:00Z",
      resourceVersion: "7",
    },
    spec: {
      teamId: "acid",
      numberOfInstances: 2,
      volume: { size: "10Gi" },
      postgresql: { version: "17" },
      users: { app: [] },
      databases: { orders: "app" },
      enableLogicalBackup: true,
      tls: { secretName: "orders-tls" },
    },
    status: {
      PostgresClusterStatus: "UpdateFailed",
      observedGeneration: 2,
      readyInstances: 2,
      primary: `${NAME}-0`,
      conditions: [
        {
          type: "Ready",
          status: "True",
          reason: "PrimaryUp",
          message: `${NAME}-0 is the primary`,
        },
        {
          type: "Synced",
          status: "False",
          reason: "Failed",
          message: "databases: cannot create database orders: " + "the disk is full ".repeat(8),
        },
      ],
      backups: {
        archiver: "failing",
        lastFailedWal: "000000010000000000000007",
        lastBaseBackup: "2026-01-05T01:00:00Z",
        oldestRecoverablePoint: "2026-01-02T01:00:00Z",
      },
      restarts: [
        {
          time: "2026-01-05T09:59:00Z",
          what: "recreate",
          pod: `${NAME}-1`,
          why: `recreate ${NAME}-1: marked for a restart: ` +
            'spec.template.spec.containers[postgres].image: "spilo:1" → "spilo:2"',
        },
        {
          time: "2026-01-05T09:59:30Z",
          what: "switchover",
          pod: `${NAME}-0`,
          why: `${NAME}-0 is marked for a restart`,
        },
      ],
      requests: [
        {
          what: "switchover",
          id: "a1",
          state: "done",
          time: "2026-01-05T11:00:00Z",
          message: `${NAME}-0 is the primary`,
          members: [`${NAME}-1=u`],
        },
      ],
    },
    ...rest,
  };
}

function pod(index: number, role: string, note: Record<string, unknown>): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      namespace: "shop",
      name: `${NAME}-${index}`,
      uid: `p-${index}`,
      creationTimestamp: "2026-01-05T10:00:00Z",
      labels: { ...LABELS, "spilo-role": role },
      annotations: { status: JSON.stringify(note) },
    },
    spec: { nodeName: `node-${index}`, containers: [{ name: "postgres" }] },
    status: {
      phase: "Running",
      podIP: "10.0.0.1",
      containerStatuses: [{
        name: "postgres",
        restartCount: index,
        state: { running: {} },
        lastState: index === 0 ? {} : {
          terminated: { reason: "OOMKilled", exitCode: 137, finishedAt: "2026-01-05T10:30:00Z" },
        },
      }],
    },
  };
}

const OBJECTS: readonly KubeObject[] = [
  manifest(),
  pod(0, "master", { state: "running", xlog_location: 5_000_000, timeline: 3 }),
  pod(1, "replica", {
    state: "running",
    replication_state: "streaming",
    xlog_location: 3_000_000,
    timeline: 3,
    pending_restart: true,
  }),
  {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { namespace: "shop", name: NAME, labels: LABELS },
    spec: { selector: { matchLabels: LABELS } },
  },
  {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { namespace: "shop", name: `logical-backup-${NAME}`, labels: LABELS },
    spec: { schedule: "30 00 * * *" },
    status: {
      lastScheduleTime: "2026-01-05T00:30:00Z",
      lastSuccessfulTime: "2026-01-04T00:41:00Z",
    },
  },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace: "shop", name: `${NAME}-pooler`, labels: { "cluster-name": NAME } },
    spec: { replicas: 2 },
    status: { readyReplicas: 1 },
  },
  {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: "shop", name: "app.orders", labels: { "cluster-name": NAME } },
    data: { username: btoa("app"), password: btoa("s3cr3t") },
  },
  {
    apiVersion: "v1",
    kind: "Event",
    metadata: { namespace: "shop", name: "e1" },
    involvedObject: { kind: "postgresql", name: NAME },
    lastTimestamp: "2026-01-05T10:10:00Z",
    type: "Normal",
    reason: "Update",
    message: "Performing rolling update",
    count: 2,
  },
  {
    apiVersion: "v1",
    kind: "Event",
    metadata: { namespace: "shop", name: "e2" },
    involvedObject: { kind: "Pod", name: `${NAME}-1` },
    lastTimestamp: "2026-01-05T10:00:01Z",
    type: "Normal",
    reason: "Pulled",
    message: "Container image is there",
  },
];

const SHOWN: readonly [string, string][] = [
  ["list", "list -A"],
  ["status", `status ${NAME}`],
  ["why a pod", `why ${NAME}-1`],
  ["history", `history ${NAME}`],
  ["connect", `connect ${NAME}`],
  ["connect with all", `connect ${NAME} --pooler --replica --password --user app`],
  ["restore", `restore ${NAME} acid-copy --at 2026-01-05T11:00:00Z`],
  ["help", "--help"],
  ["usage", "switchover --help"],
  ["logs", `logs ${NAME} --tail 5`],
];

Deno.test("what commands print is as people know it", async () => {
  const shown: Record<string, unknown> = {};
  for (const [name, line] of SHOWN) shown[name] = await world({ objects: OBJECTS }).run(line);
  assertGolden(shown, new URL("testdata/printed.yaml", import.meta.url));
});

Deno.test("no line of a screen is longer than a terminal is wide", async () => {
  for (const line of [`status ${NAME}`, `why ${NAME}`, "list", "--help"]) {
    const { out } = await world({ objects: OBJECTS }).run(line);
    const long = out.split("\n").filter((one) => one.length > WIDTH);
    assert.deepEqual(long, [], line);
  }
});

Deno.test("status says part by part what it could not read, and never fails as a whole", async () => {
  const kinds = ["Pod", "StatefulSet", "CronJob", "Deployment", "Secret"];
  for (const kind of kinds) {
    const { code, out } = await world({ objects: OBJECTS, forbidden: [kind] }).run(
      `status ${NAME}`,
    );
    assert.equal(code, 0, kind);
    assert.match(out, /UpdateFailed/);
    if (kind !== "StatefulSet") {
      assert.match(out, new RegExp(`unknown: cannot list ${kind}s`), kind);
    }
  }
});

Deno.test("status and list come as data where that is asked for", async () => {
  const { run } = world({ objects: OBJECTS });
  const { out } = await run(`status ${NAME} -o json`);
  const data = JSON.parse(out) as { members: { name: string; lagBytes?: number }[] };
  assert.deepEqual(data.members.map(({ lagBytes }) => lagBytes), [undefined, 2_000_000]);
  assert.match((await run("list -o yaml")).out, /^- apiVersion: acid/);
  assert.equal((await run("list -o xml")).code, 2);
});

Deno.test("an action is an annotation with an id, and the answer decides the exit code", async () => {
  for (const [state, code] of [["done", 0], ["failed", 1], ["refused", 1]] as const) {
    const here = world({
      objects: [manifest()],
      meanwhile: (find) => {
        const cr = find("postgresql", NAME)!;
        const value = cr.metadata.annotations?.["acid.zalan.do/request-switchover"] ?? "";
        const [id = ""] = value.split(",");
        const time = NOW.toISOString();
        cr["status"] = { requests: [{ what: "switchover", id, state, message: "so", time }] };
      },
    });
    const ran = await here.run(`switchover ${NAME} --to ${NAME}-1`);
    assert.equal(ran.code, code);
    assert.match(ran.err, new RegExp(`${state}: so`));
    assert.deepEqual(here.patches, [{
      metadata: {
        annotations: {
          "acid.zalan.do/request-switchover": `20260105-120000,to=${NAME}-1`,
        },
      },
    }]);
  }
});

Deno.test("who waits for an operator that is not there is told so", async () => {
  const { code, err } = await world({ objects: [manifest()] }).run(`restart ${NAME}`);
  assert.equal(code, 1);
  assert.match(err, /no operator has answered within 30 s/);
});

Deno.test("resume takes the annotations away that hold", async () => {
  const cr = manifest();
  cr.metadata.annotations = { "acid.zalan.do/request-pause": "p1" };
  const here = world({ objects: [cr] });
  assert.equal((await here.run(`resume ${NAME}`)).code, 0);
  assert.deepEqual(here.patches, [{
    metadata: { annotations: { "acid.zalan.do/request-pause": null } },
  }]);
  assert.equal((await world({ objects: [manifest()] }).run(`resume ${NAME}`)).code, 1);
});

const CHANGES: readonly [string, Record<string, unknown> | RegExp][] = [
  [`scale ${NAME} 3`, { numberOfInstances: 3 }],
  [`scale ${NAME} 2`, /has 2 instances already/],
  [`scale ${NAME} many`, /whole number/],
  [`add-user ${NAME} bob createdb`, { users: { bob: ["createdb"] } }],
  [`add-user ${NAME} app`, /has app already/],
  [`add-db ${NAME} shop --owner app`, { databases: { shop: "app" } }],
  [`add-db ${NAME} shop --owner eve`, /there is no user eve/],
  [`add-db ${NAME} shop`, /--owner/],
  [`ext-volume ${NAME} 20Gi`, { volume: { size: "20Gi" } }],
  [`ext-volume ${NAME} 1Gi`, /only grow/],
  [`ext-volume ${NAME} big`, /no size/],
];

for (const [line, want] of CHANGES) {
  Deno.test(`${line} ${want instanceof RegExp ? "is refused" : "changes the manifest"}`, async () => {
    const here = world({ objects: OBJECTS });
    const { code, err } = await here.run(line);
    if (want instanceof RegExp) {
      assert.equal(code, 1);
      assert.match(err, want);
      assert.deepEqual(here.patches, []);
    } else {
      assert.deepEqual(here.patches, [{ metadata: { resourceVersion: "7" }, spec: want }]);
    }
  });
}

Deno.test("a statement of psql is read, and stands in no command", async () => {
  const seen: [readonly string[], string][] = [];
  const here = world({
    objects: OBJECTS,
    command: (words, stdin) => {
      seen.push([words, stdin]);
      return { exitCode: 3, stdout: "1\n", stderr: "no\n" };
    },
  });
  const ran = await here.run(`psql ${NAME} --command=SELECT-1`);
  assert.deepEqual([ran.code, ran.out, ran.err], [3, "1\n", "no\n"]);
  assert.equal(seen[0]?.[1], "SELECT-1\n\\q\n");
  assert.ok(!seen[0]?.[0].join(" ").includes("SELECT"));
});

Deno.test("a report holds no password, no variable and no text of others", async () => {
  const secret = "p4ssw0rd-canary";
  const objects = structuredClone([...OBJECTS]) as (KubeObject & Record<string, never>)[];
  const [cr, first] = objects as unknown as [
    { spec: Record<string, unknown> },
    { spec: { containers: Record<string, unknown>[] } },
  ];
  cr.spec["env"] = [{ name: "TOKEN", value: secret }];
  first.spec.containers[0]!["env"] = [{ name: "TOKEN", value: secret }];
  objects.push({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: "shop", name: "s", labels: LABELS },
    data: { password: btoa(secret), url: btoa(`postgres://a:${secret}@b`) },
  } as never);
  const { code, out } = await world({ objects }).run(`report ${NAME}`);
  assert.equal(code, 0);
  for (const canary of [secret, btoa(secret), "s3cr3t", btoa("s3cr3t")]) {
    assert.ok(!out.includes(canary), canary);
  }
  const report = JSON.parse(out) as { objects: Record<string, unknown[]> };
  assert.equal(report.objects["Secret"]?.length, 2);
});

Deno.test("a plan without a configuration is not made by the wrong one", async () => {
  const { code, err } = await world({ objects: OBJECTS }).run(`plan ${NAME}`);
  assert.equal(code, 1);
  assert.match(err, /name the operator's configuration/);
});

Deno.test("the plan of a fleet has a line for each cluster, and the worst exit code", async () => {
  const other = manifest();
  other.metadata = { ...other.metadata, namespace: "bank", name: "acid-bank" };
  const here = world({ objects: [manifest(), other] });
  const all = await here.run("plan -A --config defaults");
  assert.match(all.out, /shop\/acid-orders +none +\d+/);
  assert.match(all.out, /bank\/acid-bank +none +\d+/);
  // Patroni of neither can be asked here.
  assert.equal(all.code, 1, all.out);
  assert.match(all.out, /2 clusters: 2 would be disturbed or cannot be planned/);
  const own = await here.run("plan --all --config defaults -o json");
  assert.deepEqual((JSON.parse(own.out) as { cluster: string }[]).map((one) => one.cluster), [
    "shop/acid-orders",
  ]);
  assert.equal(worstCode([{ exitCode: 3 }, { exitCode: 1 }, { exitCode: 0 }]), 1);
  assert.equal(worstCode([{ exitCode: 3 }, { exitCode: 5 }, { exitCode: 4 }]), 5);
});

Deno.test("a plan previews a request", async () => {
  const { out } = await world({ objects: [manifest()] }).run(
    `plan ${NAME} --config defaults --request backup=b1`,
  );
  assert.match(out, /Job shop\/logical-backup-acid-orders-[0-9a-f]{8} is made/);
});

const GOOD_BACKUPS = {
  archiver: "working",
  lastBaseBackup: "2026-01-05T01:00:00Z",
  oldestRecoverablePoint: "2026-01-02T01:00:00Z",
};

function backupCondition(status: string, reason: string, message: string) {
  return { type: "BackupOK", status, reason, message, lastTransitionTime: "2026-01-05T01:00:00Z" };
}

Deno.test("a restore keeps to what the archive has", async () => {
  for (
    const [at, want] of [
      ["2026-01-01T23:00:00Z", /oldest point of the archive/],
      ["2026-01-02T01:00:00Z", /oldest point of the archive/],
      ["2025-01-01T23:00:00Z", /before the cluster was made/],
      ["2027-01-01T23:00:00Z", /in the future/],
      ["2026-01-03T23:00:00", /no time with a zone/],
      ["soon", /no time with a zone/],
    ] as const
  ) {
    const { code, err } = await world({ objects: OBJECTS }).run(`restore ${NAME} b --at ${at}`);
    assert.equal(code, 1);
    assert.match(err, want);
  }
});

/** What the status says of an archive, and what a person is told beside the manifest. */
const DOUBTS: readonly [string, Record<string, unknown>, readonly RegExp[]][] = [
  [
    "an archive that fails",
    {},
    [/note: WAL is not archived from 000000010000000000000007 on/],
  ],
  ["an archive that is well", { backups: GOOD_BACKUPS }, []],
  ["nothing of an archive", { backups: undefined }, [/note: it is unknown what the archive has/]],
  [
    "an archive that could not be asked",
    { backups: GOOD_BACKUPS, conditions: [backupCondition("Unknown", "Unreadable", "no answer")] },
    [/note: what is said of the archive is of an earlier look: no answer/],
  ],
];

for (const [what, status, notes] of DOUBTS) {
  Deno.test(`a restore says what speaks against it where the status has ${what}`, async () => {
    const cr = manifest();
    const objects = [{ ...cr, status: { ...cr.status as object, ...status } }];
    const { code, err, out } = await world({ objects }).run(`restore ${NAME} b`);
    assert.equal(code, 0);
    assert.match(out, /timestamp: 2026-01-05T/);
    for (const note of notes) assert.match(err, note);
    if (notes.length === 0) assert.equal(err, "");
  });
}

Deno.test("an archive that nobody could ask is unknown on the screen, with the reason", async () => {
  const cr = manifest();
  const condition = backupCondition("Unknown", "Unreadable", "pods/exec is forbidden");
  const status = { ...cr.status as object, backups: undefined, conditions: [condition] };
  const { out } = await world({ objects: [{ ...cr, status }] }).run(`status ${NAME}`);
  assert.match(out, /^archive: unknown: pods\/exec is forbidden$/m);
});

Deno.test("a restore without any base backup is refused", async () => {
  const cr = manifest();
  const condition = backupCondition("False", "NoBaseBackup", "there is no base backup yet");
  const objects = [{ ...cr, status: { ...cr.status as object, conditions: [condition] } }];
  const { code, err } = await world({ objects }).run(`restore ${NAME} b`);
  assert.equal(code, 1);
  assert.match(err, /no base backup to restore from/);
});

Deno.test("a copy sends no events of its source again, and is told to have its names in DNS", async () => {
  const cr = manifest();
  const spec = {
    ...cr.spec as object,
    streams: [{ applicationId: "app", database: "foo", tables: {} }],
    masterServiceAnnotations: { "external-dns.alpha.kubernetes.io/hostname": "db.example.org" },
  };
  const here = world({
    objects: [{ ...cr, spec, status: { ...cr.status as object, backups: GOOD_BACKUPS } }],
  });
  const copy = await here.run(`restore ${NAME} b`);
  assert.doesNotMatch(copy.out, /streams:/);
  assert.match(copy.err, /note: event streams are left out of a copy/);
  assert.match(copy.err, /names in DNS: external-dns.alpha.kubernetes.io\/hostname/);
  const inPlace = await here.run(`restore ${NAME} ${NAME}`);
  assert.match(inPlace.out, /streams:/);
  assert.doesNotMatch(inPlace.err, /DNS|events/);
});

Deno.test("a restore in place names its former life, and says what has to go first", async () => {
  const here = world({ objects: [{ ...manifest() }] });
  const { code, err, out } = await here.run(`restore ${NAME} ${NAME}`);
  assert.equal(code, 0);
  assert.match(out, new RegExp(`cluster: ${NAME}\\n *uid: .+\\n *timestamp:`));
  assert.match(err, new RegExp(`takes the place of ${NAME}: delete that`));
  assert.equal((await here.run(`restore ${NAME} ${NAME} --plan`)).code, 1);
});

Deno.test("flags of all commands may stand before the command, short ones mean what it has", async () => {
  const here = world({ objects: OBJECTS });
  for (const line of [`-n shop status ${NAME}`, `--output json --namespace=shop status ${NAME}`]) {
    assert.equal((await here.run(line)).code, 0, line);
  }
  assert.match((await here.run("-n shop")).err, /there is no command -n/);
  assert.match((await here.run("-f x.yaml plan")).err, /unknown flag|no command|cannot read/);
  const file = await here.run("plan -f a.yaml --config defaults");
  assert.match(file.err, /no file holds a manifest/);
  assert.equal((await here.run(`logs ${NAME} -f`)).code, 1);
});

const WRONG: readonly [string, RegExp][] = [
  ["", /COMMAND/],
  ["fly", /no command fly/],
  ["status", /status needs CLUSTER/],
  ["status a b", /status needs CLUSTER/],
  ["status a --loud", /unknown flag --loud/],
  ["switchover a --to", /--to needs a value/],
  ["completion fish", /bash or zsh/],
];

for (const [line, want] of WRONG) {
  Deno.test(`${JSON.stringify(line)} is no command`, async () => {
    const { code, out, err } = await world().run(line);
    assert.match(out + err, want);
    assert.equal(code, line === "" ? 0 : 2);
  });
}

Deno.test("completion knows every command and flag", async () => {
  const { out } = await world().run("completion bash");
  for (const { name, flags = {} } of COMMANDS) {
    assert.ok(out.includes(`    ${name}) echo`), name);
    for (const flag of Object.keys(flags)) assert.ok(out.includes(`--${flag}`), flag);
  }
});
