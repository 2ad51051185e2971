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

/** Each way to sign in, and what each kind of user gets for reading, writing and deleting. */
const RIGHTS: readonly {
  readonly who: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly peer?: string;
  readonly read: number;
  readonly write: number;
}[] = [
  { who: "nobody without a token", variables: WRITES, read: 401, write: 401 },
  { who: "a token that is none", variables: WRITES, token: "wrong", read: 401, write: 401 },
  { who: "a user without rights", variables: WRITES, token: TOKENS.nobody, read: 403, write: 403 },
  { who: "a viewer", variables: WRITES, token: TOKENS.viewer, read: 200, write: 403 },
  { who: "an editor", variables: WRITES, token: TOKENS.editor, read: 200, write: 200 },
  {
    who: "an editor of a read-only UI",
    variables: {},
    token: TOKENS.editor,
    read: 200,
    write: 403,
  },
  {
    who: "a member of the team",
    variables: TEAMS,
    headers: FROM_PROXY,
    peer: PROXY,
    read: 200,
    write: 200,
  },
  {
    who: "a member of another team",
    variables: { ...TEAMS, TEAMS: '["other"]' },
    headers: FROM_PROXY,
    peer: PROXY,
    read: 200,
    write: 403,
  },
  {
    who: "a superuser of another team",
    variables: { ...TEAMS, TEAMS: '["other","root"]', SUPERUSER_TEAM: "root" },
    headers: FROM_PROXY,
    peer: PROXY,
    read: 200,
    write: 200,
  },
  {
    who: "the header from elsewhere",
    variables: TEAMS,
    headers: FROM_PROXY,
    read: 401,
    write: 401,
  },
  {
    who: "the header without the secret",
    variables: TEAMS,
    headers: { "X-Uid": "jdoe" },
    peer: PROXY,
    read: 401,
    write: 401,
  },
  {
    who: "an impersonated editor",
    variables: { ...TEAMS, OPERATOR_UI_SIGN_IN: "proxy" },
    headers: { ...FROM_PROXY, "X-Forwarded-User": "editor" },
    peer: PROXY,
    read: 200,
    write: 200,
  },
  {
    who: "an impersonated viewer",
    variables: { ...TEAMS, OPERATOR_UI_SIGN_IN: "proxy" },
    headers: { ...FROM_PROXY, "X-Forwarded-User": "viewer" },
    peer: PROXY,
    read: 200,
    write: 403,
  },
  {
    who: "an impersonated administrator",
    variables: { ...TEAMS, OPERATOR_UI_SIGN_IN: "proxy" },
    headers: { ...FROM_PROXY, "X-Forwarded-User": "system:admin" },
    peer: PROXY,
    read: 401,
    write: 401,
  },
  {
    who: "a nobody who claims the group of administrators",
    variables: { ...TEAMS, OPERATOR_UI_SIGN_IN: "proxy" },
    headers: {
      ...FROM_PROXY,
      "X-Forwarded-User": "nobody",
      "X-Forwarded-Groups": "system:masters",
    },
    peer: PROXY,
    read: 403,
    write: 403,
  },
];

inWorld("every way to sign in gives the rights of the user and no others", async (world) => {
  for (const { who, variables, read, write, ...given } of RIGHTS) {
    const { ask } = world.ui(variables);
    const path = "/postgresqls/shop/acid-orders";
    assert.equal((await ask(path, given)).status, read, `${who} reads`);
    const fresh = await world.admin.get({
      apiVersion: "acid.zalan.do/v1",
      kind: "postgresql",
      namespace: "shop",
      name: "acid-orders",
    }, { signal: SIGNAL });
    const { resourceVersion } = fresh!.metadata;
    const patch = { metadata: { resourceVersion }, spec: { numberOfInstances: 3 } };
    const change = await ask(path, { ...given, method: "PATCH", body: patch });
    assert.equal(change.status, write, `${who} changes: ${JSON.stringify(change.body)}`);
    const made = manifest(`acid-new-${RIGHTS.findIndex((row) => row.who === who)}`, "shop");
    const create = await ask("/create-cluster", { ...given, method: "POST", body: made });
    assert.equal(create.status, write, `${who} creates: ${JSON.stringify(create.body)}`);
    const name = made.metadata.name;
    const gone = await ask(`/postgresqls/shop/${name}`, { ...given, method: "DELETE" });
    const missing = write === 200 ? 200 : read === 200 ? 404 : read;
    assert.equal(gone.status, missing, `${who} deletes: ${JSON.stringify(gone.body)}`);
  }
});

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
  assert.deepEqual(await names(world.ui(), world.api.token), [
    "bank/acid-ledger",
    "shop/acid-orders",
  ]);
  const one = world.ui({ TARGET_NAMESPACE: "shop" });
  assert.deepEqual(await names(one, TOKENS.viewer), ["shop/acid-orders"]);
  const other = await one.ask("/postgresqls/bank/acid-ledger", { token: world.api.token });
  assert.equal(other.status, 403);
  assert.equal((await world.ui().ask("/postgresqls", { token: TOKENS.viewer })).status, 403);
});

inWorld("fifty visitors of one user cost as many requests as one", async (world) => {
  const { ask } = world.ui({ TARGET_NAMESPACE: "shop" });
  world.audited();
  await Promise.all(
    Array.from({ length: 50 }, () => ask("/overview", { token: TOKENS.viewer })),
  );
  assert.deepEqual(world.audited(), ["viewer list postgresqls"]);
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
    assert.equal((await ask("/operator/workers/0/queue", { token: world.api.token })).status, 200);
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
    const answer = await ask(path, { token: world.api.token });
    assert.equal(answer.status, status, `${path}: ${JSON.stringify(answer.body)}`);
    assert.match(answer.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  }
  const { body } = await ask("/postgresqls", { token: world.api.token });
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
  assert.deepEqual((await ask("/teams", { token: world.api.token })).body, ["acid"]);
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
