/** Who may do what: anonymous and unknown users, service account tokens, RBAC. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { Body, Context, Row } from "../context.ts";

const RBAC = "rbac.authorization.k8s.io";

async function tokenOf(context: Context, account: string): Promise<string> {
  await context.request("POST", `${context.core}/serviceaccounts`, { metadata: { name: account } });
  const { status, body } = await context.request(
    "POST",
    `${context.core}/serviceaccounts/${account}/token`,
    {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: 3600 },
    },
  );
  strictEqual(status, 201, JSON.stringify(body));
  return body.status.token;
}

async function allow(context: Context, account: string, rules: Body[]): Promise<void> {
  const base = `/apis/${RBAC}/v1/namespaces/${context.namespace}`;
  await context.request("POST", `${base}/roles`, { metadata: { name: account }, rules });
  await context.request("POST", `${base}/rolebindings`, {
    metadata: { name: account },
    roleRef: { apiGroup: RBAC, kind: "Role", name: account },
    subjects: [{ kind: "ServiceAccount", name: account, namespace: context.namespace }],
  });
}

/** RBAC caches of a real server take a moment to see a new binding. */
async function until(
  status: number,
  ask: () => Promise<{ status: number; body: Body }>,
): Promise<Body> {
  for (let tries = 0;; tries++) {
    const answer = await ask();
    if (answer.status === status || tries === 40) {
      strictEqual(answer.status, status, JSON.stringify(answer.body));
      return answer.body;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const accessRows: Row[] = [
  {
    name: "A token that nobody issued is unauthorized",
    run: async (context) => {
      const { status, body } = await context.request("GET", `${context.core}/pods`, undefined, {
        token: "nonsense",
      });
      deepStrictEqual([status, body.reason, body.message], [401, "Unauthorized", "Unauthorized"]);
    },
  },
  {
    name: "A service account without roles is forbidden, in words",
    run: async (context) => {
      const token = await tokenOf(context, "robot");
      const user = `system:serviceaccount:${context.namespace}:robot`;
      const cases: [method: string, path: string, message: string][] = [
        [
          "GET",
          `${context.core}/pods`,
          `pods is forbidden: User "${user}" cannot list resource "pods" in API group "" in the namespace "${context.namespace}"`,
        ],
        [
          "GET",
          `/apis/apps/v1/namespaces/${context.namespace}/statefulsets/x`,
          `statefulsets.apps "x" is forbidden: User "${user}" cannot get resource "statefulsets" in API group "apps" in the namespace "${context.namespace}"`,
        ],
        [
          "GET",
          "/api/v1/nodes",
          `nodes is forbidden: User "${user}" cannot list resource "nodes" in API group "" at the cluster scope`,
        ],
        [
          "DELETE",
          `${context.core}/pods`,
          `pods is forbidden: User "${user}" cannot deletecollection resource "pods" in API group "" in the namespace "${context.namespace}"`,
        ],
        [
          "GET",
          `${context.core}/pods/x/log`,
          `pods "x" is forbidden: User "${user}" cannot get resource "pods/log" in API group "" in the namespace "${context.namespace}"`,
        ],
        ["GET", "/metrics", `forbidden: User "${user}" cannot get path "/metrics"`],
      ];
      for (const [method, path, message] of cases) {
        const { status, body } = await context.request(method, path, undefined, { token });
        deepStrictEqual([status, body.reason, body.message], [403, "Forbidden", message]);
      }
    },
  },
  {
    name: "A role gives what it says and no more",
    run: async (context) => {
      const token = await tokenOf(context, "robot");
      await allow(context, "robot", [
        { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"] },
        { apiGroups: [""], resources: ["secrets"], resourceNames: ["mine"], verbs: ["get"] },
        { apiGroups: ["apps"], resources: ["*"], verbs: ["*"] },
      ]);
      const get = (path: string, method = "GET", body?: Body) => () =>
        context.request(method, path, body, { token });
      await until(200, get(`${context.core}/configmaps`));
      await until(404, get(`${context.core}/configmaps/none`));
      await until(403, get(`${context.core}/configmaps`, "POST", { metadata: { name: "x" } }));
      await until(403, get(`${context.core}/configmaps?watch=true`));
      await until(404, get(`${context.core}/secrets/mine`));
      await until(403, get(`${context.core}/secrets/other`));
      await until(403, get(`${context.core}/secrets`));
      await until(200, get(`/apis/apps/v1/namespaces/${context.namespace}/deployments`));
      await until(403, get("/api/v1/namespaces/default/configmaps"));
      await until(200, get("/version"));
      await until(200, get("/apis"));
    },
  },
  {
    name: "Nobody grants what they do not have",
    run: async (context) => {
      const token = await tokenOf(context, "robot");
      await allow(context, "robot", [
        { apiGroups: [RBAC], resources: ["roles", "rolebindings"], verbs: ["create"] },
        { apiGroups: [""], resources: ["configmaps"], verbs: ["get"] },
      ]);
      const base = `/apis/${RBAC}/v1/namespaces/${context.namespace}`;
      const role = (name: string, resource: string) => ({
        metadata: { name },
        rules: [{ apiGroups: [""], resources: [resource], verbs: ["get"] }],
      });
      await until(
        201,
        () => context.request("POST", `${base}/roles`, role("a", "configmaps"), { token }),
      );
      const refused = await context.request("POST", `${base}/roles`, role("b", "secrets"), {
        token,
      });
      strictEqual(refused.status, 403);
      ok(
        refused.body.message.includes(
          'is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
        ),
        refused.body.message,
      );
      const binding = {
        metadata: { name: "b" },
        roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: "cluster-admin" },
        subjects: [],
      };
      strictEqual(
        (await context.request("POST", `${base}/rolebindings`, binding, { token })).status,
        403,
      );
    },
  },
  {
    name: "A command in a pod asks for the verb of its method: GET for get, POST for create",
    run: async (context) => {
      const token = await tokenOf(context, "robot");
      const path = `${context.core}/pods/absent/exec?container=c&command=id&stdout=true`;
      const open = (method: "GET" | "POST") => context.request(method, path, undefined, { token });
      const grant = (...verbs: string[]) =>
        allow(context, "robot", [{ apiGroups: [""], resources: ["pods/exec"], verbs }]);
      await grant("create");
      await until(404, () => open("POST"));
      const refused = await open("GET");
      strictEqual(refused.status, 403);
      match(refused.body.message, /cannot get resource "pods\/exec"/);
      const base = `/apis/${RBAC}/v1/namespaces/${context.namespace}`;
      await context.request("DELETE", `${base}/roles/robot`);
      await context.request("DELETE", `${base}/rolebindings/robot`);
      await until(403, () => open("POST"));
      await grant("get");
      await until(404, () => open("GET"));
      strictEqual((await open("POST")).status, 403);
    },
  },
  {
    name: "A user asks what they may do",
    run: async (context) => {
      const token = await tokenOf(context, "robot");
      await allow(context, "robot", [{
        apiGroups: [""],
        resources: ["pods/exec"],
        verbs: ["create"],
      }]);
      const ask = async (resourceAttributes: Body) => {
        const { body } = await context.request(
          "POST",
          "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
          { spec: { resourceAttributes } },
          { token },
        );
        return { status: body.status.allowed ? 200 : 403, body };
      };
      const { namespace } = context;
      await until(
        200,
        () => ask({ namespace, verb: "create", resource: "pods", subresource: "exec" }),
      );
      await until(403, () => ask({ namespace, verb: "create", resource: "pods" }));
      await until(403, () => ask({ verb: "create", resource: "pods", subresource: "exec" }));
      const who = await context.request(
        "POST",
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        {},
        { token },
      );
      strictEqual(who.body.status.userInfo.username, `system:serviceaccount:${namespace}:robot`);
      deepStrictEqual(who.body.status.userInfo.groups.toSorted(), [
        "system:authenticated",
        "system:serviceaccounts",
        `system:serviceaccounts:${namespace}`,
      ]);
    },
  },
  {
    name: "A token ends with its service account",
    run: async (context) => {
      const token = await tokenOf(context, "robot");
      const ask = () => context.request("GET", "/version", undefined, { token });
      strictEqual((await ask()).status, 200);
      await context.request("DELETE", `${context.core}/serviceaccounts/robot`);
      await context.request("POST", `${context.core}/serviceaccounts`, {
        metadata: { name: "robot" },
      });
      const review = async () => {
        const { body } = await context.request(
          "POST",
          "/apis/authentication.k8s.io/v1/tokenreviews",
          { spec: { token } },
        );
        return { status: body.status.authenticated ? 200 : 401, body };
      };
      await until(401, review);
    },
    skip: { real: "a real server keeps verified tokens for ten seconds" },
  },
];
