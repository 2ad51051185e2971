/**
 * The text form of maintenance windows: `Mon:01:00-06:00`, or `01:00-06:00` for every day. Times are
 * UTC; a window cannot cross midnight. The schema's pattern lets more through than can be read:
 * blanks, and minutes of one digit.
 *
 * Zalando: pkg/apis/acid.zalan.do/v1/marshal.go, MaintenanceWindow.UnmarshalJSON
 */

const MINUTES_PER_HOUR = 60;

/** As `Date.getUTCDay` counts them. */
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** Go reads hours of one digit, minutes only with two. */
const SHAPE = /^(?:([^:-]*):)?(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/;

/** Minutes of a day, both ends included. */
export interface MaintenanceWindow {
  /** 0 is Sunday; undefined is every day. */
  readonly weekday: number | undefined;
  readonly start: number;
  readonly end: number;
}

/** Reads a window, or says which rule its text breaks. */
export function parseMaintenanceWindow(
  text: string,
): MaintenanceWindow | { readonly problem: string } {
  const match = SHAPE.exec(text);
  if (match === null) return { problem: "must be like Mon:01:00-06:00 or 01:00-06:00" };
  const [, day, ...clock] = match;
  const weekday = day === undefined ? undefined : WEEKDAYS.indexOf(day);
  if (weekday === -1) return { problem: `must name one of the weekdays ${WEEKDAYS.join(", ")}` };
  const [startHour = 0, startMinute = 0, endHour = 0, endMinute = 0] = clock.map(Number);
  if (startHour > 23 || endHour > 23 || startMinute > 59 || endMinute > 59) {
    return { problem: "must have hours up to 23 and minutes up to 59" };
  }
  const start = startHour * MINUTES_PER_HOUR + startMinute;
  const end = endHour * MINUTES_PER_HOUR + endMinute;
  if (end < start) return { problem: "must not end before it starts" };
  return { weekday, start, end };
}
