/** A logger for tests that look at no log. */

import type { Logger } from "../log/logger.ts";

/** Drops everything. */
export function silentLogger(): Logger {
  const nothing = () => {};
  const logger: Logger = {
    error: nothing,
    warn: nothing,
    info: nothing,
    debug: nothing,
    with: () => logger,
    verbose: () => false,
  };
  return logger;
}
