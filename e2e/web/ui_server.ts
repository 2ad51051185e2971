/** The web UI before the dev cluster's API server, with users of different rights. */

import { parse } from "yaml";
import { createKubeClient, type KubeClient } from "../../src/clients/kube/client.ts";
import { connectKube } from "../../src/clients/kube/connection/credentials.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { createLogger } from "../../src/log/logger.ts";
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
import { startApiServer } from "../devcluster/apiserver/server.ts";

/** Tokens of the dev cluster: `editor` may write in `shop`, `viewer` may read there. */
export const TOKENS = {
  editor: "token-of-editor",
  viewer: "token-of-viewer",
  nobody: "token-of-nobody",
};

/** The proxy of the tests. */
export const PROXY = "10.1.2.3";

/** Who the tests sign in as; `admin` may do all. */
export type UserName = "admin" | "editor" | "viewer" | "nobody";

export interface UiWorld {
  readonly admin: KubeClient;
  /** Path of an administrator's. */
  readonly kubeconfig: string;
  readonly tokens: Readonly<Record<UserName, string>>;
  /** The namespace where the editor may write; `shop` in the dev cluster. */
  readonly shop: string;
  /** Requests that reached the API server since the last call, as `user verb resource`. */
  audited(): string[];
  /** Makes a UI with other variables. */
  ui(
    variables?: Readonly<Record<string, string>>,
    parts?: Partial<UiParts>,
    /** Gets every line of the log, requests to Kubernetes among them. */
    log?: (line: string) => void,
  ): Ui;
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

/** Starts an API server with our definition, two namespaces and roles of the users. */
export async function startUiWorld(): Promise<UiWorld> {
  const real = Deno.env.get("KUBECONFIG");
  return real === undefined ? await devWorld() : await realWorld(real);
}

async function devWorld(): Promise<UiWorld> {
  const seen: string[] = [];
  const groups = ["system:authenticated"];
  const api = await startApiServer({
    tokens: {
      [TOKENS.editor]: { name: "editor", groups },
      [TOKENS.viewer]: { name: "viewer", groups },
      [TOKENS.nobody]: { name: "nobody", groups },
    },
    audit: ({ user, action }) => void seen.push(`${user.name} ${action.verb} ${action.resource}`),
  });
  return await worldOf({
    kubeconfig: api.kubeconfigPath,
    shop: "shop",
    tokens: () => Promise.resolve({ admin: api.token, ...TOKENS }),
    audited: () => seen.splice(0),
    stop: () => api.stop(),
  });
}

/** A real API server, whose users are service accounts. */
async function realWorld(kubeconfig: string): Promise<UiWorld> {
  const shop = `shop-${crypto.randomUUID().slice(0, 8)}`;
  return await worldOf({
    kubeconfig,
    shop,
    async tokens(admin) {
      const tokenOf = async (name: UserName) => {
        const signal = AbortSignal.timeout(10_000);
        const kind = { apiVersion: "v1", kind: "ServiceAccount" };
        const metadata = { name, namespace: shop };
        await admin.create({ ...kind, metadata } as KubeObject, { signal });
        const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest" };
        const body = { ...request, metadata: {}, spec: {} } as KubeObject;
        const made = await admin.createSubresource({ ...kind, ...metadata }, body, {
          signal,
          subresource: "token",
        });
        return (made["status"] as { token: string }).token;
      };
      return {
        admin: await tokenOf("admin"),
        editor: await tokenOf("editor"),
        viewer: await tokenOf("viewer"),
        nobody: await tokenOf("nobody"),
      };
    },
    audited: () => [],
    stop: () => Promise.resolve(),
  });
}

/** An API server that is up. */
interface Server {
  readonly kubeconfig: string;
  readonly shop: string;
  readonly tokens: (admin: KubeClient) => Promise<UiWorld["tokens"]>;
  readonly audited: () => string[];
  readonly stop: () => Promise<void>;
}

async function worldOf({ kubeconfig, shop, tokens, audited, stop }: Server): Promise<UiWorld> {
  const connection = await connectKube({ kubeconfig, from: "kubeconfig" });
  const anonymous = await connectKube({
    kubeconfig,
    from: "kubeconfig",
    withoutCertificate: true,
  });
  const opened: ReturnType<typeof createFollowed>[] = [];
  const admin = createKubeClient({ connection, logger: silentLogger() });
  for (const object of [definition(), namespace(shop), namespace("bank"), ...roles(shop)]) {
    await madeOnce(admin, object);
  }
  return {
    admin,
    kubeconfig,
    shop,
    tokens: await tokens(admin),
    audited,
    ui(variables = {}, parts = {}, log) {
      const logger = log === undefined ? silentLogger() : createLogger({
        format: "text",
        verbosity: 9,
        now: () => new Date(),
        write: log,
      });
      const followed = createFollowed();
      opened.push(followed);
      const { settings, problems } = readSettings(variables);
      if (problems.length > 0) throw new Error(problems.join("; "));
      const own = settings.signIn === "token" ? anonymous : connection;
      const app = createUiApp({
        settings,
        access: createKubeAccess(own, { logger }),
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
      for (const followed of opened) followed.drop(() => true);
      connection.close();
      anonymous.close();
      await stop();
    },
  };
}

/** On an API server that others use too, it may be there. */
async function madeOnce(admin: KubeClient, object: KubeObject): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  for (let tries = 0; tries < 20; tries++) {
    try {
      await admin.create(object, { signal });
      return;
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      if (error.kind === "already exists") return;
      // A definition is served a moment after it is there.
      if (error.kind !== "not found") throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
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

function roles(shop: string): KubeObject[] {
  const role = (name: string, verbs: readonly string[]) => [
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name, namespace: shop },
      rules: [{ apiGroups: ["acid.zalan.do"], resources: ["postgresqls"], verbs }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name, namespace: shop },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
      subjects: [
        { apiGroup: "rbac.authorization.k8s.io", kind: "User", name },
        { kind: "ServiceAccount", name, namespace: shop },
      ],
    },
  ];
  return [
    ...role("viewer", ["get", "list", "watch"]),
    ...role("editor", ["get", "list", "watch", "create", "patch", "delete"]),
  ] as unknown as KubeObject[];
}
