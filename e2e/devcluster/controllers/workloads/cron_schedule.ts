/**
 * Cron schedules: when is the next time? (controllers; pure)
 * https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */

/** A schedule that was understood. */
export interface Schedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** With both day fields given, either suffices; with one, it alone counts. */
  readonly eitherDay: boolean;
  readonly timeZone: string;
}

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: readonly Field[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 7, names: WEEKDAYS },
];

const WORDS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** Reads a schedule. @throws Error that names the part that makes no sense */
export function parseSchedule(text: string, timeZone = "Etc/UTC"): Schedule {
  const words = (WORDS[text.trim().toLowerCase()] ?? text).trim().split(/\s+/);
  if (words.length !== FIELDS.length) {
    throw new Error(`cannot read schedule "${text}": it has ${words.length} fields, not 5`);
  }
  const [minutes, hours, days, months, weekdays] = words.map((word, n) =>
    parseField(word, FIELDS[n]!)
  );
  if (weekdays!.has(7)) weekdays!.add(0);
  return {
    minutes: minutes!,
    hours: hours!,
    days: days!,
    months: months!,
    weekdays: weekdays!,
    eitherDay: !/^[*?]/.test(words[2]!) && !/^[*?]/.test(words[4]!),
    timeZone,
  };
}

/** Parts of a local time. */
interface LocalTime {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  readonly weekday: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** 29 February on a given weekday is at most this far away. */
const HORIZON_MS = 40 * 366 * 24 * HOUR_MS;

/** The first time after `afterMs`, in milliseconds, or undefined when there is none. */
export function nextTime(schedule: Schedule, afterMs: number): number | undefined {
  const local = localClock(schedule.timeZone);
  let at = (Math.floor(afterMs / MINUTE_MS) + 1) * MINUTE_MS;
  while (at < afterMs + HORIZON_MS) {
    const time = local(at);
    if (!dayFits(schedule, time)) at += untilMidnight(time);
    else if (!schedule.hours.has(time.hour)) at += (60 - time.minute) * MINUTE_MS;
    else if (!schedule.minutes.has(time.minute)) at += MINUTE_MS;
    else return at;
  }
  return undefined;
}

/** The last time in (`afterMs`, `untilMs`], or undefined when there is none. */
export function latestTime(
  schedule: Schedule,
  afterMs: number,
  untilMs: number,
): number | undefined {
  let latest: number | undefined;
  let next = nextTime(schedule, afterMs);
  for (let steps = 0; next !== undefined && next <= untilMs; steps++) {
    const interval = next - (latest ?? afterMs);
    latest = next;
    // After a long pause the times in between do not matter: jump close to the end.
    const from = steps === 100 ? Math.max(next, untilMs - 3 * interval) : next;
    next = nextTime(schedule, from);
  }
  return latest;
}

function dayFits(schedule: Schedule, time: LocalTime): boolean {
  if (!schedule.months.has(time.month)) return false;
  const day = schedule.days.has(time.day);
  const weekday = schedule.weekdays.has(time.weekday);
  return schedule.eitherDay ? day || weekday : day && weekday;
}

/** To the next midnight or, where the clock changes that night, at most an hour before it. */
function untilMidnight({ hour, minute }: LocalTime): number {
  const rest = 24 * HOUR_MS - hour * HOUR_MS - minute * MINUTE_MS;
  return hour < 22 ? rest - HOUR_MS : Math.min(rest, (60 - minute) * MINUTE_MS);
}

function localClock(timeZone: string): (ms: number) => LocalTime {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    minute: "numeric",
    hour: "numeric",
    day: "numeric",
    month: "numeric",
    weekday: "short",
  });
  return (ms) => {
    const parts = Object.fromEntries(format.formatToParts(ms).map((it) => [it.type, it.value]));
    return {
      minute: Number(parts.minute),
      hour: Number(parts.hour),
      day: Number(parts.day),
      month: Number(parts.month),
      weekday: WEEKDAYS.indexOf(parts.weekday!.toLowerCase()),
    };
  };
}

function parseField(text: string, field: Field): Set<number> {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const [range = "", step = "1"] = part.split("/");
    const { from, to } = parseRange(range, field, part.includes("/"));
    const by = Number(step);
    if (!Number.isInteger(by) || by < 1 || !(from <= to)) {
      throw new Error(`cannot read schedule part "${part}": it names no values`);
    }
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return values;
}

function parseRange(text: string, field: Field, stepped: boolean): { from: number; to: number } {
  if (text === "*" || text === "?") return { from: field.min, to: field.max };
  const [first = "", last] = text.split("-");
  const from = parseValue(first, field);
  if (last !== undefined) return { from, to: parseValue(last, field) };
  return { from, to: stepped ? field.max : from };
}

function parseValue(text: string, field: Field): number {
  const named = field.names?.indexOf(text.toLowerCase()) ?? -1;
  const value = named >= 0 ? named + field.min : /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= field.min && value <= field.max)) {
    throw new Error(`cannot read schedule value "${text}": ${field.min} to ${field.max} expected`);
  }
  return value;
}
