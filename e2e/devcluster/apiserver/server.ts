/**
 * The embedded API server: HTTPS on loopback, one store, the Kubernetes API in front of it.
 * It knows nothing of controllers, the kubelet or the operator: all of them are its clients.
 */
import { makeServerCertificate } from "../pki.ts";
import type { ApiContext } from "./http/api_context.ts";
import { ApiError, PageNotFound, unknownResource } from "./model/api_error.ts";
import { Authenticator, type User } from "./auth/authn.ts";
import { actionsOf, type AuditEntry, authorize } from "./auth/authz.ts";
import { bootstrap } from "./bootstrap.ts";
import { serveStoredDefinitions } from "./registry/custom_resources/definitions.ts";
import { discovery, VERSION } from "./http/discovery.ts";
import { type Fault, faultError, Faults } from "./http/faults.ts";
import { effectiveUser } from "./auth/impersonation.ts";
import { openapi } from "./http/openapi.ts";
import { openDataDirectory } from "./storage/persistence.ts";
import { Registry } from "./registry/registry.ts";
import { type RequestInfo, requestInfo } from "./model/request_info.ts";
import { handleResource } from "./http/resource_handler.ts";
import { jsonResponse } from "./http/resource_request.ts";
import { Store } from "./storage/store.ts";

export interface ApiServerOptions {
  /** Loopback address to listen on; others are refused. Default 127.0.0.1. */
  address?: string;
  /** Default 0: any free port. */
  port?: number;
  /**
   * First two parts of the addresses of Services. They are loopback addresses: whoever proxies
   * Services can listen on them. Two clusters on one machine need two. Default 127.96.
   */
  serviceNetwork?: string;
  /** Where state is kept over restarts; without it, in memory only. */
  dataDir?: string;
  /** More fixed tokens beside the admin's. */
  tokens?: Record<string, User>;
  /** Faults that are on from the start. */
  faults?: Fault[];
  /** Hears who asked for what and whether it was allowed; not of requests that a fault stopped. */
  audit?: (entry: AuditEntry) => void;
  /** Whether a WebSocket to a pod needs `create` beside `get`, as from Kubernetes 1.35 on. */
  upgradeAsksCreate?: boolean;
}

export interface ApiServer {
  url: string;
  caPem: string;
  /** Token of a member of system:masters. */
  token: string;
  /** A kubeconfig with that token; kept in dataDir, or in a temporary file until stop(). */
  kubeconfigPath: string;
  store: Store;
  faults: Faults;
  /** Ends every open watch and stream, as a restart does. */
  dropStreams(): void;
  stop(): Promise<void>;
}

/** How long stop() waits for requests that are under way. */
const SHUTDOWN_MS = 2000;

function warningHeader(warnings: string[]): Record<string, string> {
  if (warnings.length === 0) return {};
  const texts = warnings.map((text) => `299 - "${text.replaceAll(/["\\]/g, "\\$&")}"`);
  return { warning: texts.join(", ") };
}

function errorResponse(error: unknown): Response {
  if (error instanceof PageNotFound) return new Response(`${error.message}\n`, { status: 404 });
  if (error instanceof ApiError) return jsonResponse(error.status(), error.code, error.headers);
  const text = error instanceof Error ? error.message : String(error);
  const failure = new ApiError(500, "InternalError", `Internal error occurred: ${text}`);
  return jsonResponse(failure.status(), 500);
}

const HEALTH = /^\/(healthz|livez|readyz)(\/.*)?$/;

function plainPath(context: ApiContext, info: RequestInfo, accept: string): Response {
  if (HEALTH.test(info.path)) return new Response("ok");
  if (info.path === "/version") return jsonResponse(VERSION);
  if (/^\/apis?(\/|$)/.test(info.path)) {
    const { body, contentType } = discovery(context.registry, info.path, accept);
    return jsonResponse(body, 200, { "content-type": contentType });
  }
  const document = openapi(context.registry, info.path);
  if (document) return jsonResponse(document);
  throw new PageNotFound();
}

async function answer(
  context: ApiContext,
  request: Request,
  info: RequestInfo,
  { warnings, faults }: { readonly warnings: string[]; readonly faults: readonly Fault[] },
): Promise<Response> {
  const caller = context.authenticator.authenticate(request.headers.get("authorization"));
  const user = effectiveUser(context.store, caller, request.headers);
  const actions = actionsOf(info, {
    upgrade: request.headers.get("upgrade") !== null && context.upgradeAsksCreate,
  });
  for (const action of actions) authorize(context, user, action, info);
  const target = info.resource;
  if (!target) {
    return plainPath(context, info, request.headers.get("accept") ?? "");
  }
  const type = context.registry.find(target.group, target.version, target.plural);
  if (!type) {
    throw context.registry.serves(target.group, target.version)
      ? unknownResource()
      : new PageNotFound();
  }
  const stale = faults.find((fault) => fault.kind === "staleRead");
  const shown = stale === undefined
    ? context
    : { ...context, store: context.store.before(stale.changesBehind ?? CHANGES_BEHIND) };
  return await handleResource({ context: shown, info, target, type, request, user, warnings });
}

/** How far a stale answer is behind unless told. */
const CHANGES_BEHIND = 30;

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((done) => signal.addEventListener("abort", () => done(), { once: true }));
}

async function serveRequest(context: ApiContext, request: Request): Promise<Response> {
  const info = requestInfo(request.method, new URL(request.url));
  const warnings: string[] = [];
  try {
    const faults = context.faults.take(info, request.headers.get("user-agent") ?? "");
    for (const fault of faults) {
      if (fault.kind === "delay" || fault.kind === "timeout") {
        await new Promise((done) => setTimeout(done, fault.delayMs ?? 1000));
      }
      if (fault.kind === "silence") await ended(request.signal);
      const error = faultError(fault, info);
      if (error) throw error;
    }
    const before = new Set(context.open);
    const response = await answer(context, request, info, { warnings, faults });
    const dropped = faults.find((fault) => fault.kind === "dropWatch");
    if (dropped) {
      const added = [...context.open].filter((end) => !before.has(end));
      setTimeout(() => added.forEach((end) => end()), dropped.delayMs ?? 0);
    }
    for (const [name, value] of Object.entries(warningHeader(warnings))) {
      response.headers.set(name, value);
    }
    return response;
  } catch (error) {
    return errorResponse(error);
  }
}

function kubeconfig(url: string, caPem: string, token: string): string {
  const ca = btoa(caPem);
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "devcluster", cluster: { server: url, "certificate-authority-data": ca } }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{
      name: "devcluster",
      context: { cluster: "devcluster", user: "admin", namespace: "default" },
    }],
    "current-context": "devcluster",
  });
}

/** Starts an API server. @throws Error for an address that is not loopback or a port in use. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const address = options.address ?? "127.0.0.1";
  if (!/^127\.\d+\.\d+\.\d+$/.test(address)) {
    throw new Error(
      `cannot start the API server on ${address}: it serves loopback addresses (127.0.0.0/8) only`,
    );
  }
  const store = new Store();
  const data = await openDataDirectory(options.dataDir, store);
  const authenticator = new Authenticator(store, data.signingKey);
  const registry = new Registry();
  const faults = new Faults();
  for (const fault of options.faults ?? []) faults.add(fault);
  const token = data.adminToken;
  authenticator.addToken(token, { name: "kubernetes-admin", groups: ["system:masters"] });
  for (const [text, user] of Object.entries(options.tokens ?? {})) {
    authenticator.addToken(text, user);
  }
  const context: ApiContext = {
    store,
    registry,
    serviceNetwork: options.serviceNetwork ?? "127.96",
    authenticator,
    faults,
    open: new Set(),
    upgradeAsksCreate: options.upgradeAsksCreate ?? false,
    audit: options.audit ?? (() => {}),
  };
  const certificate = data.certificate ?? await makeServerCertificate(
    [address, "127.0.0.1"],
    [
      "localhost",
      "kubernetes",
      "kubernetes.default",
      "kubernetes.default.svc",
      "kubernetes.default.svc.cluster.local",
    ],
  );
  await data.keepCertificate(certificate);
  const abort = new AbortController();
  const server = Deno.serve({
    signal: abort.signal,
    hostname: address,
    port: options.port ?? 0,
    cert: certificate.certPem,
    key: certificate.keyPem,
    onListen: () => {},
  }, (request) => serveRequest(context, request));
  const { port } = server.addr as Deno.NetAddr;
  const url = `https://${address}:${port}`;
  serveStoredDefinitions(context);
  bootstrap(context, { address, port });
  const kubeconfigPath = await data.writeKubeconfig(kubeconfig(url, certificate.caPem, token));
  const dropStreams = () => {
    for (const end of [...context.open]) end();
  };
  const stop = async () => {
    dropStreams();
    const forced = setTimeout(() => abort.abort(), SHUTDOWN_MS);
    await server.shutdown();
    await server.finished;
    clearTimeout(forced);
    await data.close();
  };
  return { url, caPem: certificate.caPem, token, kubeconfigPath, store, faults, dropStreams, stop };
}
