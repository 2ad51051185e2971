/**
 * Every path of every object that is built for the recorded cases: when the observed object differs
 * there, the plan names the path, or the table below says why nothing happens. A field that a
 * builder begins to set and no comparison looks at fails here.
 */

import { RESOURCES } from "../../src/ports/resources.gen.ts";
import { isOf } from "../../src/ports/typed.ts";
import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { emptyMemory } from "../../src/cluster/pass/memory.ts";
import { resolveSpec } from "../../src/cluster/effective/spec.ts";
import type { Plan } from "../../src/cluster/plan/steps/action.ts";
import { elementPath, fieldPath } from "../../src/cluster/plan/compare/difference.ts";
import type { PlanContext } from "../../src/cluster/plan/steps/context.ts";
import { checkedPasswords } from "../../src/testing/passwords.ts";
import { credentialPlan } from "../../src/cluster/plan/credentials/credential_inputs.ts";
import { planCluster } from "../../src/cluster/plan/plan_cluster.ts";
import { WISH_LABEL } from "../../src/cluster/plan/pods/wish.ts";
import { refsOf } from "../../src/cluster/plan/refs.ts";
import { describeRef, refOf } from "../../src/ports/requests.ts";
import { known } from "../../src/ports/observation.ts";
import { Sensitive } from "../../src/lib/sensitive.ts";
import { NOW, type RecordedCluster, recordedClusters } from "./objects.ts";
import { stored } from "./control_plane.ts";
import { mismatchesOf } from "../../src/cluster/plan/steps/reasons.ts";

/** Maps: their keys are people's, so one key stands for all. */
const MAPS = /\.(labels|annotations|matchLabels|nodeSelector)$/;

const NAMESPACE = "pods are made in the namespace of what makes them, whatever the template says";
const LABELS = "they are set when the object is made; other people's labels are left alone";
const SHARED = "all clusters of the namespace share it, and its owner may change it";

/** Paths whose change leads to nothing, and why. `*` stands for the keys of a map only. */
const NOTHING: Readonly<Record<string, string>> = {
  "CronJob spec.jobTemplate.spec.template.metadata.namespace": NAMESPACE,
  "Deployment spec.template.metadata.namespace": NAMESPACE,
  "StatefulSet spec.template.metadata.namespace": NAMESPACE,
  "CronJob spec.jobTemplate.spec.template.spec.restartPolicy":
    "it is the same for every backup, and nobody but a person changes it",
  "Deployment spec.selector.matchLabels.*": "the API server does not let it change",
  "Deployment metadata.labels.*": LABELS,
  "Deployment spec.template.metadata.labels.*":
    "the selector needs them, so that a Deployment with others would find no pods",
  "Endpoints metadata.labels.*": "Patroni keeps them",
  "FabricEventStream metadata.generateName": "the API server has made the name of it",
  "FabricEventStream spec.applicationId": "a stream of another application is another stream",
  "RoleBinding roleRef.apiGroup": SHARED,
  "RoleBinding roleRef.kind": SHARED,
  "RoleBinding roleRef.name": SHARED,
  "RoleBinding subjects[].kind": SHARED,
  "RoleBinding subjects[].name": SHARED,
  "ServiceAccount automountServiceAccountToken": SHARED,
  "ServiceAccount metadata.labels.*": SHARED,
  "Secret data.password": "what stands in the Secret counts; the database follows it",
  "Secret data.username":
    "it is put right together with a new password, once the database can learn of it",
  "Secret metadata.labels.*": LABELS,
  "Secret type": "the API server does not let it change",
  "StatefulSet spec.volumeClaimTemplates[].apiVersion": "the API server sets it",
  "StatefulSet spec.volumeClaimTemplates[].kind": "the API server sets it",
  "StatefulSet spec.volumeClaimTemplates[].metadata.labels.*":
    "claims are found by them, and those that exist would not follow",
};

/** What names an object: a different one is another object. */
const IDENTITY = /^(apiVersion|kind|metadata\.name|metadata\.namespace)$/;

interface Leaf {
  /** As a reason would name it. */
  readonly path: string;
  /** The same for all objects of a kind: indices and keys of maps taken out. */
  readonly pattern: string;
  readonly keys: readonly (string | number)[];
}

function leavesOf(value: unknown, at: Leaf = { path: "", pattern: "", keys: [] }): Leaf[] {
  if (Array.isArray(value)) {
    return value.flatMap((element, index) => {
      const name = (element as { name?: unknown } | null)?.name;
      return leavesOf(element, {
        path: elementPath(at.path, typeof name === "string" ? name : index),
        pattern: `${at.pattern}[]`,
        keys: [...at.keys, index],
      });
    });
  }
  if (typeof value !== "object" || value === null) return value === undefined ? [] : [at];
  return Object.entries(value).flatMap(([key, part]) =>
    leavesOf(part, {
      path: fieldPath(at.path, key),
      pattern: MAPS.test(`.${at.pattern}`) ? `${at.pattern}.*` : fieldPath(at.pattern, key),
      keys: [...at.keys, key],
    })
  );
}

/** The object with another value at one place. */
function changedAt(object: KubeObject, keys: readonly (string | number)[]): KubeObject {
  const copy = structuredClone(object);
  let place = copy as unknown as Record<string | number, unknown>;
  for (const key of keys.slice(0, -1)) place = place[key] as typeof place;
  const last = keys.at(-1) ?? "";
  const value = place[last];
  place[last] = typeof value === "boolean"
    ? !value
    : typeof value === "number"
    ? value + 1
    : last === "name"
    ? `${value}-other`
    : keys[0] === "data"
    ? btoa(`${atob(String(value))}x`)
    : `${value}9`;
  return copy;
}

function contextOf(recorded: RecordedCluster, objects: readonly KubeObject[]): PlanContext {
  const { cluster, config, inputs, desired } = recorded;
  const { spec } = resolveSpec(cluster, config, inputs, NOW);
  const present = new Map(objects.map((object) => [describeRef(refOf(object)), object]));
  const base = {
    cr: cluster,
    config,
    effective: spec,
    desired,
    observed: {
      objects: new Map(
        refsOf(desired).map((ref) => [describeRef(ref), known(present.get(describeRef(ref)))]),
      ),
      pods: known([]),
      claims: known([]),
      poolerPods: known([]),
      eventStreams: known(
        objects.filter((object) => isOf(RESOURCES.FabricEventStream, object)),
      ),
      patroni: undefined,
      catalog: undefined,
    },
    memory: emptyMemory(),
    secretRivals: [],
    foreignObjects: [],
    refusals: [],
    phase: objects.length === 0 ? "creation" as const : "update" as const,
    now: NOW,
    newPassword: () => new Sensitive("a".repeat(64)),
    newPasswords: [],
    sources: [],
    operator: { version: "1" },
  };
  return { ...base, credentials: credentialPlan(base), passwords: checkedPasswords() };
}

/** Everything that a cluster's first pass makes, as the API server stores it. */
function builtObjects(recorded: RecordedCluster): KubeObject[] {
  const created = planCluster(contextOf(recorded, [])).steps.flatMap(({ action }) =>
    action.kind === "create" ? [action.object] : []
  );
  return [...created, ...recorded.desired.eventStreams as unknown as KubeObject[]];
}

interface Sample {
  readonly recorded: RecordedCluster;
  readonly objects: readonly KubeObject[];
  readonly object: KubeObject;
  readonly leaf: Leaf;
}

/** One sample for each pattern of each kind. */
function samples(): Map<string, Sample> {
  const found = new Map<string, Sample>();
  for (const recorded of recordedClusters()) {
    const objects = builtObjects(recorded);
    for (const object of objects) {
      for (const leaf of leavesOf(object)) {
        const key = `${object.kind} ${leaf.pattern}`;
        if (IDENTITY.test(leaf.pattern) || found.has(key)) continue;
        found.set(key, { recorded, objects, object, leaf });
      }
    }
  }
  return found;
}

function names({ steps }: Plan, object: KubeObject, { path }: Leaf): boolean {
  const ref = describeRef(refOf(object));
  return steps.filter(({ action }) =>
    action.kind === "patch"
      ? describeRef(action.request.target) === ref
      : "object" in action && describeRef(refOf(action.object)) === ref
  ).some((step) =>
    mismatchesOf(step).some((mismatch) => {
      const named = anyElement(mismatch.path);
      const wanted = anyElement(path);
      return named !== "" && (wanted.startsWith(named) || named.startsWith(wanted));
    })
  );
}

/** Elements of lists are named by index or by a field of theirs. */
function anyElement(path: string): string {
  return path.replace(/\[[^\]"]*\]/g, "[]")
    .replace(/(ports|volumeMounts)\[\]\.name$/, "$1.name[]");
}

/** As on a cluster that was just taken over: nobody knows what it was written for. */
function withoutWish(object: KubeObject): KubeObject {
  const { [WISH_LABEL]: _, ...labels } = object.metadata.labels ?? {};
  return { ...object, metadata: { ...object.metadata, labels } };
}

Deno.test("a plan names every path that a builder sets, or it is known why not", () => {
  const unnamed: string[] = [];
  let paths = 0;
  for (const [key, { recorded, objects, object, leaf }] of samples()) {
    paths++;
    const observed = objects.map((one) =>
      withoutWish(stored(one === object ? changedAt(object, leaf.keys) : one))
    );
    const plan = planCluster(contextOf(recorded, observed));
    if (names(plan, object, leaf)) continue;
    unnamed.push(key);
  }
  assert.deepEqual(unnamed.sort(), Object.keys(NOTHING).sort());
  assert.ok(paths > 300, `${paths} paths`);
});
