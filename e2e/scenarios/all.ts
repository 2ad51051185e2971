/** All scenarios, in the order in which they are played. */
import type { Scenario } from "./scenario.ts";
import { UPGRADE_SCENARIOS } from "./groups/upgrade.ts";

export const SCENARIOS: readonly Scenario[] = [
  ...UPGRADE_SCENARIOS,
];
