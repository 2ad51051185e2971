/** Figures that were measured, beside those of the last release and the goals. Pure. */

import { type Measured, shown } from "../../codegen/emit/performance.ts";

/** Figures that belong together. */
export type Group = Measured["groups"][number];

/** The lines of one group; a figure that the release does not have stands alone. */
export function comparison({ title, figures }: Group, released: Measured): string {
  const known = released.groups.find((group) => group.title === title)?.figures ?? [];
  const lines = figures.map(({ what, unit, value, goal }) => {
    const before = known.find((figure) => figure.what === what);
    return row([
      what,
      `${shown(value)} ${unit}`,
      before === undefined ? "" : `${shown(before.value)} ${before.unit}`,
      goal === undefined ? "" : `${value <= goal ? "" : "above "}${shown(goal)} ${unit}`,
    ]);
  });
  const head = row([title, "now", `release ${released.release}`, "goal"]);
  return ["", head, ...lines].join("\n");
}

function row([first = "", ...rest]: readonly string[]): string {
  return [first.padEnd(62), ...rest.map((cell) => cell.trim().padStart(16))].join("").trimEnd();
}
