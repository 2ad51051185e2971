/** What is refused of a manifest before any pass is made for it. */

import assert from "node:assert/strict";
import type { Postgresql } from "../api/types.gen.ts";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import { cluster } from "../testing/cluster_fixture.ts";
import { config } from "../testing/config_fixture.ts";
import { refusals } from "./dry_run.ts";

const CONFIG = config({ enableTeamIdClusternamePrefix: true });

function renamedAway(status: Postgresql["status"] | undefined) {
  const given = cluster();
  const live = status === undefined ? undefined : { ...given, status };
  const manifest = { ...given, spec: { ...given.spec, teamId: "others" } };
  return { manifest: manifest as unknown as KubeObject, config: CONFIG, live };
}

Deno.test("a new cluster whose name does not begin with its team is refused", () => {
  assert.equal(refusals(renamedAway(undefined)).length, 1);
  assert.equal(refusals(renamedAway({ PostgresClusterStatus: "Invalid" })).length, 1);
});

Deno.test("one that runs goes on under a manifest that was renamed away from its team", () => {
  assert.deepEqual(refusals(renamedAway({ PostgresClusterStatus: "Running" })), []);
});
