/**
 * Profiles of the process below `/debug/pprof/`, on the paths of Go's net/http/pprof: what reads
 * those reads these. Zalando: pkg/apiserver/apiserver.go, New
 */

import { type Context, Hono } from "hono";
import type { SampleKind, SourcePlace } from "./pprof.ts";
import { BusyError, type CpuProfile, cpuSamples, type Frame, type Sampler } from "./sampler.ts";
import { traceEvents } from "./trace.ts";

/** What profiles are made with. */
export interface ProfileTools {
  readonly sampler: Sampler;
  /** Names functions; read once, at the first profile. */
  readonly places: () => Promise<(frame: Frame) => SourcePlace>;
  readonly now: () => Date;
  /** The program and its arguments. */
  readonly commandLine: readonly string[];
}

/** Seconds: what is taken without a word, and the longest. */
const SECONDS = { profile: 30, heap: 5, trace: 1, longest: 60 };

const INDEX = `/debug/pprof/

cmdline  the program and its arguments
profile  profile of the processor; ?seconds=N, ${SECONDS.profile} unless told, at most ${SECONDS.longest}
heap     allocations of the next seconds that are still alive at their end; ?seconds=N
trace    the same as profile, as trace events for Perfetto and Chrome; ?seconds=N
symbol   looks up addresses: there are none, profiles hold the names

go tool pprof http://localhost:8080/debug/pprof/profile?seconds=10
`;

/** The routes below `/debug/pprof`. */
export function profileRoutes(tools: ProfileTools): Hono {
  const app = new Hono({ strict: false });
  app.get("/", (c) => c.text(INDEX));
  app.get("/cmdline", (c) => c.text(tools.commandLine.join("\0")));
  app.get("/profile", (c) =>
    taken(c, SECONDS.profile, async (ms) => {
      const profile = await tools.sampler.cpu(ms, c.req.raw.signal);
      return await pprofAnswer(tools, "cpu", ms, cpuSamples(profile));
    }));
  app.get("/heap", (c) =>
    taken(c, SECONDS.heap, async (ms) => {
      const samples = await tools.sampler.heap(ms, c.req.raw.signal);
      return await pprofAnswer(tools, "heap", ms, samples);
    }));
  app.get("/trace", (c) =>
    taken(c, SECONDS.trace, async (ms) => {
      const profile = await tools.sampler.cpu(ms, c.req.raw.signal);
      return c.json(traceEvents(await named(tools, profile)));
    }));
  app.on(["GET", "POST"], "/symbol", (c) => c.text("num_symbols: 0\n"));
  return app;
}

async function taken(
  c: Context,
  usual: number,
  take: (ms: number) => Promise<Response>,
): Promise<Response> {
  const seconds = Number(c.req.query("seconds") ?? usual);
  if (!Number.isFinite(seconds) || seconds <= 0 || seconds > SECONDS.longest) {
    const error = `seconds has to be a number above 0 and up to ${SECONDS.longest}`;
    return c.json({ error }, 400);
  }
  try {
    return await take(seconds * 1000);
  } catch (error) {
    if (error instanceof BusyError) return c.json({ error: error.message }, 409);
    throw error;
  }
}

async function pprofAnswer(
  { places, now }: ProfileTools,
  kind: SampleKind,
  durationMs: number,
  samples: ReturnType<typeof cpuSamples>,
): Promise<Response> {
  const takenAt = new Date(now().getTime() - durationMs);
  const { encodePprof } = await import("./pprof.ts");
  const bytes = encodePprof(samples, { kind, takenAt, durationMs, placeOf: await places() });
  const body = new Blob([bytes.slice()]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(body, {
    headers: {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename="${kind}.pb.gz"`,
      "x-content-type-options": "nosniff",
    },
  });
}

async function named({ places }: ProfileTools, profile: CpuProfile): Promise<CpuProfile> {
  const placeOf = await places();
  const nodes = profile.nodes.map((node) => {
    const { name, file, line } = placeOf(node.callFrame);
    const callFrame = { ...node.callFrame, functionName: name, url: file, lineNumber: line - 1 };
    return { ...node, callFrame };
  });
  return { ...profile, nodes };
}
