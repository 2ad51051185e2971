/**
 * Resolves maintenance windows: whether one is open now, and when the next one opens. Times are UTC.
 *
 * Zalando: pkg/cluster/util.go, isInMaintenanceWindow; pkg/cluster/cluster.go,
 * GetSwitchoverSchedule
 */

import type { PostgresqlSpec } from "../../api/types.gen.ts";
import type { Config } from "../../config/config.ts";

export interface EffectiveMaintenance {
  /** `open` also where there are no windows: nothing waits then. */
  readonly window: "open" | "closed";
  /** Start of the next window after now; undefined where there are none. */
  readonly nextStart: Date | undefined;
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const WINDOW = /^(?:(Sun|Mon|Tue|Wed|Thu|Fri|Sat):)?(\d{2}):(\d{2})-(\d{2}):(\d{2})$/;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** Minutes of a day, both included; `weekday` 0 is Sunday, undefined every day. */
interface Window {
  readonly weekday: number | undefined;
  readonly start: number;
  readonly end: number;
}

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
  const windows = texts.map(parseWindow).filter((window) => window !== undefined);
  const open = windows.some((window) => isOpen(window, now));
  return { window: open ? "open" : "closed", nextStart: nextStart(windows, now) };
}

function parseWindow(text: string): Window | undefined {
  const match = WINDOW.exec(text);
  if (!match) return undefined;
  const [, weekday, ...clock] = match;
  const [startHour = 0, startMinute = 0, endHour = 0, endMinute = 0] = clock.map(Number);
  return {
    weekday: weekday === undefined ? undefined : WEEKDAYS.indexOf(weekday),
    start: startHour * 60 + startMinute,
    end: endHour * 60 + endMinute,
  };
}

function isOpen(window: Window, now: Date): boolean {
  if (window.weekday !== undefined && window.weekday !== now.getUTCDay()) return false;
  const minute = now.getUTCHours() * 60 + now.getUTCMinutes();
  return minute >= window.start && minute <= window.end;
}

function nextStart(windows: readonly Window[], now: Date): Date | undefined {
  const sinceMidnight = now.getTime() % (DAY_MINUTES * MINUTE_MS);
  const waits = windows.map((window) => {
    const today = window.start * MINUTE_MS - sinceMidnight;
    const days = window.weekday === undefined ? 0 : (window.weekday - now.getUTCDay() + 7) % 7;
    const wait = today + days * DAY_MINUTES * MINUTE_MS;
    const period = (window.weekday === undefined ? 1 : 7) * DAY_MINUTES * MINUTE_MS;
    return wait > 0 ? wait : wait + period;
  });
  return waits.length === 0 ? undefined : new Date(now.getTime() + Math.min(...waits));
}
