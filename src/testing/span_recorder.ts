/** Spans that a test can look at. */

import type { Span, SpanAttributes, Tracing } from "../ports/tracing.ts";

/** A span as it was told. */
export interface RecordedSpan {
  readonly name: string;
  readonly parent: string | undefined;
  readonly attributes: Record<string, string | number | boolean>;
  failure?: string;
  ended: boolean;
}

/** Keeps every span in the order in which they began. */
export function spanRecorder(): Tracing & { readonly spans: readonly RecordedSpan[] } {
  const spans: RecordedSpan[] = [];
  const start = (name: string, attributes: SpanAttributes = {}, parent?: string): Span => {
    const span: RecordedSpan = { name, parent, attributes: { ...attributes }, ended: false };
    spans.push(span);
    return {
      child: (below, attributes) => start(below, attributes, name),
      set: (more) => void Object.assign(span.attributes, more),
      fail: (message) => void (span.failure = message),
      end: () => void (span.ended = true),
    };
  };
  return { spans, start };
}
