/**
 * How long the pure part of a pass takes for the manifest that sets everything: resolve, build, plan
 * against nothing, plan against what was built. `deno bench --allow-read --allow-env` runs it.
 */

import { parse } from "yaml";
import type { Postgresql } from "../../src/api/types.gen.ts";
import { validate } from "../../src/api/validate.ts";
import { desiredCluster } from "../../src/cluster/desired/desired_cluster.ts";
import { resolveSpec } from "../../src/cluster/effective/spec.ts";
import { planCluster } from "../../src/cluster/plan/plan_cluster.ts";
import { inputs } from "../../src/testing/cluster_fixture.ts";
import { config } from "../../src/testing/config_fixture.ts";
import { NOW, planContext } from "../../src/testing/plan_fixture.ts";

const MANIFEST = new URL("../../manifests/complete-postgres-manifest.yaml", import.meta.url);

const given = parse(Deno.readTextFileSync(MANIFEST)) as Postgresql;
const cr: Postgresql = {
  ...given,
  metadata: { namespace: "default", uid: "uid-1", generation: 1, ...given.metadata },
};
const settings = config();
const { spec } = resolveSpec(cr, settings, inputs(), NOW);
const nothing = planContext({ cr });
const objects = planCluster(nothing).steps.flatMap(({ action }) =>
  action.kind === "create" ? [action.object] : []
);
const everything = planContext({ cr, objects });

Deno.bench("validate", () => void validate(cr, settings));
Deno.bench("resolve", () => void resolveSpec(cr, settings, inputs(), NOW));
Deno.bench("build", () => void desiredCluster(spec, settings));
Deno.bench("plan a new cluster", () => void planCluster(nothing));
Deno.bench("plan a cluster that is as it should be", () => void planCluster(everything));
Deno.bench("a whole pure pass", () => {
  validate(cr, settings);
  planCluster(planContext({ cr, objects }));
});
