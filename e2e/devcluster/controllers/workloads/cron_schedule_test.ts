import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { latestTime, nextTime, parseSchedule } from "./cron_schedule.ts";

function next(schedule: string, after: string, timeZone?: string): string | undefined {
  const at = nextTime(parseSchedule(schedule, timeZone), Date.parse(after));
  return at === undefined ? undefined : new Date(at).toISOString().slice(0, 16);
}

Deno.test("nextTime finds the first matching minute after a time", () => {
  const rows: [string, string, string | undefined, string?][] = [
    ["* * * * *", "2026-03-01T10:00:00Z", "2026-03-01T10:01"],
    ["* * * * *", "2026-03-01T10:00:30Z", "2026-03-01T10:01"],
    ["30 00 * * *", "2026-03-01T00:30:00Z", "2026-03-02T00:30"],
    ["*/15 * * * *", "2026-03-01T10:16:00Z", "2026-03-01T10:30"],
    ["0 9-17/4 * * *", "2026-03-01T14:00:00Z", "2026-03-01T17:00"],
    ["0 0 1 * *", "2026-01-31T23:59:00Z", "2026-02-01T00:00"],
    ["0 0 31 * *", "2026-02-01T00:00:00Z", "2026-03-31T00:00"],
    ["0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00"],
    ["0 0 30 2 *", "2026-03-01T00:00:00Z", undefined],
    ["0 12 * * mon-fri", "2026-03-06T13:00:00Z", "2026-03-09T12:00"],
    ["0 12 * * 7", "2026-03-02T00:00:00Z", "2026-03-08T12:00"],
    ["0 0 13 * fri", "2026-03-01T00:00:00Z", "2026-03-06T00:00"],
    ["@hourly", "2026-03-01T10:10:00Z", "2026-03-01T11:00"],
    ["@weekly", "2026-03-02T00:00:00Z", "2026-03-08T00:00"],
    ["0 3 * * *", "2026-03-01T00:00:00Z", "2026-03-01T02:00", "Europe/Berlin"],
    ["0 3 * * *", "2026-07-01T00:00:00Z", "2026-07-01T01:00", "Europe/Berlin"],
    // 02:30 does not exist on the day when summer time begins.
    ["30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-30T00:30", "Europe/Berlin"],
    ["0 0 * * *", "2026-03-29T00:00:00Z", "2026-03-29T22:00", "Europe/Berlin"],
  ];
  for (const [schedule, after, want, zone] of rows) {
    equal(next(schedule, after, zone), want, `${schedule} after ${after} ${zone ?? ""}`);
  }
});

Deno.test("latestTime finds the last time that has passed, also after a long pause", () => {
  const at = (text: string) => Date.parse(text);
  const rows: [string, string, string, string | undefined][] = [
    ["0 * * * *", "2026-03-01T10:10:00Z", "2026-03-01T10:50:00Z", undefined],
    ["0 * * * *", "2026-03-01T10:10:00Z", "2026-03-01T13:05:00Z", "2026-03-01T13:00:00Z"],
    ["0 * * * *", "2026-03-01T10:10:00Z", "2026-03-01T11:00:00Z", "2026-03-01T11:00:00Z"],
    ["* * * * *", "2024-03-01T10:10:00Z", "2026-03-01T13:05:30Z", "2026-03-01T13:05:00Z"],
  ];
  for (const [schedule, after, until, want] of rows) {
    const got = latestTime(parseSchedule(schedule), at(after), at(until));
    equal(got, want === undefined ? undefined : at(want), `${schedule} ${after} ${until}`);
  }
});

Deno.test("parseSchedule refuses what names no time and says which part", () => {
  for (const text of ["", "* * * *", "60 * * * *", "* 24 * * *", "5-1 * * * *", "*/0 * * * *"]) {
    throws(() => parseSchedule(text), /cannot read schedule/, text);
  }
});
