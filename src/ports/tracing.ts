/**
 * Spans of what the operator does, for a collector of traces. They hold names, kinds and numbers, and
 * of errors what the log says too; never a value of a manifest.
 */

/** Facts about a span, by name. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Work that is under way. */
export interface Span {
  /** Work that is part of this one. */
  child(name: string, attributes?: SpanAttributes): Span;
  set(attributes: SpanAttributes): void;
  /** Says that it failed, in the words of the log. */
  fail(message: string): void;
  /** Nothing is taken after it. */
  end(): void;
}

/** Where spans begin. */
export interface Tracing {
  start(name: string, attributes?: SpanAttributes): Span;
}
