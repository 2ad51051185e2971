/** Which changes lead to a pass, and which do not. */

import assert from "node:assert/strict";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import { type KnownClusters, triggersOf } from "./triggers.ts";

const KNOWN: KnownClusters = {
  clusterNameLabel: "cluster-name",
  has: (key) => key === "default/acid-a" || key === "default/acid-b",
  inNamespace: (namespace) => namespace === "default" ? ["default/acid-a", "default/acid-b"] : [],
  all: () => ["default/acid-a", "default/acid-b"],
  dependents: ({ metadata }) =>
    ["shared-env", "node-1"].includes(metadata.name ?? "") ? ["default/acid-b"] : [],
};

function object(kind: string, rest: Record<string, unknown> = {}): KubeObject {
  const { metadata = {}, ...fields } = rest;
  return {
    apiVersion: "v1",
    kind,
    metadata: {
      namespace: "default",
      name: "acid-a",
      uid: "u",
      labels: { "cluster-name": "acid-a" },
      ...metadata as object,
    },
    ...fields,
  };
}

const pod = (annotations: Record<string, string>, ready = "True") =>
  object("Pod", {
    metadata: { annotations },
    status: { phase: "Running", conditions: [{ type: "Ready", status: ready }] },
  });

const node = (unschedulable: boolean, annotations: Record<string, string> = {}, taint = "") =>
  object("Node", {
    metadata: { name: "node-1", labels: {}, annotations },
    spec: { unschedulable, ...(taint === "" ? {} : { taints: [{ key: taint }] }) },
  });

interface Row {
  readonly given: string;
  readonly old?: KubeObject;
  readonly now: KubeObject;
  readonly type?: "apply" | "delete";
  readonly want: readonly string[];
}

const ROWS: readonly Row[] = [
  { given: "a new manifest", now: object("postgresql"), want: ["default/acid-a add"] },
  {
    given: "a manifest with another generation",
    old: object("postgresql", { metadata: { generation: 1 } }),
    now: object("postgresql", { metadata: { generation: 2 } }),
    want: ["default/acid-a update"],
  },
  {
    given: "a manifest whose status alone changed",
    old: object("postgresql", { status: { PostgresClusterStatus: "Creating" } }),
    now: object("postgresql", { status: { PostgresClusterStatus: "Running" } }),
    want: [],
  },
  {
    given: "a deleted manifest",
    now: object("postgresql"),
    type: "delete",
    want: ["default/acid-a delete"],
  },
  {
    given: "a manifest on its way out",
    old: object("postgresql"),
    now: object("postgresql", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }),
    want: ["default/acid-a delete"],
  },
  {
    given: "Patroni renewing its lock",
    old: object("ConfigMap", { metadata: { annotations: { renewTime: "1" } } }),
    now: object("ConfigMap", { metadata: { annotations: { renewTime: "2" } } }),
    want: [],
  },
  {
    given: "a pod whose WAL position moved",
    old: pod({ status: `{"xlog_location":1}` }),
    now: pod({ status: `{"xlog_location":2}` }),
    want: [],
  },
  {
    given: "a pod that waits for a restart",
    old: pod({ status: `{"xlog_location":1}` }),
    now: pod({ status: `{"xlog_location":1,"pending_restart": true}` }),
    want: ["default/acid-a object"],
  },
  {
    given: "a pod that is no longer ready",
    old: pod({}),
    now: pod({}, "False"),
    want: ["default/acid-a object"],
  },
  {
    given: "a StatefulSet whose status alone changed",
    old: object("StatefulSet", { metadata: { generation: 3 }, status: { replicas: 1 } }),
    now: object("StatefulSet", { metadata: { generation: 3 }, status: { replicas: 2 } }),
    want: [],
  },
  {
    given: "a Secret with other data",
    old: object("Secret", { data: { password: "a" } }),
    now: object("Secret", { data: { password: "b" } }),
    want: ["default/acid-a object"],
  },
  {
    given: "an object of a cluster that nobody knows",
    now: object("Secret", { metadata: { labels: { "cluster-name": "other" } } }),
    want: [],
  },
  {
    given: "an object of one cluster whose name another one waits for",
    now: object("Service", { metadata: { name: "shared-env" } }),
    type: "delete",
    want: ["default/acid-a object", "default/acid-b object"],
  },
  {
    given: "an object without a label that one cluster reads",
    now: object("ConfigMap", { metadata: { name: "shared-env", labels: {} } }),
    want: ["default/acid-b object"],
  },
  {
    given: "the pods' service account",
    now: object("ServiceAccount", { metadata: { name: "postgres-pod", labels: {} } }),
    want: ["default/acid-a object", "default/acid-b object"],
  },
  {
    given: "a node that is being drained",
    old: node(false),
    now: node(true),
    want: ["default/acid-b object"],
  },
  {
    given: "a node that an autoscaler is about to take away",
    old: node(false),
    now: node(false, {}, "ToBeDeletedByClusterAutoscaler"),
    want: ["default/acid-b object"],
  },
  {
    given: "a node with a taint that says nothing of leaving",
    old: node(false),
    now: node(false, {}, "dedicated"),
    want: [],
  },
  {
    given: "a node whose annotations alone changed",
    old: node(false),
    now: node(false, { "volumes.kubernetes.io/attached": "2" }),
    want: [],
  },
  {
    given: "a PostgresTeam",
    now: object("PostgresTeam"),
    want: ["default/acid-a object", "default/acid-b object"],
  },
];

for (const { given, old, now, type = "apply", want } of ROWS) {
  Deno.test(`${given} asks for ${want.join(", ") || "nothing"}`, () => {
    const triggers = triggersOf({ type, object: now, old }, KNOWN);
    assert.deepEqual(triggers.map(({ key, cause }) => `${key} ${cause}`), want);
  });
}
