/**
 * The debug API as a Hono application: reads from an `OperatorView` and nothing else, so a request
 * costs the API server and the databases nothing. Paths are Zalando's (pkg/apiserver/apiserver.go);
 * an unknown path or cluster is 404 here.
 */

import { type Context, Hono } from "hono";
import type { OperatorView } from "./view.ts";

/** Makes the application; `app.request(path)` answers without a socket. */
export function createDebugApp(view: OperatorView): Hono {
  const app = new Hono({ strict: false });
  app.get("/readyz", (c) => view.ready() ? c.json("OK") : problem(c, 503, "caches are filling"));
  app.get("/status", (c) => c.json(view.status()));
  app.get("/clusters", (c) => c.json(view.teams()));
  app.get("/clusters/:team", (c) => {
    const team = c.req.param("team");
    const names = view.teams()[team];
    return names ? c.json(names) : problem(c, 404, `team ${team} has no cluster`);
  });
  app.get("/clusters/:namespace/:name", (c) => {
    const { namespace, name } = c.req.param();
    return orMissing(c, view.cluster(namespace, name), `cluster ${namespace}/${name}`);
  });
  app.get("/clusters/:namespace/:name/plan", (c) => {
    const { namespace, name } = c.req.param();
    return orMissing(c, view.plan(namespace, name), `a plan of cluster ${namespace}/${name}`);
  });
  app.notFound((c) => problem(c, 404, `there is no ${new URL(c.req.url).pathname}`));
  app.onError((error, c) => problem(c, 500, error.message));
  return app;
}

function orMissing(c: Context, value: object | undefined, what: string): Response {
  return value ? c.json(value) : problem(c, 404, `${what} is not known`);
}

function problem(c: Context, status: 404 | 500 | 503, error: string): Response {
  return c.json({ error }, status);
}
