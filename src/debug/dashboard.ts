/** The dashboard: pages that show the debug API's answers to people. Reads, and nothing else. */

import { type Context, Hono } from "hono";
import { answerAsset, PAGE_HEADERS } from "../web/assets.ts";
import { createLive, type LiveClock } from "./live.ts";
import type { OperatorView } from "./view.ts";

const CLOCK: LiveClock = {
  now: () => performance.now(),
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};

/** Makes the pages below `/ui/`; addresses in them are relative, so a proxy may put them anywhere. */
export function dashboardRoutes(
  currentView: () => OperatorView | undefined,
  clock: LiveClock = CLOCK,
): Hono {
  const app = new Hono({ strict: false });
  const live = createLive(() => currentView()?.overview(), clock);
  app.get("/", (c) => {
    // Without the slash at its end, relative addresses would lead elsewhere.
    return new URL(c.req.url).pathname.endsWith("/") ? page(c, "index.html") : c.redirect("ui/");
  });
  app.get("/live", (c) => {
    if (c.req.method === "HEAD") return c.body(null);
    const stream = live.open();
    if (stream === undefined) return c.json({ error: "too many streams; poll ../overview" }, 503);
    const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
    return new Response(stream, { headers: { ...PAGE_HEADERS, ...headers } });
  });
  app.get("/:file", (c) => page(c, c.req.param("file")));
  return app;
}

async function page(c: Context, file: string): Promise<Response> {
  const answer = await answerAsset(file, "dashboard", c.req.raw);
  return answer ?? c.json({ error: `there is no ${file}` }, 404);
}
