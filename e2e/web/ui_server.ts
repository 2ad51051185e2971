/** The web UI before the dev cluster's API server, with users of different rights. */

import { parse } from "yaml";
import { createKubeClient, type KubeClient } from "../../src/clients/kube/client.ts";
import { connectKube } from "../../src/clients/kube/connection/credentials.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { silentLogger } from "../../src/testing/silent_logger.ts";
import { createUiApp } from "../../src/ui/app.ts";
import type { UiParts } from "../../src/ui/context.ts";
import { PortError } from "../../src/ports/errors.ts";
import { createKubeAccess } from "../../src/ui/kube_access.ts";
import type { OperatorClient } from "../../src/clients/operator/client.ts";
import { readSettings } from "../../src/ui/settings.ts";
import { createUiMetrics } from "../../src/metrics/ui.ts";
import { createFollowed } from "../../src/ui/followed.ts";
import { createShared } from "../../src/ui/shared.ts";
import { createUserTeams } from "../../src/clients/teams/user_teams.ts";
import { type ApiServer, startApiServer } from "../devcluster/apiserver/server.ts";

/** Tokens: `admin` may do all, `editor` may write in `shop`, `viewer` may read in `shop`. */
export const TOKENS = {
  editor: "token-of-editor",
  viewer: "token-of-viewer",
  nobody: "token-of-nobody",
};

/** The proxy of the tests. */
export const PROXY = "10.1.2.3";

export interface UiWorld {
  readonly api: ApiServer;
  readonly admin: KubeClient;
  /** Requests that reached the API server since the last call, as `user verb resource`. */
  audited(): string[];
  /** Makes a UI with other variables. */
  ui(variables?: Readonly<Record<string, string>>, parts?: Partial<UiParts>): Ui;
  stop(): Promise<void>;
}

export interface Ui {
  readonly app: ReturnType<typeof createUiApp>;
  /** Asks as the browser's page does. */
  ask(
    path: string,
    options?: AskOptions,
  ): Promise<{ status: number; body: unknown; headers: Headers }>;
}

export interface AskOptions {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly peer?: string;
}

/** A small cluster of a team. */
export function manifest(name: string, namespace: string, teamId = "acid"): KubeObject {
  return {
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    metadata: { name, namespace },
    spec: {
      teamId,
      numberOfInstances: 2,
      volume: { size: "10Gi", storageClass: "fast" },
      postgresql: { version: "18", parameters: { work_mem: "8MB" } },
      enableMasterLoadBalancer: false,
    },
  } as unknown as KubeObject;
}

/** Starts the API server with our definition, two namespaces and roles of the users. */
export async function startUiWorld(): Promise<UiWorld> {
  const seen: string[] = [];
  const opened: ReturnType<typeof createFollowed>[] = [];
  const api = await startApiServer({
    tokens: {
      [TOKENS.editor]: { name: "editor", groups: ["system:authenticated"] },
      [TOKENS.viewer]: { name: "viewer", groups: ["system:authenticated"] },
      [TOKENS.nobody]: { name: "nobody", groups: ["system:authenticated"] },
    },
    audit: ({ user, action }) => void seen.push(`${user.name} ${action.verb} ${action.resource}`),
  });
  const connection = await connectKube({ kubeconfig: api.kubeconfigPath, from: "kubeconfig" });
  const admin = createKubeClient({ connection, logger: silentLogger() });
  for (const object of [definition(), namespace("shop"), namespace("bank"), ...roles()]) {
    await admin.create(object, { signal: AbortSignal.timeout(5000) });
  }
  return {
    api,
    admin,
    audited: () => seen.splice(0),
    ui(variables = {}, parts = {}) {
      const followed = createFollowed();
      opened.push(followed);
      const { settings, problems } = readSettings(variables);
      if (problems.length > 0) throw new Error(problems.join("; "));
      const app = createUiApp({
        settings,
        access: createKubeAccess(connection, { logger: silentLogger() }),
        metrics: createUiMetrics([]),
        operator: NO_OPERATOR,
        shared: createShared(),
        followed,
        store: () => Promise.resolve(undefined),
        templates: () => Promise.resolve([]),
        teamsOf: createUserTeams(settings),
        stopping: () => false,
        ...parts,
      });
      return { app, ask: (path, options) => ask(app, path, options) };
    },
    async stop() {
      for (const followed of opened) followed.drop();
      connection.close();
      await api.stop();
    },
  };
}

const NO_OPERATOR: OperatorClient = {
  get: () => Promise.reject(new PortError("the operator cannot be asked", "unavailable")),
  post: () => Promise.reject(new PortError("the operator cannot be asked", "unavailable")),
};

async function ask(app: Ui["app"], path: string, options: AskOptions = {}) {
  const { method = "GET", token, headers = {}, body, peer = "192.0.2.1" } = options;
  const response = await app.request(`http://ui.example.org${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }, { peer });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function definition(): KubeObject {
  const file = new URL("../../manifests/postgresql.crd.yaml", import.meta.url);
  return parse(Deno.readTextFileSync(file)) as KubeObject;
}

function namespace(name: string): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } } as KubeObject;
}

function roles(): KubeObject[] {
  const role = (name: string, verbs: readonly string[]) => [
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name, namespace: "shop" },
      rules: [{ apiGroups: ["acid.zalan.do"], resources: ["postgresqls"], verbs }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name, namespace: "shop" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name }],
    },
  ];
  return [
    ...role("viewer", ["get", "list"]),
    ...role("editor", ["get", "list", "create", "patch", "delete"]),
  ] as unknown as KubeObject[];
}
