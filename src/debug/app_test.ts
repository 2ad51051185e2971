/** Paths, shapes and errors of the debug API, without a socket. */

import assert from "node:assert/strict";
import * as v from "valibot";
import { createDebugApp } from "./app.ts";
import { placesBy } from "./pprof/places.ts";
import { createSampler } from "./pprof/sampler.ts";
import { type Route, ROUTES } from "./routes.ts";
import { type ClusterView, ErrorShape } from "./shapes.ts";
import type { DetailView } from "./overview_shapes.ts";
import type { OperatorView } from "./view.ts";

const CLUSTER: ClusterView = {
  Team: "acid",
  Cluster: "acid-a",
  Namespace: "default",
  MasterService: null,
  ReplicaService: null,
  MasterEndpoint: null,
  ReplicaEndpoint: null,
  StatefulSet: null,
  PrimaryPodDisruptionBudget: null,
  CriticalOpPodDisruptionBudget: null,
  CurrentProcess: { Name: "", StartTime: "" },
  Worker: 0,
  Status: { PostgresClusterStatus: "Running" },
  Spec: {},
  Error: null,
};
const LOGS = [{ Time: "2026-05-04T10:20:30.456Z", Level: "info", Worker: 1, Message: "a" }];
const STATUS = { LastSyncTime: 1, Clusters: 1, WorkerQueueSize: { "0": 0, "1": 0 } };
const PLAN = {
  cluster: "default/acid-a",
  generation: 1,
  cause: "add",
  at: "2026-05-04T10:20:30.456Z",
  steps: [{
    subject: "services",
    action: "a",
    effect: "none",
    reasons: ["b"],
    sentences: ["b"],
    changes: [],
    result: "done",
  }],
  held: [{ subject: "roles", reason: "c" }],
};
const KEPT = { ...PLAN, times: 2, since: "2026-05-04T10:20:30.456Z" };
const OVERVIEW = {
  operator: { version: "1", ready: true, lastSync: 0, waiting: 0, workers: [null], orphans: [] },
  clusters: [],
};
const DETAIL: DetailView = {
  row: {
    namespace: "default",
    name: "acid-a",
    team: "acid",
    created: "2026-05-04T10:20:30Z",
    word: "Running",
    conditions: [],
    version: "18",
    volume: "1Gi",
    wanted: 2,
    ready: 2,
    primary: "acid-a-0",
    lagBytes: null,
    held: [],
    failure: null,
    running: null,
    deleting: false,
    lastPass: null,
    lastSuccess: "",
    lastBackup: "",
    findings: [],
  },
  backups: null,
  requests: [],
  restarts: [],
  members: [],
  findings: [],
  events: [],
};
const CONFIG = {
  controller: { InfrastructureRoles: {} },
  operator: { WatchedNamespace: "" },
};
const METRICS = { contentType: "text/plain; version=0.0.4", text: () => Promise.resolve("a 1\n") };
const TOOLS = {
  metrics: METRICS,
  profiles: {
    sampler: createSampler(() => Promise.resolve()),
    places: () => Promise.resolve(placesBy({})),
    now: () => new Date(0),
    commandLine: ["postgres-operator", "-v=1"],
  },
};
const EMPTY_QUEUE = { Keys: [], List: [] };

function view(overrides: Partial<OperatorView> = {}): OperatorView {
  const known = (namespace: string, name: string) => namespace === "default" && name === "acid-a";
  return {
    ready: () => true,
    alive: () => true,
    status: () => STATUS,
    config: () => CONFIG,
    teams: () => new Map([["acid", ["acid-a"]], ["constructor", ["b"]]]),
    databases: () => new Map([["acid-a", ["foo"]]]),
    orphans: () => [{ namespace: "default", name: "acid-b", since: "2026-05-04T10:20:30.000Z" }],
    overview: () => OVERVIEW,
    detail: (...at) => known(...at) ? DETAIL : undefined,
    cluster: (...at) => known(...at) ? CLUSTER : undefined,
    plan: (...at) => known(...at) ? PLAN : undefined,
    plans: (...at) => known(...at) ? [KEPT] : undefined,
    logs: (...at) => known(...at) ? LOGS : undefined,
    history: (...at) => known(...at) ? [] : undefined,
    recordings: (...at) => known(...at) ? [] : undefined,
    workers: () => 2,
    worker: () => "idle",
    queue: () => EMPTY_QUEUE,
    workerLogs: () => LOGS,
    ...overrides,
  };
}

async function get(path: string, shown: OperatorView | undefined = view()) {
  const response = await createDebugApp(() => shown, TOOLS).request(path);
  return { status: response.status, body: await response.json() };
}

const ANSWERS: readonly [string, number, unknown][] = [
  ["/healthz", 200, "OK"],
  ["/readyz", 200, "OK"],
  ["/status/", 200, STATUS],
  ["/status", 200, STATUS],
  ["/overview", 200, OVERVIEW],
  ["/clusters/default/other/detail", 404, { error: "cluster default/other is not known" }],
  ["/config/", 200, CONFIG],
  ["/databases/", 200, { "acid-a": ["foo"] }],
  ["/orphans", 200, [
    { namespace: "default", name: "acid-b", since: "2026-05-04T10:20:30.000Z" },
  ]],
  ["/clusters/", 200, { acid: ["acid-a"], constructor: ["b"] }],
  ["/clusters/acid", 200, ["acid-a"]],
  ["/clusters/constructor", 200, ["b"]],
  ["/clusters/toString", 404, { error: "a cluster of team toString is not known" }],
  ["/clusters/default/acid-a/", 200, CLUSTER],
  ["/clusters/default/other", 404, { error: "cluster default/other is not known" }],
  ["/clusters/default/acid-a/plan", 200, PLAN],
  ["/clusters/default/acid-a/plans", 200, [KEPT]],
  ["/clusters/default/acid-a/logs/", 200, LOGS],
  ["/clusters/default/other/logs/", 404, { error: "cluster default/other is not known" }],
  ["/clusters/default/acid-a/history/", 200, []],
  ["/clusters/acid/default/acid-a", 200, CLUSTER],
  ["/clusters/acid/default/acid-a/logs/", 200, LOGS],
  ["/clusters/acid/default/acid-a/history/", 200, []],
  ["/clusters/constructor/default/acid-a", 404, {
    error: "cluster default/acid-a of team constructor is not known",
  }],
  ["/workers/all/queue", 200, { "0": EMPTY_QUEUE, "1": EMPTY_QUEUE }],
  ["/workers/all/status/", 200, { "0": "idle", "1": "idle" }],
  ["/workers/0/queue", 200, EMPTY_QUEUE],
  ["/workers/1/status", 200, "idle"],
  ["/workers/1/logs", 200, LOGS],
  ["/workers/2/logs", 404, { error: "worker 2 is not known" }],
  ["/workers/one/status", 404, { error: "worker one is not known" }],
  ["/workers/99999999999999999999/queue", 404, {
    error: "worker 99999999999999999999 is not known",
  }],
  ["/elsewhere", 404, { error: "there is no /elsewhere" }],
];

for (const [path, status, body] of ANSWERS) {
  Deno.test(`GET ${path} answers ${status}`, async () => {
    assert.deepEqual(await get(path), { status, body });
  });
}

/** A path of the route that the view above knows. */
function pathOf({ path }: Route): string {
  const values: Record<string, string> = {
    team: "acid",
    namespace: "default",
    name: "acid-a",
    id: "1",
  };
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

for (const route of ROUTES) {
  Deno.test(`${route.path} answers in its shape, with and without a slash at the end`, async () => {
    for (const end of ["", "/"]) {
      const { status, body } = await get(pathOf(route) + end);
      assert.equal(status, 200);
      v.parse(route.answer, body);
    }
  });

  Deno.test(`${route.path} says 503 while the operator starts`, async () => {
    const response = await createDebugApp(() => undefined, TOOLS).request(pathOf(route));
    assert.equal(response.status, 503);
    v.parse(ErrorShape, await response.json());
  });
}

Deno.test("the description names every page, its placeholders and its answer", async () => {
  const { body } = await get("/openapi.json");
  assert.equal(body.openapi, "3.1.0");
  assert.deepEqual(Object.keys(body.paths), ROUTES.map(({ path }) => path));
  const page = body.paths["/clusters/{namespace}/{name}/logs"].get;
  assert.deepEqual(page.parameters.map(({ name }: { name: string }) => name), [
    "namespace",
    "name",
  ]);
  const { schema } = page.responses["200"].content["application/json"];
  assert.equal(schema.type, "array");
  assert.ok("Message" in schema.items.properties);
  assert.equal("404" in page.responses, true);
  assert.equal("404" in body.paths["/status"].get.responses, false);
});

Deno.test("metrics come as text in Prometheus' format, also while the operator starts", async () => {
  const response = await createDebugApp(() => undefined, TOOLS).request("/metrics");
  assert.equal(response.headers.get("content-type"), METRICS.contentType);
  assert.equal(await response.text(), "a 1\n");
});

Deno.test("an operator whose caches are filling is not ready", async () => {
  const { status, body } = await get("/readyz", view({ ready: () => false }));
  assert.deepEqual([status, body], [503, {
    error: "caches are filling, or changes of clusters are not heard of",
  }]);
});

Deno.test("an operator is alive before it is ready, and while its caches are filling", async () => {
  for (const shown of [undefined, view({ ready: () => false })]) {
    const response = await createDebugApp(() => shown, TOOLS).request("/healthz");
    assert.deepEqual([response.status, await response.json()], [200, "OK"]);
  }
});

Deno.test("an operator whose workers are stuck is not alive", async () => {
  const { status, body } = await get("/healthz", view({ alive: () => false }));
  assert.deepEqual([status, body], [503, { error: "no worker goes on" }]);
});

Deno.test("HEAD answers like GET, without a body", async () => {
  const response = await createDebugApp(() => view(), TOOLS).request("/status", {
    method: "HEAD",
  });
  assert.equal(response.status, 200);
  assert.equal(await response.text(), "");
});

Deno.test("the administrator's guide lists the pages that there are", async () => {
  const guide = await Deno.readTextFile(
    new URL("../../docs/administrator.md", import.meta.url),
  );
  const [, section = ""] = guide.split("### Debug API");
  const [table = ""] = section.split("\n## ");
  const listed = [...table.matchAll(/^\| `(\/[^`]*)`/gm)].map((match) => match[1]);
  // Those with the team before a cluster are told in a sentence.
  const pages = ROUTES.map(({ path }) => path)
    .filter((path) => !path.startsWith("/clusters/{team}/"));
  const served = ["/healthz", "/readyz", ...pages, "/metrics", "/debug/pprof/", "/openapi.json"];
  assert.deepEqual(listed, served);
});
