/** Writes whose answers differ from run to run: names, conflicts, warnings, allocation, budgets. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Body, Row } from "../context.ts";

const MERGE = { contentType: "application/merge-patch+json" };

export const writeRows: Row[] = [
  {
    name: "generateName gives each object a name of its own",
    run: async (context) => {
      const made = new Set<string>();
      for (let count = 0; count < 3; count++) {
        const { body } = await context.request("POST", `${context.core}/configmaps`, {
          metadata: { generateName: "x-" },
        });
        ok(/^x-[a-z0-9]{5}$/.test(body.metadata.name), body.metadata.name);
        made.add(body.metadata.name);
      }
      strictEqual(made.size, 3);
    },
  },
  {
    name: "Of two writers with one revision only the first wins",
    run: async (context) => {
      const path = `${context.core}/configmaps/c`;
      const { body } = await context.request("POST", `${context.core}/configmaps`, {
        metadata: { name: "c" },
      });
      const answers = await Promise.all(
        ["1", "2", "3"].map((value) =>
          context.request("PUT", path, { ...body, data: { a: value } })
        ),
      );
      deepStrictEqual(answers.map(({ status }) => status).sort(), [200, 409, 409]);
    },
  },
  {
    name: "Unknown fields are warned about",
    run: async (context) => {
      const { status, headers } = await context.request("POST", `${context.core}/configmaps`, {
        metadata: { name: "c" },
        nonsense: 1,
      });
      strictEqual(status, 201);
      strictEqual(headers.get("warning"), '299 - "unknown field \\"nonsense\\""');
    },
  },
  {
    name: "A node port that is taken is refused",
    run: async (context) => {
      const service = (name: string, nodePort?: number): Body => ({
        metadata: { name },
        spec: {
          type: "NodePort",
          selector: { a: "b" },
          ports: [{ port: 80, ...(nodePort ? { nodePort } : {}) }],
        },
      });
      const { body } = await context.request("POST", `${context.core}/services`, service("a"));
      const port = body.spec.ports[0].nodePort;
      ok(port >= 30000 && port <= 32767);
      const { status, body: refused } = await context.request(
        "POST",
        `${context.core}/services`,
        service("b", port),
      );
      strictEqual(status, 422);
      strictEqual(
        refused.message,
        `Service "b" is invalid: spec.ports[0].nodePort: Invalid value: ${port}: provided port is already allocated`,
      );
    },
  },
  {
    name: "A Service keeps its address",
    run: async (context) => {
      const spec = { selector: { a: "b" }, ports: [{ port: 80 }] };
      const { body } = await context.request("POST", `${context.core}/services`, {
        metadata: { name: "s" },
        spec,
      });
      const put = await context.request("PUT", `${context.core}/services/s`, {
        metadata: { name: "s", resourceVersion: body.metadata.resourceVersion },
        spec: { ...spec, ports: [{ port: 81 }] },
      });
      strictEqual(put.status, 200, JSON.stringify(put.body));
      strictEqual(put.body.spec.clusterIP, body.spec.clusterIP);
      const { status, body: refused } = await context.request(
        "PATCH",
        `${context.core}/services/s`,
        { spec: { clusterIP: "None", clusterIPs: null } },
        MERGE,
      );
      strictEqual(status, 422);
      strictEqual(refused.details.causes[0].field, "spec.clusterIPs[0]");
    },
  },
  {
    name: "An eviction keeps to the disruption budget",
    skip: {
      real:
        "the disruption controller of a real cluster overwrites the budget's status that this row sets",
    },
    run: async (context) => {
      const budgets = `/apis/policy/v1/namespaces/${context.namespace}/poddisruptionbudgets`;
      const pod = (name: string) => ({
        metadata: { name, labels: { a: "b" } },
        spec: { containers: [{ name: "a", image: "x" }] },
      });
      await context.request("POST", budgets, {
        metadata: { name: "b" },
        spec: { minAvailable: 1, selector: { matchLabels: { a: "b" } } },
      });
      for (const name of ["p", "q"]) {
        await context.request("POST", `${context.core}/pods`, pod(name));
        await context.request("PATCH", `${context.core}/pods/${name}/status`, {
          status: { phase: "Running" },
        }, MERGE);
      }
      await context.request("PATCH", `${budgets}/b/status`, {
        status: {
          observedGeneration: 1,
          disruptionsAllowed: 1,
          currentHealthy: 2,
          desiredHealthy: 1,
          expectedPods: 2,
        },
      }, MERGE);
      const evict = (name: string) =>
        context.request("POST", `${context.core}/pods/${name}/eviction`, {
          apiVersion: "policy/v1",
          kind: "Eviction",
          metadata: { name },
        });
      strictEqual((await evict("p")).status, 201);
      const refused = await evict("q");
      strictEqual(refused.status, 429);
      strictEqual(refused.body.details.causes[0].reason, "DisruptionBudget");
    },
  },
  {
    name: "YAML bodies are read",
    run: async (context) => {
      const { status, body } = await context.request(
        "POST",
        `${context.core}/configmaps`,
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  a: |\n    x\n",
        { contentType: "application/yaml" },
      );
      strictEqual(status, 201);
      strictEqual(body.data.a, "x\n");
    },
  },
];
