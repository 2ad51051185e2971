/** Which changed input a step is told to come from. */

import assert from "node:assert/strict";
import type { Postgresql } from "../../api/types.gen.ts";
import type { KubeObject, StatefulSet } from "../../kubernetes/types.gen.ts";
import { known } from "../../ports/observation.ts";
import { describeRef, refOf } from "../../ports/requests.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { planContext } from "../../testing/plan_fixture.ts";
import type { Asked, Step } from "../plan/steps/action.ts";
import { step } from "../plan/steps/context.ts";
import { type CauseContext, causeOf } from "./causes.ts";
import { noting, sourceOf } from "./sources.ts";

const TIME = "2026-01-05T12:00:00Z";

function owner(manager: string, fieldsV1: Record<string, unknown>) {
  return { manager, operation: "Update", apiVersion: "v1", time: TIME, fieldsV1 } as const;
}

/** The manifest with other fields of its specification, at a version. */
function manifest(resourceVersion: string, spec: Partial<Postgresql["spec"]> = {}): Postgresql {
  const { metadata, spec: given, ...rest } = cluster();
  const managedFields = [owner("kubectl-edit", { "f:spec": { "f:numberOfInstances": {} } })];
  return {
    ...rest,
    metadata: { ...metadata, resourceVersion, managedFields },
    spec: { ...given, ...spec },
  };
}

function context(changes: Partial<CauseContext> = {}): CauseContext {
  return { ...planContext(), cr: manifest("7"), sources: [], ...changes };
}

function marked(path = "spec.replicas"): Step {
  const action = { kind: "event", note: {} as never } as const;
  return step("statefulset", [{ path, desired: 1, observed: 2 }], action);
}

const SETTLED = { cr: manifest("5"), versions: new Map<string, string>() };

Deno.test("a changed manifest is told with field, both values, version and who wrote it", () => {
  const cr = manifest("7", { numberOfInstances: 5 });
  const text = causeOf(marked(), context({ cr }), SETTLED);
  assert.equal(
    text,
    `postgresql shop/acid-orders (resourceVersion 7, by kubectl-edit at ${TIME}): ` +
      "spec.numberOfInstances: 2 → 5 (set by kubectl-edit)",
  );
});

Deno.test("values that must not be shown are left out, and many fields are counted", () => {
  const secret = manifest("7", { env: [{ name: "TOKEN", value: "canary" }] });
  const text = causeOf(marked(), context({ cr: secret }), SETTLED);
  assert.match(text, /spec\.env.*\(value not shown\)/);
  assert.doesNotMatch(text, /canary/);
  const many = manifest("7", {
    ...{ numberOfInstances: 3, teamId: "b", dockerImage: "c", enableLogicalBackup: true },
    ...{ enableShmVolume: false, schedulerName: "d", logicalBackupSchedule: "1 * * * *" },
  });
  assert.match(causeOf(marked(), context({ cr: many }), SETTLED), /, 2 more fields$/);
});

Deno.test("a request is told by its annotation", () => {
  const asked = { what: "restart", id: "a1", then: { state: "done", message: "" } } as Asked;
  const text = causeOf({ ...marked(), asked }, context(), SETTLED);
  assert.match(
    text,
    /\(resourceVersion 7.*\): metadata\.annotations\["acid.zalan.do\/request-restart"\]/,
  );
});

Deno.test("an object that is referred to is told where it has another version", () => {
  const before = { object: "ConfigMap ops/pod-env", resourceVersion: "3" };
  const settled = { ...SETTLED, versions: new Map([[before.object, before.resourceVersion]]) };
  assert.equal(causeOf(marked(), context({ sources: [before] }), settled), "");
  const now = { ...before, resourceVersion: "9", manager: "helm" };
  assert.equal(
    causeOf(marked(), context({ sources: [now] }), settled),
    "ConfigMap ops/pod-env (resourceVersion 9, by helm)",
  );
});

Deno.test("whoever else set a field of the StatefulSet is told", () => {
  const base = planContext();
  const set: StatefulSet = {
    ...base.desired.statefulSet,
    metadata: {
      ...base.desired.statefulSet.metadata,
      resourceVersion: "11",
      managedFields: [owner("autoscaler", { "f:spec": { "f:replicas": {} } })],
    },
  };
  const objects = new Map(base.observed.objects);
  objects.set(describeRef(refOf(set)), known(set as KubeObject));
  const cr = SETTLED.cr;
  const changed = context({ cr, observed: { ...base.observed, objects } });
  assert.equal(
    causeOf(marked(), changed, SETTLED),
    "StatefulSet shop/acid-orders (resourceVersion 11): changed by autoscaler",
  );
});

Deno.test("a process that has just begun tells its version and what it was configured with", () => {
  const configuration = { object: "ConfigMap ops/operator", resourceVersion: "2", manager: "helm" };
  const operator = { version: "0.2.0", configuration };
  const settled = { ...manifest("7"), status: { PostgresClusterStatus: "Running" } };
  assert.equal(
    causeOf(marked(), context({ cr: settled, operator }), undefined),
    "start of operator 0.2.0, ConfigMap ops/operator (resourceVersion 2, by helm)",
  );
});

Deno.test("a change that a new process finds is told by its generations", () => {
  const cr = manifest("7");
  const status = { PostgresClusterStatus: "Running", observedGeneration: 3 };
  const changed = { ...cr, metadata: { ...cr.metadata, generation: 4 }, status };
  assert.match(causeOf(marked(), context({ cr: changed }), undefined), /: generation 3 → 4$/);
});

Deno.test("a reader that notes hands on what it reads, and notes what was there", async () => {
  const object = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "a", resourceVersion: "4" },
  };
  const { signal } = new AbortController();
  const found: ReturnType<typeof sourceOf>[] = [];
  const reader = noting({
    read: ({ name }) => Promise.resolve(known(name === "a" ? object : undefined)),
    listOfCluster: () => Promise.resolve(known([])),
  }, found);
  for (const name of ["a", "b"]) {
    await reader.read({ apiVersion: "v1", kind: "Secret", name }, signal);
  }
  assert.deepEqual(found, [{ object: "Secret a", resourceVersion: "4" }]);
});
