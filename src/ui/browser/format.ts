/** Figures and times as people read them. Pure. */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `0 B`, `1.5 MiB`; a dash for what is not known. */
export function bytes(count: number | null): string {
  if (count === null) return "–";
  const power = count < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(count) / 10));
  const value = count / 1024 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** How long ago, in the largest unit that says enough: `12 s`, `4 min`, `3 h`, `9 d`. */
export function age(time: string, nowMs: number): string {
  const since = Date.parse(time);
  if (!Number.isFinite(since)) return "–";
  const seconds = Math.max(0, Math.round((nowMs - since) / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}

/** `3 clusters`, `1 cluster`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** `14:03:22` on this machine's clock, with the date where it is another day. */
export function clock(time: string, nowMs: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return "–";
  const two = (value: number) => String(value).padStart(2, "0");
  const text = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  if (date.toDateString() === new Date(nowMs).toDateString()) return text;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${text}`;
}
