/**
 * Resolves maintenance windows: whether one is open now, and when the next one opens. Times are UTC.
 *
 * Zalando: pkg/cluster/util.go, isInMaintenanceWindow; pkg/cluster/cluster.go,
 * GetSwitchoverSchedule
 */

import { type MaintenanceWindow, parseMaintenanceWindow } from "../../api/maintenance_window.ts";
import type { PostgresqlSpec } from "../../api/types.gen.ts";
import type { Config } from "../../config/config.ts";

export interface EffectiveMaintenance {
  /** `open` also where there are no windows: nothing waits then. */
  readonly window: "open" | "closed";
  /** Start of the next window after now; undefined where there are none. */
  readonly nextStart: Date | undefined;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Resolves the windows of a cluster; those of the manifest replace the configured ones. */
export function resolveMaintenance(
  spec: PostgresqlSpec,
  config: Config,
  now: Date,
): EffectiveMaintenance {
  const given = spec.maintenanceWindows ?? [];
  const texts = given.length > 0 ? given : config.maintenanceWindows;
  if (config.enableMaintenanceWindows === false || texts.length === 0) {
    return { window: "open", nextStart: undefined };
  }
  // A window that cannot be read never opens; validation reports it.
  const windows = texts.flatMap(readable);
  const open = windows.some((window) => isOpen(window, now));
  return { window: open ? "open" : "closed", nextStart: nextStart(windows, now) };
}

function readable(text: string): MaintenanceWindow[] {
  const window = parseMaintenanceWindow(text);
  return "problem" in window ? [] : [window];
}

function isOpen(window: MaintenanceWindow, now: Date): boolean {
  if (window.weekday !== undefined && window.weekday !== now.getUTCDay()) return false;
  const minute = now.getUTCHours() * 60 + now.getUTCMinutes();
  return minute >= window.start && minute <= window.end;
}

function nextStart(windows: readonly MaintenanceWindow[], now: Date): Date | undefined {
  const sinceMidnight = now.getTime() % DAY_MS;
  const waits = windows.map((window) => {
    const today = window.start * MINUTE_MS - sinceMidnight;
    const days = window.weekday === undefined ? 0 : (window.weekday - now.getUTCDay() + 7) % 7;
    const wait = today + days * DAY_MS;
    const period = (window.weekday === undefined ? 1 : 7) * DAY_MS;
    return wait > 0 ? wait : wait + period;
  });
  return waits.length === 0 ? undefined : new Date(now.getTime() + Math.min(...waits));
}
