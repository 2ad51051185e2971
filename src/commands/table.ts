/** Tables and short forms for a terminal of 100 columns; pure. */

/** No line of a command's own is longer. */
export const WIDTH = 100;

/** Rows under a head, in columns as wide as they need; the last one is cut where it must be. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all.map((row) => {
    const cells = row.map((cell, column) =>
      column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)
    );
    return cut(cells.join("  ").trimEnd(), WIDTH);
  });
}

/** A text of at most `length` characters; an ellipsis says that there was more. */
export function cut(text: string, length: number): string {
  const line = text.replaceAll(/\s*\n\s*/g, " ");
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}

/** A text in lines of at most `WIDTH`, each with `indent` blanks before it. */
export function wrapped(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.trim().split(/\s+/)) {
    if (line !== "" && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => cut(`${" ".repeat(indent)}${one}`, WIDTH));
}

/** `12d`, `3h`, `5m`, `8s`: how long ago something was. */
export function ageOf(time: string | undefined, now: Date): string {
  const ms = now.getTime() - Date.parse(time ?? "");
  if (Number.isNaN(ms)) return "?";
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const steps = [[86_400, "d"], [3600, "h"], [60, "m"]] as const;
  const [size, unit] = steps.find(([size]) => seconds >= size) ?? [1, "s"];
  return `${Math.floor(seconds / size)}${unit}`;
}

/** `16 MiB`; a dash where it is not known. */
export function bytesText(bytes: number | undefined): string {
  if (bytes === undefined) return "-";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
