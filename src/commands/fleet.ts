/**
 * `kubectl pg plan -A`: what the operator would do for each cluster, a line for each. Before a
 * take-over, an update of the operator or another configuration it tells which pods would restart.
 */

import type { ShownPlan } from "../dry_run/show.ts";
import { readClusters } from "./list.ts";
import { showPlan } from "./plan.ts";
import type { Session } from "./session.ts";
import { cut, table } from "./table.ts";

/** What the plan of one cluster says. */
export interface FleetLine {
  readonly cluster: string;
  readonly exitCode: number;
  readonly plan: ShownPlan | undefined;
  /** Why there is no plan. */
  readonly problem: string;
}

/** From harmless to bad; 1 stands for a plan that could not be made. */
const SEVERITY = [0, 2, 3, 4, 1, 5];

/** Plans every cluster; nothing is written. */
export async function readFleet(
  session: Session,
  { everywhere, config }: { readonly everywhere: boolean; readonly config: string | undefined },
): Promise<FleetLine[]> {
  const clusters = await readClusters(session, everywhere);
  const lines: FleetLine[] = [];
  for (const { metadata } of clusters) {
    const { namespace = "", name = "" } = metadata;
    lines.push({
      cluster: `${namespace}/${name}`,
      ...await planOf({ ...session, namespace }, name, config),
    });
  }
  return lines;
}

/** The plan of one cluster as it stands. */
export async function planOf(
  session: Session,
  cluster: string,
  config: string | undefined,
): Promise<Omit<FleetLine, "cluster">> {
  const printed: string[] = [];
  const complained: string[] = [];
  const terminal = {
    ...session.terminal,
    print: (text: string) => void printed.push(text),
    complain: (text: string) => void complained.push(text),
  };
  const exitCode = await showPlan({ ...session, terminal }, {
    cluster,
    request: undefined,
    manifest: undefined,
    config,
    json: true,
  });
  if (printed.length === 0) {
    return { exitCode, plan: undefined, problem: complained.join("").trim() };
  }
  const { plans } = JSON.parse(printed.join("")) as { readonly plans: readonly ShownPlan[] };
  return { exitCode, plan: plans[0], problem: "" };
}

/** The worst of all exit codes. */
export function worstCode(lines: readonly Pick<FleetLine, "exitCode">[]): number {
  const worst = Math.max(0, ...lines.map(({ exitCode }) => SEVERITY.indexOf(exitCode)));
  return SEVERITY[worst] ?? 1;
}

/** What is worst of a plan, in words; empty where nothing is to be done. */
export function firstOf(plan: ShownPlan | undefined): string {
  const [first] = plan?.held ?? [];
  if (first !== undefined) return `${first.subject}: ${first.reason}`;
  const change = plan?.changes.find(({ effect }) => effect === plan.effect);
  return change === undefined ? "" : `${change.object}: ${change.reasons[0] ?? ""}`;
}

/** A table, and a sentence about all of them. */
export function fleetText(lines: readonly FleetLine[]): string {
  const rows = lines.map(({ cluster, plan, problem }) => {
    const why = problem || firstOf(plan);
    return [cluster, plan?.effect ?? "unknown", String(plan?.changes.length ?? "?"), cut(why, 70)];
  });
  const disturbed = lines.filter(({ exitCode }) => exitCode !== 0).length;
  const sum =
    `${lines.length} clusters: ${disturbed === 0 ? "none" : disturbed} would be disturbed` +
    " or cannot be planned";
  return [...table(["CLUSTER", "EFFECT", "CHANGES", "FIRST"], rows), "", sum].join("\n") + "\n";
}
