/** The UI's routes before a real API server: who may do what, and what is sent. */

import assert from "node:assert/strict";
import { manifest, PROXY, startUiWorld, TOKENS, type Ui, type UiWorld } from "./ui_server.ts";

const SIGNAL = AbortSignal.timeout(60_000);

/** Runs a test with an API server of its own. */
function inWorld(name: string, run: (world: UiWorld) => Promise<void>): void {
  Deno.test(name, async () => {
    const world = await startUiWorld();
    try {
      await world.admin.create(manifest("acid-orders", "shop"), { signal: SIGNAL });
      await world.admin.create(manifest("acid-ledger", "bank"), { signal: SIGNAL });
      await run(world);
    } finally {
      await world.stop();
    }
  });
}

const WRITES = { READ_ONLY_MODE: "false" };
const TEAMS = {
  ...WRITES,
  OPERATOR_UI_SIGN_IN: "teams",
  OPERATOR_UI_PROXY_ADDRESSES: "10.1.0.0/16",
  OPERATOR_UI_PROXY_SECRET: "from-the-proxy",
  TEAMS: '["Acid"]',
};
const FROM_PROXY = { "X-Uid": "jdoe", "X-Proxy-Secret": "from-the-proxy" };

inWorld(
  "signing in asks Kubernetes, and keeps the token in a cookie that scripts cannot read",
  async (world) => {
    const { ask } = world.ui(WRITES);
    assert.equal((await ask("/session", { method: "POST", body: { token: "wrong" } })).status, 401);
    assert.equal((await ask("/session", { method: "POST", body: { token: "a b" } })).status, 400);
    const answer = await ask("/session", { method: "POST", body: { token: TOKENS.editor } });
    assert.equal(answer.status, 200);
    const cookie = answer.headers.get("set-cookie") ?? "";
    assert.match(cookie, /; HttpOnly; SameSite=Strict$/);
    const headers = { cookie: cookie.split(";")[0]! };
    assert.equal((await ask("/postgresqls/shop/acid-orders", { headers })).status, 200);
    const behind = await ask("/session", {
      method: "POST",
      body: { token: TOKENS.editor },
      headers: { "x-forwarded-proto": "https" },
    });
    assert.match(behind.headers.get("set-cookie") ?? "", /; Secure$/);
    const out = await ask("/session", { method: "DELETE" });
    assert.match(out.headers.get("set-cookie") ?? "", /Max-Age=0/);
  },
);

inWorld("another site can neither create, change nor delete", async (world) => {
  const { ask } = world.ui(WRITES);
  const headers = { cookie: `postgres-operator-token=${TOKENS.editor}` };
  const body = manifest("acid-foreign", "shop");
  world.audited();
  const foreign = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "none" },
    { origin: "https://evil.example.org" },
    { origin: "null" },
    { "content-type": "text/plain" },
    { "content-type": "application/x-www-form-urlencoded" },
    { "content-type": "multipart/form-data; boundary=a" },
  ];
  for (const each of foreign) {
    const options = { method: "POST", body, headers: { ...headers, ...each } };
    const { status } = await ask("/create-cluster", options);
    assert.ok([403, 415].includes(status), `${JSON.stringify(each)} got ${status}`);
  }
  for (const method of ["DELETE", "PATCH", "POST"]) {
    const options = { method, headers: { ...headers, "sec-fetch-site": "cross-site" } };
    assert.equal((await ask("/postgresqls/shop/acid-orders", options)).status, 403);
  }
  assert.deepEqual(world.audited(), []);
  const own = { ...headers, origin: "http://ui.example.org", "sec-fetch-site": "same-origin" };
  const options = { method: "POST", body, headers: own };
  assert.equal((await ask("/create-cluster", options)).status, 200);
});

/** The fields of a stored cluster. */
async function specOf(world: UiWorld): Promise<Record<string, unknown>> {
  const found = await world.admin.get({
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    namespace: "shop",
    name: "acid-orders",
  }, { signal: SIGNAL });
  return found!["spec"] as Record<string, unknown>;
}

inWorld("an edit as the reference's page sends it loses nothing", async (world) => {
  const { ask } = world.ui(WRITES);
  const token = TOKENS.editor;
  const before = await specOf(world);
  const answer = await ask("/postgresqls/shop/acid-orders", {
    method: "POST",
    token,
    body: {
      spec: {
        numberOfInstances: 3,
        volume: { size: "20Gi" },
        postgresql: { version: "18" },
        users: { app: ["login"] },
        enableMasterLoadBalancer: false,
      },
    },
  });
  assert.equal(answer.status, 200);
  assert.deepEqual(await specOf(world), {
    ...before,
    numberOfInstances: 3,
    volume: { size: "20Gi", storageClass: "fast" },
    users: { app: ["login"] },
  });
  const fewer = { method: "POST", token, body: { spec: { users: {} } } };
  assert.equal((await ask("/postgresqls/shop/acid-orders", fewer)).status, 200);
  assert.deepEqual((await specOf(world))["users"], {});
});

inWorld("what Kubernetes refuses is told with its own words and status", async (world) => {
  const { ask } = world.ui(WRITES);
  const token = TOKENS.editor;
  const path = "/postgresqls/shop/acid-orders";
  const old = { metadata: { resourceVersion: "1" }, spec: { numberOfInstances: 3 } };
  assert.equal((await ask(path, { method: "PATCH", token, body: old })).status, 409);
  const { body } = await ask(path, { token });
  const { resourceVersion } = (body as { metadata: { resourceVersion: string } }).metadata;
  const wrong = { metadata: { resourceVersion }, spec: { numberOfInstances: "many" } };
  const refused = await ask(path, { method: "PATCH", token, body: wrong });
  assert.equal(refused.status, 422);
  assert.match(JSON.stringify(refused.body), /numberOfInstances/);
  const twice = { method: "POST", token, body: manifest("acid-orders", "shop") };
  assert.equal((await ask("/create-cluster", twice)).status, 409);
  const status = { metadata: { resourceVersion }, status: { PostgresClusterStatus: "Running" } };
  assert.equal((await ask(path, { method: "PATCH", token, body: status })).status, 422);
  const blind = { spec: { numberOfInstances: 3 } };
  assert.equal((await ask(path, { method: "PATCH", token, body: blind })).status, 422);
  assert.equal((await ask("/postgresqls/shop/none", { token })).status, 404);
});

inWorld("a trial stores nothing", async (world) => {
  const { ask } = world.ui(WRITES);
  const token = TOKENS.editor;
  const body = manifest("acid-trial", "shop");
  const answer = await ask("/create-cluster?dryRun=All", { method: "POST", token, body });
  assert.equal(answer.status, 200);
  assert.equal((await ask("/postgresqls/shop/acid-trial", { token })).status, 404);
});

inWorld("who may list one namespace sees its clusters, and no others", async (world) => {
  const names = async (ui: Ui, token: string) => {
    const { body } = await ui.ask("/postgresqls", { token });
    return (body as { namespaced_name: string }[]).map((each) => each.namespaced_name).sort();
  };
  assert.deepEqual(await names(world.ui(), world.tokens.admin), [
    "bank/acid-ledger",
    "shop/acid-orders",
  ]);
  const one = world.ui({ TARGET_NAMESPACE: "shop" });
  assert.deepEqual(await names(one, TOKENS.viewer), ["shop/acid-orders"]);
  const other = await one.ask("/postgresqls/bank/acid-ledger", { token: world.tokens.admin });
  assert.equal(other.status, 403);
  assert.equal((await world.ui().ask("/postgresqls", { token: TOKENS.viewer })).status, 403);
});

inWorld("fifty visitors of one user cost as many requests as one", async (world) => {
  const { ask } = world.ui({ TARGET_NAMESPACE: "shop" });
  world.audited();
  const visit = () => ask("/overview", { token: TOKENS.viewer });
  const audited = async (visitors: number) => {
    for (let turn = 0; turn < 5; turn++) {
      await Promise.all(Array.from({ length: visitors }, visit));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return world.audited();
  };
  assert.deepEqual(await audited(50), ["viewer list postgresqls", "viewer watch postgresqls"]);
  assert.deepEqual(await audited(1), []);
  const signal = AbortSignal.timeout(5000);
  await world.admin.create(manifest("acid-seen", "shop"), { signal });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { body } = await visit();
  const names = (body as { clusters: { name: string }[] }).clusters.map(({ name }) => name);
  assert.deepEqual(names.sort(), ["acid-orders", "acid-seen"]);
});

inWorld(
  "what the operator tells is shown to those alone who may see the cluster",
  async (world) => {
    const asked: string[] = [];
    const operator = {
      get: (path: string) => {
        asked.push(path);
        return Promise.resolve([{ Time: "2026-05-04T10:20:30Z", Level: "info", Message: path }]);
      },
      post: () => Promise.reject(new Error("nothing is posted")),
    };
    const { ask } = world.ui({}, { operator });
    const path = "/operator/clusters/shop/acid-orders/logs";
    assert.equal((await ask(path, { token: TOKENS.nobody })).status, 403);
    assert.deepEqual(asked, []);
    const answer = await ask(path, { token: TOKENS.viewer });
    assert.equal(answer.status, 200);
    assert.deepEqual(asked, ["/clusters/shop/acid-orders/logs"]);
    assert.equal((await ask("/operator/status", { token: TOKENS.viewer })).status, 403);
    assert.equal(
      (await ask("/operator/workers/0/queue", { token: world.tokens.admin })).status,
      200,
    );
  },
);

/** Every route of the reference's UI, and the status of an administrator's request. */
const REFERENCE: readonly [string, number][] = [
  ["/health", 200],
  ["/", 200],
  ["/config", 200],
  ["/teams", 200],
  ["/namespaces", 200],
  ["/postgresqls", 200],
  ["/postgresqls/shop/acid-orders", 200],
  ["/services/shop/acid-orders", 404],
  ["/pooler/shop/acid-orders", 404],
  ["/statefulsets/shop/acid-orders", 404],
  ["/statefulsets/shop/acid-orders/pods", 200],
  ["/stored_clusters", 503],
  ["/stored_clusters/acid-orders", 503],
  ["/stored_clusters/acid-orders/base", 503],
  ["/operator/status", 502],
  ["/operator/workers/0/queue", 502],
  ["/operator/workers/0/logs", 502],
  ["/operator/clusters/shop/acid-orders/logs", 502],
];

inWorld("the reference's routes are there", async (world) => {
  const { ask } = world.ui({ TEAMS: '["acid"]' });
  for (const [path, status] of REFERENCE) {
    const answer = await ask(path, { token: world.tokens.admin });
    assert.equal(answer.status, status, `${path}: ${JSON.stringify(answer.body)}`);
    assert.match(answer.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  }
  const { body } = await ask("/postgresqls", { token: world.tokens.admin });
  const [, orders] = (body as Record<string, unknown>[]).toSorted((a, b) =>
    String(a["name"]).localeCompare(String(b["name"]))
  );
  const { uid, ...rest } = orders!;
  assert.equal(typeof uid, "string");
  assert.deepEqual(rest, {
    nodes: 2,
    memory: "300Mi",
    memory_limit: "300Mi",
    cpu: "10m",
    cpu_limit: "300m",
    volume_size: "10Gi",
    iops: 3000,
    throughput: 125,
    team: "acid",
    namespace: "shop",
    name: "acid-orders",
    namespaced_name: "shop/acid-orders",
    full_name: `shop/acid-orders/${uid}`,
    status: {},
    num_elb: 0,
    maintenance_windows: [],
  });
  assert.deepEqual((await ask("/teams", { token: world.tokens.admin })).body, ["acid"]);
});

inWorld("nobody gives a cluster to a team that is not theirs", async (world) => {
  const { ask } = world.ui(TEAMS);
  const path = "/postgresqls/shop/acid-orders";
  const given = { headers: FROM_PROXY, peer: PROXY };
  const { body } = await ask(path, given);
  const { resourceVersion } = (body as { metadata: { resourceVersion: string } }).metadata;
  for (const teamId of ["other", null]) {
    const patch = { metadata: { resourceVersion }, spec: { teamId } };
    assert.equal((await ask(path, { ...given, method: "PATCH", body: patch })).status, 403);
    const update = { ...given, method: "POST", body: { spec: { teamId } } };
    assert.equal((await ask(path, update)).status, 403);
  }
  const own = { metadata: { resourceVersion }, spec: { teamId: "ACID" } };
  assert.equal((await ask(path, { ...given, method: "PATCH", body: own })).status, 200);
});

/** Lets a user list namespaces, and nothing more. */
async function letListNamespaces({ admin }: UiWorld, user: string): Promise<void> {
  const api = "rbac.authorization.k8s.io";
  const kind = (name: string) => ({ apiVersion: `${api}/v1`, kind: name });
  const metadata = { name: `namespaces-${user}` };
  const rules = [{ apiGroups: [""], resources: ["namespaces"], verbs: ["list"] }];
  const roleRef = { apiGroup: api, kind: "ClusterRole", name: metadata.name };
  const subjects = [{ apiGroup: api, kind: "User", name: user }];
  await admin.create({ ...kind("ClusterRole"), metadata, rules } as never, { signal: SIGNAL });
  const binding = { ...kind("ClusterRoleBinding"), metadata, roleRef, subjects };
  await admin.create(binding as never, { signal: SIGNAL });
}

inWorld("who may see no cluster sees neither the bucket nor the operator", async (world) => {
  await letListNamespaces(world, "nobody");
  const store = () => Promise.reject(new Error("the bucket was opened"));
  const operator = {
    get: () => Promise.reject(new Error("the operator was asked")),
    post: () => Promise.reject(new Error("the operator was asked")),
  };
  const { ask } = world.ui({}, { operator, store });
  for (
    const path of [
      "/stored_clusters",
      "/stored_clusters/acid-orders",
      "/stored_clusters/acid-orders/base",
      "/overview",
      "/postgresqls",
      "/operator/status",
      "/operator/config",
      "/operator/workers/0/logs",
      "/operator/workers/0/queue",
      "/clusters/shop/acid-orders/detail",
    ]
  ) {
    const { status } = await ask(path, { token: TOKENS.nobody });
    assert.equal(status, 403, path);
  }
});

inWorld("who may see some clusters is told of those alone by the workers' pages", async (world) => {
  await letListNamespaces(world, "viewer");
  const line = (ClusterName: string) => ({ Time: "", Level: "info", ClusterName, Message: "a" });
  const waiting = (namespace: string, name: string) => ({
    NewSpec: { metadata: { namespace, name } },
  });
  const pages: Record<string, unknown> = {
    "/workers/0/logs": [line("shop/acid-orders"), line("bank/acid-ledger"), {
      Time: "",
      Level: "info",
      Message: "bank/acid-ledger",
    }],
    "/workers/0/queue": {
      Keys: ["SYNC-1", "SYNC-2"],
      List: [waiting("bank", "acid-ledger"), waiting("shop", "acid-orders")],
    },
  };
  const operator = {
    get: (path: string) => Promise.resolve(pages[path]),
    post: () => Promise.reject(new Error("nothing is posted")),
  };
  const { ask } = world.ui({}, { operator });
  const seen = async (path: string, token: string) => (await ask(path, { token })).body;
  const logs = "/operator/workers/0/logs";
  const queue = "/operator/workers/0/queue";
  assert.deepEqual(await seen(logs, TOKENS.viewer), [line("shop/acid-orders")]);
  assert.deepEqual(await seen(queue, TOKENS.viewer), {
    Keys: ["SYNC-2"],
    List: [waiting("shop", "acid-orders")],
  });
  assert.deepEqual(await seen(logs, world.tokens.admin), pages["/workers/0/logs"]);
  assert.deepEqual(await seen(queue, world.tokens.admin), pages["/workers/0/queue"]);
});

inWorld("a name that leads elsewhere is refused before Kubernetes is asked", async (world) => {
  const { ask } = world.ui(WRITES);
  world.audited();
  for (const metadata of [{ name: ".." }, { name: "a/b" }, { name: "" }, { namespace: ".." }, {}]) {
    const body = { ...manifest("acid-new", "shop"), metadata: { namespace: "shop", ...metadata } };
    const answer = await ask("/create-cluster", { method: "POST", token: TOKENS.editor, body });
    assert.equal(answer.status, 422, JSON.stringify(metadata));
    assert.match(JSON.stringify(answer.body), /metadata\.name/);
  }
  assert.deepEqual(world.audited(), []);
});

inWorld("a token is in no line of the log and in no answer", async (world) => {
  const lines: string[] = [];
  const { ask } = world.ui(WRITES, {}, (line) => void lines.push(line));
  const cookie = `postgres-operator-token=${TOKENS.editor}`;
  const answers = [
    await ask("/session", { method: "POST", body: { token: TOKENS.editor } }),
    await ask("/session", { headers: { cookie } }),
    await ask("/postgresqls/shop/acid-orders", { headers: { cookie } }),
    await ask("/postgresqls/bank/acid-ledger", { headers: { cookie } }),
    await ask("/overview", { token: TOKENS.editor }),
    await ask("/metrics"),
  ];
  assert.ok(lines.length > 2, "nothing was logged");
  assert.deepEqual(lines.filter((line) => line.includes(TOKENS.editor)), []);
  for (const { body } of answers) {
    assert.equal(JSON.stringify(body).includes(TOKENS.editor), false);
  }
});

inWorld("too much is refused, and what is no JSON", async (world) => {
  const { ask } = world.ui(WRITES);
  const token = TOKENS.editor;
  const large = { ...manifest("acid-large", "shop"), note: "a".repeat(1024 * 1024) };
  const answer = await ask("/create-cluster", { method: "POST", token, body: large });
  assert.equal(answer.status, 413);
  for (const body of [[], 7, "text", null]) {
    const { status } = await ask("/create-cluster", { method: "POST", token, body });
    assert.equal(status, 400, JSON.stringify(body));
  }
});

/** Every way to write, of which none may be done from another site. */
const WRITING: readonly (readonly [string, string])[] = [
  ["POST", "/session"],
  ["DELETE", "/session"],
  ["POST", "/create-cluster"],
  ["POST", "/postgresqls/shop/acid-orders"],
  ["PATCH", "/postgresqls/shop/acid-orders"],
  ["DELETE", "/postgresqls/shop/acid-orders"],
  ["POST", "/clusters/shop/acid-orders/plan"],
];

inWorld(
  "every route that writes is closed to other sites, and there is no other",
  async (world) => {
    const { app, ask } = world.ui(WRITES);
    const routes = app.routes.filter(({ method }) => !["GET", "ALL"].includes(method))
      .map(({ method, path }) => `${method} ${path.replace(/\/$/, "")}`);
    const known = WRITING.map(([method, path]) =>
      `${method} ${path.replace("shop/acid-orders", ":namespace/:name")}`
    );
    assert.deepEqual([...new Set(routes)].sort(), known.sort());
    const headers = { cookie: `postgres-operator-token=${TOKENS.editor}` };
    world.audited();
    for (const [method, path] of WRITING) {
      for (
        const foreign of [{ "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }]
      ) {
        const options = { method, body: {}, headers: { ...headers, ...foreign } };
        assert.equal((await ask(path, options)).status, 403, `${method} ${path}`);
      }
    }
    assert.deepEqual(world.audited(), []);
  },
);

inWorld("while it stops it says so, and goes on answering", async (world) => {
  let stopping = false;
  const { ask } = world.ui({}, { stopping: () => stopping });
  assert.equal((await ask("/health")).status, 200);
  assert.equal((await ask("/readyz")).status, 200);
  stopping = true;
  assert.equal((await ask("/health")).status, 503);
  assert.equal((await ask("/readyz")).status, 503);
  assert.equal((await ask("/")).status, 200);
  assert.match(String((await ask("/metrics")).body), /pgop_ui_answers_total/);
});
