/** The debug API with a simulated view, as the operator serves it. */

import { createDebugApp } from "../../src/debug/app.ts";
import { placesBy } from "../../src/debug/pprof/places.ts";
import { createSampler } from "../../src/debug/pprof/sampler.ts";
import { serveDebugApp } from "../../src/debug/server.ts";
import type { OperatorView } from "../../src/debug/view.ts";

/** Serves a view on a free port of this machine. */
export function serveView(view: OperatorView): { origin: string; stop(): Promise<void> } {
  const app = createDebugApp(() => view, {
    metrics: { contentType: "text/plain", text: () => Promise.resolve("") },
    profiles: {
      sampler: createSampler(() => Promise.resolve()),
      places: () => Promise.resolve(placesBy({})),
      now: () => new Date(),
      commandLine: [],
    },
  });
  const server = serveDebugApp(app, "127.0.0.1", 0);
  return { origin: `http://127.0.0.1:${server.port}`, stop: () => server.shutdown() };
}
