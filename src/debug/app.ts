/**
 * The debug API as a Hono application: reads from an `OperatorView` and nothing else, so a request
 * costs the API server and the databases nothing. An unknown path or cluster is 404 here, where
 * Zalando's answers 500.
 */

import { type Context, Hono } from "hono";
import { VERSION } from "../version.ts";
import { createPlanAnswer, type Planner } from "./asked_plan.ts";
import { dashboardRoutes } from "./dashboard.ts";
import { profileRoutes, type ProfileTools } from "./pprof/routes.ts";
import { type PathValues, type Route, ROUTES } from "./routes.ts";
import type { OperatorView } from "./view.ts";

/** What `/metrics` shows: a text in Prometheus' format, made when it is asked for. */
export interface Scraped {
  readonly contentType: string;
  text(): Promise<string>;
}

/** What pages need besides the view. */
export interface DebugTools {
  readonly metrics: Scraped;
  readonly profiles: ProfileTools;
  /** Plans for manifests that are not stored; undefined where nobody may ask. */
  readonly planner?: () => Planner | undefined;
}

/**
 * Makes the application; `app.request(path)` answers without a socket. It serves before there is a
 * view: until then every page but the description says 503.
 */
export function createDebugApp(
  currentView: () => OperatorView | undefined,
  { metrics, profiles, planner = () => undefined }: DebugTools,
): Hono {
  const app = new Hono({ strict: false });
  // An operator that starts or cannot reach the API server is not helped by a restart.
  app.get("/healthz", (c) => {
    return currentView()?.alive() ?? true ? c.json("OK") : problem(c, 503, "no worker goes on");
  });
  app.get("/readyz", (c) => {
    return currentView()?.ready() ? c.json("OK") : problem(c, 503, NOT_READY);
  });
  for (const route of ROUTES) {
    app.get(route.path.replaceAll(/\{(\w+)\}/g, ":$1"), (c) => {
      const view = currentView();
      return view ? answer(c, route, view) : problem(c, 503, "the operator is starting");
    });
  }
  app.post("/clusters/:namespace/:name/plan", createPlanAnswer(planner));
  app.get("/metrics", async (c) => {
    return c.text(await metrics.text(), 200, { "content-type": metrics.contentType });
  });
  app.get("/", (c) => c.redirect("ui/"));
  app.route("/ui", dashboardRoutes(currentView));
  app.route("/debug/pprof", profileRoutes(profiles));
  app.get("/openapi.json", async (c) => {
    const { describeApi } = await import("./openapi.ts");
    return c.json(describeApi(ROUTES, VERSION) as object);
  });
  app.notFound((c) => problem(c, 404, `there is no ${new URL(c.req.url).pathname}`));
  app.onError((error, c) => problem(c, 500, error.message));
  return app;
}

const NOT_READY = "caches are filling, or changes of clusters are not heard of";

function answer(c: Context, { find, what }: Route, view: OperatorView): Response {
  const values: PathValues = c.req.param() as Record<string, string>;
  const found = find(view, values);
  if (found !== undefined) return c.json(found);
  const named = what.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
  return problem(c, 404, `${named} is not known`);
}

function problem(c: Context, status: 404 | 500 | 503, error: string): Response {
  return c.json({ error }, status);
}
