/** Watches: what comes when, bookmarks, resumption, selectors, ends. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Body, Context, Row, Watch } from "../context.ts";

const MERGE = { contentType: "application/merge-patch+json" };
const SELECT = "labelSelector=mine%3Dyes";

async function make(context: Context, name: string, mine = "yes"): Promise<Body> {
  const metadata = { name, labels: { mine } };
  return (await context.request("POST", `${context.core}/configmaps`, { metadata })).body;
}

async function change(context: Context, name: string, body: Body): Promise<Body> {
  return (await context.request("PATCH", `${context.core}/configmaps/${name}`, body, MERGE)).body;
}

async function revision(context: Context): Promise<string> {
  return (await context.request("GET", `${context.core}/configmaps`)).body.metadata.resourceVersion;
}

async function expect(watch: Watch, type: string, name: string): Promise<Body> {
  const event = await watch.next();
  deepStrictEqual([event.type, event.object.metadata?.name], [type, name], JSON.stringify(event));
  return event.object;
}

const SERVED_MS = 20_000;

/** A kind of its own, which is served from now on. */
async function newKind(
  context: Context,
): Promise<{ definition: string; collection: string }> {
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const group = `${context.namespace}.example.net`;
  const name = `marks.${group}`;
  const schema = { openAPIV3Schema: { type: "object" } };
  await context.request("POST", definitions, {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural: "marks", singular: "mark", kind: "Mark" },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  });
  const collection = `/apis/${group}/v1/namespaces/${context.namespace}/marks`;
  for (let waitedMs = 0; (await context.request("GET", collection)).status !== 200;) {
    ok((waitedMs += 100) < SERVED_MS, `${name} is not served`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { definition: `${definitions}/${name}`, collection };
}

const url = (context: Context, query: string) =>
  `${context.core}/configmaps?watch=true&${SELECT}&${query}`;

export const watchRows: Row[] = [
  {
    name: "A watch sends what happens after a revision",
    run: async (context) => {
      const from = await revision(context);
      await make(context, "a");
      const watch = await context.watch(url(context, `resourceVersion=${from}`));
      await expect(watch, "ADDED", "a");
      const changed = await change(context, "a", { data: { x: "1" } });
      const seen = await expect(watch, "MODIFIED", "a");
      deepStrictEqual(seen, changed);
      await context.request("DELETE", `${context.core}/configmaps/a`);
      const gone = await expect(watch, "DELETED", "a");
      ok(Number(gone.metadata.resourceVersion) > Number(changed.metadata.resourceVersion));
    },
  },
  {
    name: "A watch without a revision begins with what is there",
    run: async (context) => {
      await make(context, "a");
      for (const query of ["", "resourceVersion=0"]) {
        const watch = await context.watch(url(context, query));
        await expect(watch, "ADDED", "a");
        watch.close();
      }
    },
  },
  {
    name: "What leaves a selection is deleted, what enters it is added",
    run: async (context) => {
      const from = await revision(context);
      const watch = await context.watch(url(context, `resourceVersion=${from}`));
      await make(context, "a", "no");
      await change(context, "a", { metadata: { labels: { mine: "yes" } } });
      await expect(watch, "ADDED", "a");
      const left = await change(context, "a", { metadata: { labels: { mine: "no" } } });
      const gone = await expect(watch, "DELETED", "a");
      strictEqual(gone.metadata.resourceVersion, left.metadata.resourceVersion);
      strictEqual(gone.metadata.labels.mine, "yes");
      await context.request("DELETE", `${context.core}/configmaps/a`);
      await watch.silent(100);
    },
  },
  {
    name: "A watch of one object sees only that one",
    run: async (context) => {
      const from = await revision(context);
      const watch = await context.watch(
        `${context.core}/configmaps?watch=true&resourceVersion=${from}&fieldSelector=metadata.name%3Db`,
      );
      await make(context, "a");
      await make(context, "b");
      await expect(watch, "ADDED", "b");
      await watch.silent(50);
    },
  },
  {
    name: "Python's True asks for a watch too",
    run: async (context) => {
      const from = await revision(context);
      const watch = await context.watch(
        `${context.core}/configmaps?watch=True&${SELECT}&resourceVersion=${from}`,
      );
      await make(context, "a");
      await expect(watch, "ADDED", "a");
    },
  },
  {
    name: "Initial events end with a marked bookmark",
    skip: {
      real: "needs etcd 3.4.25 or newer, for its progress requests; Debian 12 has an older one",
    },
    run: async (context) => {
      await make(context, "a");
      await make(context, "b");
      const watch = await context.watch(url(
        context,
        "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
      ));
      await expect(watch, "ADDED", "a");
      await expect(watch, "ADDED", "b");
      const { type, object } = await watch.next();
      strictEqual(type, "BOOKMARK");
      strictEqual(object.metadata.annotations["k8s.io/initial-events-end"], "true");
      strictEqual(object.kind, "ConfigMap");
      ok(Number(object.metadata.resourceVersion) > 0);
      await make(context, "c");
      await expect(watch, "ADDED", "c");
    },
  },
  {
    name: "sendInitialEvents needs resourceVersionMatch",
    run: async (context) => {
      const { status } = await context.request("GET", url(context, "sendInitialEvents=true"));
      strictEqual(status, 422);
      const other = await context.request("GET", url(context, "resourceVersionMatch=NotOlderThan"));
      strictEqual(other.status, 422);
    },
  },
  {
    name: "A watch ends after its timeout, without a bookmark that was not asked for",
    run: async (context) => {
      const watch = await context.watch(
        url(context, `timeoutSeconds=1&resourceVersion=${await revision(context)}`),
      );
      await watch.ended();
      await watch.silent(0);
    },
  },
  {
    name: "A forgotten revision is gone",
    run: async (context) => {
      // A server remembers nothing of a kind from before it began to serve it, however young it is.
      const { definition, collection } = await newKind(context);
      try {
        context.target.server?.store.compact();
        const watch = await context.watch(`${collection}?watch=true&resourceVersion=1`);
        const { type, object } = await watch.next();
        strictEqual(type, "ERROR");
        deepStrictEqual([object.code, object.reason, object.status], [410, "Expired", "Failure"]);
        ok(/^too old resource version: 1 \(\d+\)$/.test(object.message), object.message);
        await watch.ended();
      } finally {
        await context.request("DELETE", definition);
      }
    },
  },
  {
    name: "A write that changes nothing is no event and no revision",
    run: async (context) => {
      const made = await make(context, "a");
      const watch = await context.watch(
        url(context, `resourceVersion=${made.metadata.resourceVersion}`),
      );
      const same = await change(context, "a", { metadata: { labels: { mine: "yes" } } });
      strictEqual(same.metadata.resourceVersion, made.metadata.resourceVersion);
      await watch.silent(100);
    },
  },
  {
    name: "A watch sends Tables when asked",
    run: async (context) => {
      const watch = await context.watch(
        url(context, `resourceVersion=${await revision(context)}`),
        {
          accept: "application/json;as=Table;v=v1;g=meta.k8s.io",
        },
      );
      await make(context, "a");
      const { type, object } = await watch.next();
      deepStrictEqual([type, object.kind, object.rows[0].cells[0]], ["ADDED", "Table", "a"]);
    },
  },
  {
    name: "A deletion that is held is a change first",
    run: async (context) => {
      const from = await revision(context);
      const metadata = { name: "a", labels: { mine: "yes" }, finalizers: ["example.org/hold"] };
      await context.request("POST", `${context.core}/configmaps`, { metadata });
      const watch = await context.watch(url(context, `resourceVersion=${from}`));
      await expect(watch, "ADDED", "a");
      await context.request("DELETE", `${context.core}/configmaps/a`);
      ok((await expect(watch, "MODIFIED", "a")).metadata.deletionTimestamp);
      await change(context, "a", { metadata: { finalizers: null } });
      ok((await expect(watch, "DELETED", "a")).metadata.deletionTimestamp);
    },
  },
];
