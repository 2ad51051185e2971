/**
 * Spans to a collector by OTLP over HTTP, as OpenTelemetry's own variables say (`OTEL_EXPORTER_OTLP_…`,
 * `OTEL_TRACES_SAMPLER`, `OTEL_BSP_…`, `OTEL_RESOURCE_ATTRIBUTES`), which its library reads itself.
 * Loaded only where traces are asked for.
 */

import {
  type Context,
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  type Span as OtelSpan,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Logger } from "../../log/logger.ts";
import type { Span, SpanAttributes, Tracing } from "../../ports/tracing.ts";

const NAME = "postgres-operator";
/** A collector that is away fails every few seconds; the log hears of it now and then. */
const COMPLAINT_PAUSE_MS = 5 * 60_000;
const LONGEST_COMPLAINT = 300;
/** For the last spans at the end; a collector that hangs keeps nobody longer. */
const END_MS = 2_000;

/** Tracing, and how it ends. */
export interface OtlpTracing extends Tracing {
  /** Sends what is left, for two seconds at most. */
  stop(): Promise<void>;
}

/** What tracing needs to know. */
export interface OtlpOptions {
  readonly version: string;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
}

/** Starts to send spans; nobody waits for the collector. */
export function startOtlpTracing(options: OtlpOptions): OtlpTracing {
  heedComplaints(options);
  const own = resourceFromAttributes({ "service.name": NAME, "service.version": options.version });
  const provider = new BasicTracerProvider({
    resource: own.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer(NAME, options.version);
  return {
    start: (name, attributes) => startSpan(tracer, ROOT_CONTEXT, name, attributes),
    async stop() {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => timer = setTimeout(resolve, END_MS));
      await Promise.race([provider.shutdown().catch(() => {}), late]);
      clearTimeout(timer);
    },
  };
}

function startSpan(
  tracer: Tracer,
  parent: Context,
  name: string,
  attributes: SpanAttributes = {},
): Span {
  const span: OtelSpan = tracer.startSpan(name, { attributes }, parent);
  const context = trace.setSpan(ROOT_CONTEXT, span);
  return {
    child: (name, attributes) => startSpan(tracer, context, name, attributes),
    set: (attributes) => void span.setAttributes(attributes),
    fail: (message) => void span.setStatus({ code: SpanStatusCode.ERROR, message }),
    end: () => span.end(),
  };
}

/** What the library has to say, such as that the collector cannot be reached, in the log. */
function heedComplaints({ logger, nowMs }: OtlpOptions): void {
  let last = -Infinity;
  const complain = (message: string) => {
    if (nowMs() - last < COMPLAINT_PAUSE_MS) return;
    last = nowMs();
    logger.warn(`cannot send traces: ${readable(message)}`);
  };
  const ignore = () => {};
  const sink = { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(sink, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

/** Errors come as JSON with a stack. */
function readable(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === "string") return message.slice(0, LONGEST_COMPLAINT);
  } catch {
    // It is no JSON.
  }
  return text.slice(0, LONGEST_COMPLAINT);
}
