import assert from "node:assert/strict";
import fc from "fast-check";
import { parseMaintenanceWindow } from "./maintenance_window.ts";

const READ: readonly [text: string, weekday: number | undefined, start: number, end: number][] = [
  ["00:00-23:59", undefined, 0, 1439],
  ["01:30-06:00", undefined, 90, 360],
  ["Sun:01:00-01:00", 0, 60, 60],
  ["Sat:8:05-9:00", 6, 485, 540],
];

Deno.test("windows are read for a weekday or for every day", () => {
  for (const [text, weekday, start, end] of READ) {
    assert.deepEqual(parseMaintenanceWindow(text), { weekday, start, end }, text);
  }
});

const REFUSED: readonly [text: string, problem: RegExp][] = [
  ["", /must be like/],
  ["01:00", /must be like/],
  ["01:00-02:00-03:00", /must be like/],
  ["Mon:01:00-Mon:02:00", /must be like/],
  ["01:00:00-02:00", /must name one of the weekdays/],
  ["Mon:08:5-10:00", /must be like/],
  [" 01:00-02:00", /must be like/],
  ["01:00-02:00 ", /must be like/],
  [" Mon:01:00-02:00", /must name one of the weekdays/],
  ["mon:01:00-02:00", /must name one of the weekdays/],
  ["Monday:01:00-02:00", /must name one of the weekdays/],
  [":01:00-02:00", /must name one of the weekdays/],
  ["24:00-24:00", /hours up to 23/],
  ["01:60-02:00", /minutes up to 59/],
  ["Tue:23:00-01:00", /must not end before it starts/],
];

Deno.test("what the reference cannot read is refused with the rule that it breaks", () => {
  for (const [text, problem] of REFUSED) {
    const read = parseMaintenanceWindow(text);
    assert.ok("problem" in read, text);
    assert.match(read.problem, problem);
  }
});

Deno.test("every window of a week is read as it is written", () => {
  const minute = fc.integer({ min: 0, max: 1439 });
  const weekday = fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined });
  const clock = (minutes: number) =>
    [minutes / 60, minutes % 60].map((part) => String(Math.trunc(part)).padStart(2, "0")).join(":");
  fc.assert(fc.property(minute, minute, weekday, (one, other, weekday) => {
    const [start, end] = [Math.min(one, other), Math.max(one, other)];
    const day = weekday === undefined
      ? ""
      : `${"Sun Mon Tue Wed Thu Fri Sat".split(" ")[weekday]}:`;
    const text = `${day}${clock(start)}-${clock(end)}`;
    assert.deepEqual(parseMaintenanceWindow(text), { weekday, start, end });
  }));
});
