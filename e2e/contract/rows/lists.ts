/** Lists: selectors, pages, revisions. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Body, Context, Row } from "../context.ts";

async function makeConfigMaps(context: Context, names: string[]): Promise<Body[]> {
  const made: Body[] = [];
  for (const [index, name] of names.entries()) {
    const metadata = {
      name,
      labels: { parity: index % 2 === 0 ? "even" : "odd", index: String(index) },
    };
    const { body } = await context.request("POST", `${context.core}/configmaps`, { metadata });
    made.push(body);
  }
  return made;
}

async function names(context: Context, query: string): Promise<string[]> {
  const { status, body } = await context.request("GET", `${context.core}/configmaps?${query}`);
  strictEqual(status, 200, JSON.stringify(body));
  // A controller puts the cluster's certificates into every namespace of a real cluster.
  return body.items.map((item: Body) => item.metadata.name).filter((name: string) =>
    name !== "kube-root-ca.crt"
  );
}

const SELECTORS: [selector: string, wanted: string[]][] = [
  ["parity=even", ["a", "c", "e"]],
  ["parity==odd", ["b", "d"]],
  ["parity!=even,parity", ["b", "d"]],
  ["index in (1, 3)", ["b", "d"]],
  ["index notin (1,3),parity", ["a", "c", "e"]],
  ["parity,!none", ["a", "b", "c", "d", "e"]],
  ["index=0,parity=odd", []],
];

export const listRows: Row[] = [
  {
    name: "Lists are selected by labels",
    run: async (context) => {
      await makeConfigMaps(context, ["a", "b", "c", "d", "e"]);
      for (const [selector, wanted] of SELECTORS) {
        deepStrictEqual(
          await names(context, `labelSelector=${encodeURIComponent(selector)}`),
          wanted,
          selector,
        );
      }
    },
  },
  {
    name: "Lists are selected by fields",
    run: async (context) => {
      await makeConfigMaps(context, ["a", "b"]);
      deepStrictEqual(await names(context, "fieldSelector=metadata.name%3Db"), ["b"]);
      deepStrictEqual(await names(context, "fieldSelector=metadata.name!%3Db"), ["a"]);
      const pod = {
        metadata: { name: "p" },
        spec: { nodeName: "n1", containers: [{ name: "a", image: "x" }] },
      };
      strictEqual((await context.request("POST", `${context.core}/pods`, pod)).status, 201);
      const found = await context.request(
        "GET",
        `${context.core}/pods?fieldSelector=spec.nodeName%3Dn1,status.phase!%3DFailed`,
      );
      strictEqual(found.body.items.length, 1);
      const none = await context.request(
        "GET",
        `${context.core}/pods?fieldSelector=spec.nodeName%3Dn2`,
      );
      strictEqual(none.body.items.length, 0);
      await context.request("DELETE", `${context.core}/pods/p?gracePeriodSeconds=0`);
    },
  },
  {
    name: "A list comes in pages that show one state",
    run: async (context) => {
      await makeConfigMaps(context, ["a", "b", "c", "d", "e"]);
      const url = `${context.core}/configmaps?labelSelector=parity&limit=2`;
      const first = (await context.request("GET", url)).body;
      await context.request("DELETE", `${context.core}/configmaps/d`);
      await makeConfigMaps(context, ["aa", "cc"]);
      const second =
        (await context.request("GET", `${url}&continue=${first.metadata.continue}`)).body;
      const third =
        (await context.request("GET", `${url}&continue=${second.metadata.continue}`)).body;
      const all = [first, second, third].flatMap((page) =>
        page.items.map((item: Body) => item.metadata.name)
      );
      deepStrictEqual(all, ["a", "b", "c", "d", "e"]);
      strictEqual(second.metadata.resourceVersion, first.metadata.resourceVersion);
      strictEqual(third.metadata.continue, undefined);
    },
  },
  {
    name: "A list tells how many items remain, unless it is selected",
    run: async (context) => {
      await makeConfigMaps(context, ["a", "b", "c"]);
      const secrets = `${context.core}/configmaps?limit=1`;
      const { body } = await context.request("GET", secrets);
      ok(body.metadata.remainingItemCount >= 2);
      const selected = (await context.request("GET", `${secrets}&labelSelector=parity`)).body;
      strictEqual(selected.metadata.remainingItemCount, undefined);
      ok(selected.metadata.continue);
    },
  },
  {
    name: "A list at an exact revision shows the past",
    run: async (context) => {
      const [first] = await makeConfigMaps(context, ["a", "b"]);
      const query =
        `labelSelector=parity&resourceVersionMatch=Exact&resourceVersion=${first.metadata.resourceVersion}`;
      deepStrictEqual(await names(context, query), ["a"]);
    },
  },
  {
    name: "A revision of the future is too large",
    run: async (context) => {
      const { status, body } = await context.request(
        "GET",
        `${context.core}/configmaps?resourceVersion=999999999`,
      );
      strictEqual(status, 504);
      strictEqual(body.reason, "Timeout");
      strictEqual(body.details.causes[0].reason, "ResourceVersionTooLarge");
    },
  },
  {
    name: "A malformed continue token is a bad request",
    run: async (context) => {
      const { status } = await context.request(
        "GET",
        `${context.core}/configmaps?limit=1&continue=nonsense`,
      );
      strictEqual(status, 400);
    },
  },
  {
    name: "resourceVersionMatch follows its rules",
    run: async (context) => {
      const url = `${context.core}/configmaps`;
      for (
        const query of [
          "resourceVersionMatch=Exact",
          "resourceVersionMatch=Exact&resourceVersion=0",
          "resourceVersionMatch=Nonsense&resourceVersion=1",
        ]
      ) {
        strictEqual((await context.request("GET", `${url}?${query}`)).status, 422, query);
      }
    },
  },
];
