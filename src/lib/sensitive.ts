/**
 * A secret string that does not print itself: `toString`, `JSON.stringify` and `Deno.inspect` all
 * give `[redacted]`. Only clients, and the pure code that derives a verifier, call `reveal()`.
 */

const REDACTED = "[redacted]";

export class Sensitive {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The plain text. Never put it into a message, a plan's reason or a log line. */
  reveal(): string {
    return this.#value;
  }

  /** True when both hold the same text. */
  equals(other: Sensitive): boolean {
    return this.#value === other.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return REDACTED;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}
