import assert from "node:assert/strict";
import type { Observation } from "../../../ports/observation.ts";
import { createLogger } from "../../../log/logger.ts";
import { type CacheOptions, createCaches } from "./cache.ts";
import type { ChangeEvent, KubeClient } from "../client.ts";
import { KubeError } from "../errors.ts";
import { followedSelections } from "./selections.ts";
import type { KubeObject } from "../../../kubernetes/types.gen.ts";
import { trim } from "./selection_cache.ts";

const signal = new AbortController().signal;

/** A client whose lists, watches and answers the test decides; it records what was asked. */
function stage(given: { forbidden?: string[]; listed?: KubeObject[]; stored?: KubeObject[] } = {}) {
  const asked: string[] = [];
  const watches: { kind: string; name: string | undefined; push: (event: ChangeEvent) => void }[] =
    [];
  const stored = new Map((given.stored ?? []).map((each) => [nameOf(each), each]));
  const answers = new Map<string, KubeObject | KubeError>();
  const refuse = (verb: string, kind: string) => {
    if (!given.forbidden?.includes(`${verb} ${kind}`)) return;
    throw new KubeError(`cannot ${verb} ${kind}: forbidden`, { status: 403, reason: "Forbidden" });
  };
  const answer = (call: string): Promise<KubeObject> => {
    asked.push(call);
    const found = answers.get(call);
    if (found === undefined) throw new Error(`no answer to: ${call}`);
    return found instanceof KubeError ? Promise.reject(found) : Promise.resolve(found);
  };
  const client: Partial<KubeClient> = {
    // deno-lint-ignore require-await
    async listPage({ kind }, { fieldSelector, namespace }) {
      const name = fieldSelector?.replace("metadata.name=", "");
      asked.push(`list ${kind}${name === undefined ? "" : ` ${namespace ?? "*"}/${name}`}`);
      refuse("list", kind);
      const items = (name === undefined ? given.listed ?? [] : [...stored.values()])
        .filter((each) => each.kind === kind && (!name || each.metadata.name === name))
        .map((each) => structuredClone(each));
      return { apiVersion: "v1", kind: "List", metadata: { resourceVersion: "10" }, items };
    },
    // deno-lint-ignore require-await
    async list({ kind }, { labelSelector }) {
      asked.push(`list ${kind} ${labelSelector}`);
      refuse("list", kind);
      const items = [...stored.values()].filter((each) => each.kind === kind);
      return { apiVersion: "v1", kind: "List", metadata: {}, items };
    },
    async *watch({ kind }, { signal, fieldSelector }) {
      refuse("watch", kind);
      const events: ChangeEvent[] = [];
      let wake = () => {};
      const push = (event: ChangeEvent) => {
        events.push(event);
        wake();
      };
      watches.push({ kind, name: fieldSelector?.replace("metadata.name=", ""), push });
      signal.addEventListener("abort", () => wake());
      while (!signal.aborted) {
        yield* events.splice(0);
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (signal.aborted || events.length > 0) resolve();
        });
      }
    },
    get: (ref) => {
      asked.push(`get ${ref.kind} ${ref.namespace}/${ref.name}`);
      return Promise.resolve(stored.get(`${ref.kind} ${ref.namespace}/${ref.name}`));
    },
    create: (object) => answer(`create ${nameOf(object)}`),
    patch: (ref) => answer(`patch ${ref.kind} ${ref.namespace}/${ref.name}`),
    delete: (ref) => answer(`delete ${ref.kind} ${ref.namespace}/${ref.name}`),
  };
  return {
    client: client as KubeClient,
    asked,
    stored,
    answers,
    /** What was asked since the last time. */
    news: () => asked.splice(0),
    push: (kind: string, event: ChangeEvent, name?: string) =>
      watches.findLast((watch) => watch.kind === kind && watch.name === name)?.push(event),
  };
}

function nameOf(object: KubeObject): string {
  return `${object.kind} ${object.metadata.namespace}/${object.metadata.name}`;
}

interface Given {
  readonly version?: string;
  readonly cluster?: string;
  readonly metadata?: Partial<KubeObject["metadata"]>;
}

function object(kind: string, name: string, given: Given = {}): KubeObject {
  const { version = "5", cluster, metadata } = given;
  return {
    apiVersion: kind === "postgresql" ? "acid.zalan.do/v1" : "v1",
    kind,
    metadata: {
      namespace: "ns",
      name,
      uid: `uid-${name}`,
      resourceVersion: version,
      ...(cluster === undefined ? {} : { labels: { "cluster-name": cluster } }),
      ...metadata,
    },
  };
}

function ref(kind: string, name: string) {
  return { apiVersion: "v1", kind, namespace: "ns", name };
}

/** `absent`, `name@version`, or `unknown`. */
function show(observation: Observation<KubeObject | undefined>): string {
  if (!observation.known) return "unknown";
  const { value } = observation;
  return value === undefined
    ? "absent"
    : `${value.metadata.name}@${value.metadata.resourceVersion}`;
}

async function withCaches(
  given: Parameters<typeof stage>[0],
  test: (
    context: ReturnType<typeof stage> & {
      caches: ReturnType<typeof createCaches>;
      log: string[];
    },
  ) => Promise<void>,
  options: Partial<CacheOptions> = {},
): Promise<void> {
  const context = stage(given);
  const log: string[] = [];
  const logger = createLogger({
    format: "text-noquote",
    verbosity: 0,
    now: () => new Date(0),
    write: (line) => log.push(line),
  });
  const caches = createCaches(context.client, {
    clusterNameLabel: "cluster-name",
    logger,
    ...options,
  });
  try {
    await caches.start(signal);
    // Lets watches begin.
    await settled();
    context.news();
    await test({ ...context, caches, log });
  } finally {
    await caches.stop();
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("owned kinds are followed by the label's existence, clusters without a selector", () => {
  const selections = followedSelections({
    clusterNameLabel: "cluster-name",
    namespace: "ns",
    whole: [{ apiVersion: "v1", kind: "Node" }],
    byName: [{ apiVersion: "v1", kind: "ServiceAccount", name: "postgres-pod" }],
  });
  const of = (kind: string) => selections.find((each) => each.kind.kind === kind)?.selection;
  assert.deepEqual(of("Secret"), { namespace: "ns", labelSelector: "cluster-name" });
  assert.deepEqual(of("postgresql"), { namespace: "ns" });
  assert.deepEqual(of("Node"), {});
  assert.deepEqual(of("ServiceAccount"), {
    namespace: "ns",
    fieldSelector: "metadata.name=postgres-pod",
  });
  const unlabelled = selections.filter((each) =>
    ["Secret", "ConfigMap"].includes(each.kind.kind) && each.selection.labelSelector === undefined
  );
  assert.deepEqual(unlabelled, []);
});

Deno.test("without a namespace everything is followed in all namespaces", () => {
  const selections = followedSelections({ clusterNameLabel: "cluster-name" });
  assert.deepEqual(selections.filter((each) => each.selection.namespace !== undefined), []);
});

Deno.test("reads of owned objects ask for nothing, found or absent", async () => {
  const listed = [
    object("Secret", "a", { cluster: "acid-x" }),
    object("Secret", "b", { cluster: "acid-y" }),
  ];
  await withCaches({ listed }, async ({ caches, news }) => {
    assert.equal(show(await caches.reader.read(ref("Secret", "a"), signal)), "a@5");
    assert.equal(show(await caches.reader.read(ref("Secret", "none"), signal)), "absent");
    const query = { apiVersion: "v1", kind: "Secret", namespace: "ns", cluster: "acid-x" };
    const list = await caches.reader.listOfCluster(query, signal);
    assert.deepEqual(list.known && list.value.map((each) => each.metadata.name), ["a"]);
    assert.deepEqual(news(), []);
  });
});

Deno.test("what a reader hands out is the reader's own", async () => {
  const listed = [object("Secret", "a", { cluster: "acid-x" })];
  await withCaches({ listed }, async ({ caches }) => {
    const first = await caches.reader.read(ref("Secret", "a"), signal);
    assert(first.known && first.value !== undefined);
    first.value.metadata.name = "spoilt";
    first.value.metadata.labels = {};
    assert.equal(show(await caches.reader.read(ref("Secret", "a"), signal)), "a@5");
  });
});

Deno.test("managed fields are not kept", async () => {
  const listed = [object("Secret", "a", {
    cluster: "acid-x",
    metadata: { managedFields: [{ manager: "kubectl" }] },
  })];
  await withCaches({ listed }, async ({ caches }) => {
    const read = await caches.reader.read(ref("Secret", "a"), signal);
    assert(read.known);
    assert.equal(read.value?.metadata.managedFields, undefined);
  });
});

Deno.test("of a StatefulSet's managed fields those that others set are kept", () => {
  const managedFields = [
    { manager: "postgres-operator" },
    { manager: "kube-controller-manager", subresource: "status" },
    { manager: "reloader" },
  ];
  const kept = trim(object("StatefulSet", "a", { metadata: { managedFields } }));
  assert.deepEqual(kept.metadata.managedFields, [{ manager: "reloader" }]);
});

Deno.test("a write is read back before its event comes", async () => {
  await withCaches({}, async ({ caches, answers, news }) => {
    answers.set("create Secret ns/a", object("Secret", "a", { cluster: "acid-x", version: "20" }));
    await caches.writer.create(object("Secret", "a", { cluster: "acid-x" }), signal);
    assert.equal(show(await caches.reader.read(ref("Secret", "a"), signal)), "a@20");
    assert.deepEqual(news(), ["create Secret ns/a"]);
  });
});

const gone = { apiVersion: "v1", kind: "Status", metadata: {}, details: { uid: "uid-a" } };

Deno.test("a deleted object is absent at once, and stays so while old events arrive", async () => {
  const listed = [object("Secret", "a", { cluster: "acid-x" })];
  await withCaches({ listed }, async ({ caches, answers, push }) => {
    answers.set("delete Secret ns/a", gone);
    await caches.writer.delete({ target: ref("Secret", "a") }, signal);
    push("Secret", {
      type: "MODIFIED",
      object: object("Secret", "a", { cluster: "acid-x", version: "11" }),
    });
    await settled();
    assert.equal(show(await caches.reader.read(ref("Secret", "a"), signal)), "absent");
  });
});

Deno.test("an object that waits for a finalizer is still there after its deletion", async () => {
  const listed = [object("Pod", "a", { cluster: "acid-x" })];
  const going = (metadata: Partial<KubeObject["metadata"]>) =>
    object("Pod", "a", {
      cluster: "acid-x",
      version: "12",
      metadata: { deletionTimestamp: "2026-05-04T10:20:30Z", ...metadata },
    });
  for (
    const [metadata, want] of [
      [{ finalizers: ["orphan"] }, "a@12"],
      [{ deletionGracePeriodSeconds: 30 }, "a@12"],
      [{ deletionGracePeriodSeconds: 0 }, "absent"],
    ] as const
  ) {
    await withCaches({ listed }, async ({ caches, answers }) => {
      answers.set("delete Pod ns/a", going(metadata as Partial<KubeObject["metadata"]>));
      await caches.writer.delete({ target: ref("Pod", "a") }, signal);
      assert.equal(show(await caches.reader.read(ref("Pod", "a"), signal)), want);
    });
  }
});

Deno.test("a foreign object that holds the name is seen once a creation met it", async () => {
  const stored = [object("Service", "a")];
  await withCaches({ stored }, async ({ caches, answers, news }) => {
    assert.equal(show(await caches.reader.read(ref("Service", "a"), signal)), "absent");
    const exists = new KubeError("exists", { status: 409, reason: "AlreadyExists" });
    answers.set("create Service ns/a", exists);
    await assert.rejects(caches.writer.create(object("Service", "a"), signal));
    assert.equal(show(await caches.reader.read(ref("Service", "a"), signal)), "a@5");
    assert.equal(show(await caches.reader.read(ref("Service", "a"), signal)), "a@5");
    assert.deepEqual(news(), ["create Service ns/a", "list Service ns/a"]);
  });
});

Deno.test("an object that we write without the label is followed by name", async () => {
  const stored = [object("ConfigMap", "a", { version: "20" })];
  await withCaches({ stored }, async ({ caches, answers }) => {
    answers.set("create ConfigMap ns/a", object("ConfigMap", "a", { version: "20" }));
    await caches.writer.create(object("ConfigMap", "a"), signal);
    assert.equal(show(await caches.reader.read(ref("ConfigMap", "a"), signal)), "a@20");
  });
});

Deno.test("an input is followed by name from its first read on", async () => {
  await withCaches({}, async ({ caches, news, push }) => {
    const changes: string[] = [];
    caches.onChange(({ type, kind, object }) =>
      changes.push(`${type} ${kind} ${object.metadata.name}`)
    );
    assert.equal(show(await caches.inputs.read(ref("Secret", "pod-env"), signal)), "absent");
    await settled();
    push("Secret", { type: "ADDED", object: object("Secret", "pod-env") }, "pod-env");
    await settled();
    assert.equal(show(await caches.inputs.read(ref("Secret", "pod-env"), signal)), "pod-env@5");
    assert.deepEqual(news(), ["list Secret ns/pod-env"]);
    assert.deepEqual(changes, ["apply Secret pod-env"]);
  });
});

Deno.test("an object outside the watched namespace is read by name", async () => {
  const stored = [object("Secret", "a", { metadata: { namespace: "other" } })];
  await withCaches({ stored }, async ({ caches, news }) => {
    const elsewhere = { ...ref("Secret", "a"), namespace: "other" };
    for (let times = 0; times < 2; times++) {
      assert.equal(show(await caches.reader.read(elsewhere, signal)), "a@5");
    }
    assert.deepEqual(news(), ["get Secret other/a"]);
  }, { namespace: "ns" });
});

const forbidden = ["list Secret", "watch StatefulSet"];

Deno.test("a kind that may not be listed is read by name, once, and said once", async () => {
  const stored = [object("Secret", "acid-x-s", { cluster: "acid-x" })];
  await withCaches({ forbidden, stored }, async ({ caches, news, log }) => {
    for (let times = 0; times < 2; times++) {
      assert.equal(show(await caches.reader.read(ref("Secret", "acid-x-s"), signal)), "acid-x-s@5");
      assert.equal(show(await caches.reader.read(ref("Secret", "acid-x-t"), signal)), "absent");
    }
    assert.deepEqual(news(), ["get Secret ns/acid-x-s", "get Secret ns/acid-x-t"]);
    assert.equal(log.filter((line) => line.includes("Secret objects are read by name")).length, 1);
  });
});

Deno.test("a kind that may be listed but not watched starts from its list", async () => {
  const listed = [object("StatefulSet", "acid-x", { cluster: "acid-x" })].map((each) => ({
    ...each,
    apiVersion: "apps/v1",
  }));
  await withCaches({ forbidden, listed }, async ({ caches, news }) => {
    const statefulSet = { ...ref("StatefulSet", "acid-x"), apiVersion: "apps/v1" };
    assert.equal(show(await caches.reader.read(statefulSet, signal)), "acid-x@5");
    assert.deepEqual(news(), []);
  });
});

Deno.test("a list by cluster that is forbidden is asked for once and stays unknown", async () => {
  await withCaches({ forbidden }, async ({ caches, news }) => {
    const query = { apiVersion: "v1", kind: "Secret", namespace: "ns", cluster: "acid-x" };
    for (let times = 0; times < 2; times++) {
      const list = await caches.reader.listOfCluster(query, signal);
      assert.equal(list.known, false);
    }
    assert.deepEqual(news(), ["list Secret cluster-name=acid-x"]);
  });
});

Deno.test("what is remembered follows own writes without asking", async () => {
  await withCaches({ forbidden }, async ({ caches, answers, news }) => {
    const labelled = { cluster: "acid-x", version: "20" };
    answers.set("create Secret ns/a", object("Secret", "a", labelled));
    answers.set("delete Secret ns/a", gone);
    await caches.writer.create(object("Secret", "a", labelled), signal);
    assert.equal(show(await caches.reader.read(ref("Secret", "a"), signal)), "a@20");
    await caches.writer.delete({ target: ref("Secret", "a") }, signal);
    assert.equal(show(await caches.reader.read(ref("Secret", "a"), signal)), "absent");
    assert.deepEqual(news(), ["create Secret ns/a", "delete Secret ns/a"]);
  });
});

Deno.test("a lost race is looked at, also where no watch tells of it: the next write can win", async () => {
  const listed = [object("Secret", "a", { cluster: "acid-x", version: "5" })];
  const stored = [object("Secret", "a", { cluster: "acid-x", version: "9" })];
  await withCaches({ listed, stored }, async ({ caches, answers }) => {
    const conflict = new KubeError("conflict", { status: 409, reason: "Conflict" });
    answers.set("patch Secret ns/a", conflict);
    const target = ref("Secret", "a");
    assert.equal(show(await caches.reader.read(target, signal)), "a@5");
    await assert.rejects(caches.writer.patch({ target, type: "merge", body: {} }, signal));
    assert.equal(show(await caches.reader.read(target, signal)), "a@9");
  });
});

Deno.test("a refused write makes the next read ask again", async () => {
  const stored = [object("Secret", "a", { cluster: "acid-x" })];
  await withCaches({ forbidden, stored }, async ({ caches, answers, news }) => {
    await caches.reader.read(ref("Secret", "a"), signal);
    const conflict = new KubeError("conflict", { status: 409, reason: "Conflict" });
    answers.set("patch Secret ns/a", conflict);
    const patch = { target: ref("Secret", "a"), type: "merge" as const, body: {} };
    await assert.rejects(caches.writer.patch(patch, signal));
    await caches.reader.read(ref("Secret", "a"), signal);
    assert.deepEqual(news(), ["get Secret ns/a", "patch Secret ns/a", "get Secret ns/a"]);
  });
});

for (
  const [name, change] of [
    ["invalidate", ({ caches }) => caches.invalidate("ns/acid-x")],
    ["a change of the manifest", ({ push }) => {
      const cluster = object("postgresql", "acid-x", { version: "30" });
      push("postgresql", { type: "MODIFIED", object: cluster });
    }],
  ] satisfies [
    string,
    (context: {
      caches: ReturnType<typeof createCaches>;
      push: ReturnType<typeof stage>["push"];
    }) => void,
  ][]
) {
  Deno.test(`${name} makes only this cluster's objects be asked for again`, async () => {
    const stored = [
      object("Secret", "a.acid-x", { cluster: "acid-x" }),
      object("Secret", "a.acid-y", { cluster: "acid-y" }),
      object("Secret", "shared"),
    ];
    await withCaches({ forbidden, stored }, async (context) => {
      const { caches, news } = context;
      const names = ["a.acid-x", "a.acid-y", "shared", "absent.acid-x", "absent.acid-y"];
      const readAll = async () => {
        for (const each of names) await caches.reader.read(ref("Secret", each), signal);
      };
      await readAll();
      news();
      change(context);
      await settled();
      await readAll();
      assert.deepEqual(news(), [
        "get Secret ns/a.acid-x",
        "get Secret ns/shared",
        "get Secret ns/absent.acid-x",
      ]);
    });
  });
}

Deno.test("a listener that throws does not end the watch", async () => {
  await withCaches({}, async ({ caches, push, log }) => {
    caches.onChange(() => {
      throw new Error("bug");
    });
    for (const name of ["a", "b"]) {
      push("Pod", { type: "ADDED", object: object("Pod", name, { cluster: "acid-x" }) });
    }
    await settled();
    assert.equal(show(await caches.reader.read(ref("Pod", "b"), signal)), "b@5");
    assert.equal(log.filter((line) => line.includes("bug")).length, 2);
  });
});

Deno.test("a failed read is unknown with its reason", async () => {
  const { client } = stage();
  const broken = {
    ...client,
    get: () => Promise.reject(new KubeError("no route", { status: 0, reason: "Unreachable" })),
  };
  const caches = createCaches(broken, {
    clusterNameLabel: "cluster-name",
    logger: createLogger({ format: "text", verbosity: 0, now: () => new Date(0), write() {} }),
    namespace: "ns",
  });
  const elsewhere = { ...ref("Secret", "a"), namespace: "other" };
  assert.deepEqual(await caches.reader.read(elsewhere, signal), {
    known: false,
    reason: "no route",
  });
});

Deno.test("what is kept is read without a request, and the rest is unknown", async () => {
  const listed = [object("Secret", "a", { cluster: "acid-x" })];
  await withCaches({ listed, forbidden: ["list Pod"] }, async ({ caches, news }) => {
    const { owned, inputs } = caches.kept;
    assert.equal(show(await owned.read(ref("Secret", "a"), signal)), "a@5");
    assert.equal(show(await owned.read(ref("Secret", "none"), signal)), "absent");
    // Objects of others have no label of ours, so that list does not tell.
    assert.equal(show(await inputs.read(ref("Secret", "none"), signal)), "unknown");
    assert.equal(show(await owned.read(ref("Pod", "acid-x-0"), signal)), "unknown");
    const query = { apiVersion: "v1", namespace: "ns", cluster: "acid-x" };
    const secrets = await owned.listOfCluster({ ...query, kind: "Secret" }, signal);
    assert.deepEqual(secrets.known && secrets.value.map(({ metadata }) => metadata.name), ["a"]);
    const pods = await owned.listOfCluster({ ...query, kind: "Pod" }, signal);
    assert.equal(pods.known, false);
    await settled();
    assert.deepEqual(news(), []);
  });
});

Deno.test("what a pass has read is kept, absent or found", async () => {
  const stored = [object("Secret", "environment")];
  await withCaches({ stored }, async ({ caches, news }) => {
    for (const name of ["environment", "none"]) {
      await caches.inputs.read(ref("Secret", name), signal);
    }
    news();
    const { inputs } = caches.kept;
    assert.equal(show(await inputs.read(ref("Secret", "environment"), signal)), "environment@5");
    assert.equal(show(await inputs.read(ref("Secret", "none"), signal)), "absent");
    assert.deepEqual(news(), []);
  });
});
