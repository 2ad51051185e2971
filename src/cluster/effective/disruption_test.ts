import assert from "node:assert/strict";
import type { Patroni } from "../../api/types.gen.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import { resolveDisruption } from "./disruption.ts";

interface Case {
  readonly why: string;
  readonly instances?: number;
  readonly patroni?: Patroni;
  readonly enabled?: boolean;
  readonly masterSelector?: boolean;
  readonly want: readonly [number, string, number | string];
}

const CASES: readonly Case[] = [
  { why: "the primary stays", want: [1, "primary", 0] },
  { why: "one instance is protected as well", instances: 1, want: [1, "primary", 0] },
  { why: "nothing to protect without instances", instances: 0, want: [0, "primary", "100%"] },
  { why: "switched off", enabled: false, want: [0, "primary", "100%"] },
  { why: "all pods count, one of them stays", masterSelector: false, want: [1, "all", 0] },
  {
    why: "strict synchronous mode needs a standby beside the primary",
    masterSelector: false,
    patroni: { synchronous_mode_strict: true },
    want: [2, "all", 0],
  },
  {
    why: "as many standbys as the manifest says",
    masterSelector: false,
    patroni: { synchronous_mode_strict: true, synchronous_node_count: 2 },
    want: [3, "all", 0],
  },
  {
    why: "the primary's budget knows no standbys",
    patroni: { synchronous_mode_strict: true, synchronous_node_count: 2 },
    want: [1, "primary", 0],
  },
];

Deno.test("resolveDisruption keeps as many pods as a write needs", () => {
  for (const { why, instances = 2, patroni = {}, enabled, masterSelector, want } of CASES) {
    const { primary, criticalOperation } = resolveDisruption(
      cluster({ spec: { numberOfInstances: instances, patroni } }),
      config({
        ...(enabled === undefined ? {} : { enablePodDisruptionBudget: enabled }),
        ...(masterSelector === undefined ? {} : { pdbMasterLabelSelector: masterSelector }),
      }),
    );
    const have = [primary.minAvailable, primary.covers, criticalOperation.maxUnavailable];
    assert.deepEqual(have, want, why);
  }
});
