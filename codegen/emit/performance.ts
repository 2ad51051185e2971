/** The page of measured figures, from what `deno task bench --write` wrote. Pure. */

/** One figure; `goal` is the most that it should be. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
  readonly goal?: number;
}

/** Figures of one run. */
export interface Measured {
  readonly release: string;
  /** What ran, on what. */
  readonly where: string;
  readonly groups: readonly { readonly title: string; readonly figures: readonly Figure[] }[];
}

/** `docs/performance.md`. */
export function emitPerformancePage(text: string): string {
  const { release, where, groups } = JSON.parse(text) as Measured;
  const lines = [
    "# What the operator costs",
    "",
    `Measured by \`deno task bench\` for release ${release}: ${where}. A proxy before the embedded API`,
    "server counts the requests. Machines differ: `deno task bench` prints the figures of your machine",
    "beside these, and `deno task bench --write` puts them in their place.",
  ];
  for (const { title, figures } of groups) {
    const rows = figures.map(({ what, unit, value, goal }) => [
      what,
      `${shown(value)} ${unit}`.trim(),
      goal === undefined ? "" : `${shown(goal)} ${unit}`.trim(),
    ]);
    lines.push("", `## ${title}`, "", ...table([["", "measured", "goal, at most"], ...rows]));
  }
  return `${lines.join("\n")}\n`;
}

/** Whole from 100 on, else with up to two digits after the point. */
export function shown(value: number): string {
  return String(value >= 100 ? Math.round(value) : Math.round(value * 100) / 100);
}

/** A table as `deno fmt` has it: columns of one width. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]!.length))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)];
}
