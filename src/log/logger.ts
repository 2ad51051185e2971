/**
 * The operator's log: levels, fields, text or JSON lines, and a ring of recent lines by cluster and
 * by worker for the debug API.
 *
 * Zalando: logrus with `ENABLE_JSON_LOGGING`, `LOG_NOQUOTE` and `debug_logging`; cmd/main.go,
 * pkg/controller/controller.go. Lines go to standard output, as there.
 */

import { formatJson, formatText } from "./format.ts";
import type { Fields, Level, LogRecord } from "./record.ts";

/** Takes log lines. Messages carry no secret: they go to a file, a ring and the debug API. */
export interface Logger {
  error(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  debug(message: string, fields?: Fields): void;
  /** A logger that adds these fields to every line. */
  with(fields: Fields): Logger;
  /** True when `-v` is at least this number; 8 asks for a line for every REST request. */
  verbose(level: number): boolean;
}

/** Where and how lines are written. */
export interface LogOptions {
  readonly format: "text" | "text-noquote" | "json";
  /** The number of `-v`. */
  readonly verbosity: number;
  readonly now: () => Date;
  /** Gets each formatted line, without its newline. */
  readonly write: (line: string) => void;
  /** Gets each record that passes the level, e.g. `ring.add`. */
  readonly mirror?: (record: LogRecord) => void;
}

/** The root logger; its level changes when the configuration has been read. */
export interface RootLogger extends Logger {
  setLevel(level: Level): void;
}

const RANK: Readonly<Record<Level, number>> = { error: 0, warning: 1, info: 2, debug: 3 };

/** Makes the root logger; it starts at level `info`. */
export function createLogger(options: LogOptions): RootLogger {
  let threshold: Level = "info";
  const emit = (level: Level, message: string, fields: Fields) => {
    if (RANK[level] > RANK[threshold]) return;
    const record = { time: options.now(), level, message, fields };
    options.write(
      options.format === "json"
        ? formatJson(record)
        : formatText(record, options.format === "text" ? "quote" : "noquote"),
    );
    options.mirror?.(record);
  };
  const withFields = (base: Fields): Logger => ({
    error: (message, fields) => emit("error", message, { ...base, ...fields }),
    warn: (message, fields) => emit("warning", message, { ...base, ...fields }),
    info: (message, fields) => emit("info", message, { ...base, ...fields }),
    debug: (message, fields) => emit("debug", message, { ...base, ...fields }),
    with: (fields) => withFields({ ...base, ...fields }),
    verbose: (level) => options.verbosity >= level,
  });
  return {
    ...withFields({}),
    setLevel: (level) => {
      threshold = level;
    },
  };
}
