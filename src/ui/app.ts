/**
 * The web UI as a Hono application: pages, sessions, and the JSON that pages and scripts ask for.
 * Everything is done with the rights of whoever asks (`identity.ts`).
 *
 * Zalando: ui/operator_ui/main.py; its routes are kept, with real status codes.
 */

import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { KubeError } from "../clients/kube/errors.ts";
import { answerAsset, PAGE_HEADERS } from "../web/assets.ts";
import { type FailureKind, PortError } from "../ports/errors.ts";
import type { Asking, Bindings, UiParts } from "./context.ts";
import { crossSiteFault } from "./cross_site.ts";
import { UiError } from "./errors.ts";
import { type Identity, identityOf } from "./identity.ts";
import { clusterRoutes } from "./routes/clusters.ts";
import { configRoutes } from "./routes/config.ts";
import { objectRoutes } from "./routes/objects.ts";
import { operatorRoutes } from "./routes/operator.ts";
import { sessionRoutes } from "./routes/session.ts";
import { storedRoutes } from "./routes/stored.ts";
import type { Route } from "./routes/route.ts";

/** Manifests are small; what is larger is none. */
const MOST_BODY_BYTES = 1024 * 1024;

/** Longest time for all that one request asks of Kubernetes. */
const REQUEST_MS = 30_000;

const ROUTES: readonly Route[] = [
  ...configRoutes,
  ...clusterRoutes,
  ...objectRoutes,
  ...operatorRoutes,
  ...storedRoutes,
];

type Env = { Bindings: Bindings };

/** Makes the application; `app.request(path, init, { peer })` answers without a socket. */
export function createUiApp(parts: UiParts): Hono<Env> {
  const app = new Hono<Env>({ strict: false });
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(PAGE_HEADERS)) c.res.headers.set(name, value);
    if (!c.res.headers.has("cache-control")) c.res.headers.set("cache-control", "no-store");
  });
  app.use(async (c, next) => {
    const begun = performance.now();
    await next();
    const { metrics } = parts;
    const seconds = (performance.now() - begun) / 1000;
    metrics.answerEnded({ method: c.req.method, status: c.res.status, seconds });
  });
  app.use((c, next) => {
    const fault = crossSiteFault(c.req.raw);
    if (fault !== undefined) throw new UiError(fault, fault.startsWith("the body") ? 415 : 403);
    return next();
  });
  app.use(bodyLimit({
    maxSize: MOST_BODY_BYTES,
    onError: () => {
      throw new UiError(`the body has more than ${MOST_BODY_BYTES} bytes`, 413);
    },
  }));
  app.get("/health", (c) => parts.stopping() ? c.text("stopping", 503) : c.text("OK"));
  app.get("/readyz", (c) => parts.stopping() ? c.text("stopping", 503) : c.text("OK"));
  app.get("/metrics", async (c) => {
    const { metrics } = parts;
    return c.text(await metrics.text(), 200, { "content-type": metrics.contentType });
  });
  app.route("/session", sessionRoutes(parts, (c) => whoAsks(c, parts)));
  for (const { method, path, handle } of ROUTES) {
    app.on(method, path, async (c) => {
      const asking = await askingOf(c, parts);
      return await handle(asking, { values: c.req.param(), request: c.req.raw });
    });
  }
  app.get("/", (c) => file(c, "index.html"));
  app.get("/:file", (c) => file(c, c.req.param("file")));
  app.notFound(() => {
    throw new UiError("there is no such page", 404);
  });
  app.onError((error) => answerError(error));
  return app;
}

function whoAsks(c: Context<Env>, parts: UiParts): Promise<Identity | undefined> {
  const peer = { address: c.env.peer };
  return identityOf(c.req.raw, peer, parts.settings, parts.teamsOf);
}

async function askingOf(c: Context<Env>, parts: UiParts): Promise<Asking> {
  const identity = await whoAsks(c, parts);
  if (identity === undefined) throw new UiError("sign in first", 401);
  return { parts, identity, kube: parts.access(identity), signal: AbortSignal.timeout(REQUEST_MS) };
}

async function file(c: Context<Env>, name: string): Promise<Response> {
  const answer = await answerAsset(name, "ui", c.req.raw);
  if (answer === undefined) throw new UiError("there is no such page", 404);
  return answer;
}

function answerError(error: unknown): Response {
  const { status, message, fields } = describe(error);
  return Response.json({ error: message, ...(fields.length > 0 ? { fields } : {}) }, { status });
}

/** Statuses for what peers other than Kubernetes fail with; 502 for the rest. */
const STATUSES: Partial<Record<FailureKind, number>> = {
  "not found": 404,
  forbidden: 403,
  invalid: 422,
};

function describe(error: unknown): Pick<UiError, "message" | "fields"> & { status: number } {
  if (error instanceof UiError) return error;
  if (error instanceof KubeError) {
    const fields = error.causes.map(({ field = "", message = "" }) => ({ path: field, message }));
    return { status: error.status === 0 ? 502 : error.status, message: error.message, fields };
  }
  if (error instanceof PortError) {
    return { status: STATUSES[error.kind] ?? 502, message: error.message, fields: [] };
  }
  return { status: 500, message: "this cannot be answered: a fault of the UI", fields: [] };
}
