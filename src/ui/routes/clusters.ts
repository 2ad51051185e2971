/** Lists, reads, makes, changes and deletes clusters, each with the rights of whoever asks. */

import { validate } from "../../api/validate.ts";
import type { Postgresql } from "../../api/types.gen.ts";
import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { changedPaths, type Json, patched, pathsOf } from "../changed_paths.ts";
import { listedCluster } from "../clusters.ts";
import {
  type Asking,
  forget,
  POSTGRESQL,
  requireNamespace,
  requireWrite,
  storedCluster,
  visibleClusters,
} from "../context.ts";
import { UiError } from "../errors.ts";
import { type Asked, clusterOf, isTrial, objectBody, type Route } from "./route.ts";

const CLUSTER = "/postgresqls/:namespace/:name";

export const clusterRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/postgresqls",
    async handle(asking) {
      const { shown } = asking.parts.settings;
      const list = await visibleClusters(asking);
      return Response.json(list.map((cr) => listedCluster(cr, shown)));
    },
  },
  {
    method: "GET",
    path: CLUSTER,
    async handle(asking, asked) {
      const { namespace, name } = clusterOf(asked);
      return Response.json(await storedCluster(asking, namespace, name));
    },
  },
  { method: "POST", path: "/create-cluster", handle: createCluster },
  { method: "PATCH", path: CLUSTER, handle: patchCluster },
  { method: "POST", path: CLUSTER, handle: updateCluster },
  { method: "DELETE", path: CLUSTER, handle: deleteCluster },
];

/** Zalando: main.py, create_new_cluster; an answer of success has the same empty body. */
async function createCluster(asking: Asking, { request }: Asked): Promise<Response> {
  const { apiVersion: _version, kind: _kind, status: _status, ...given } = await objectBody(
    request,
  );
  const metadata = recordOf(given["metadata"]);
  const { namespace = asking.parts.settings.namespace ?? "default" } = metadata;
  const manifest = {
    ...POSTGRESQL,
    ...given,
    metadata: { ...metadata, namespace },
  } as Postgresql;
  requireNames(namespace, metadata["name"]);
  requireNamespace(asking, String(namespace));
  requireWrite(asking, manifest);
  requireValid(manifest);
  const trial = isTrial(request);
  await asking.kube.create(manifest as KubeObject, {
    signal: asking.signal,
    ...(trial ? { dryRun: "All" } : {}),
  });
  if (!trial) forget(asking);
  return Response.json({});
}

/** Names become parts of a path: `..` would lead elsewhere. @throws UiError 422 */
function requireNames(namespace: unknown, name: unknown): void {
  const given = { "metadata.namespace": namespace, "metadata.name": name };
  const fields = Object.entries(given)
    .filter(([, value]) => !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(String(value ?? "")))
    .map(([path]) => ({ path, message: "must be small letters, digits and dashes" }));
  if (fields.length === 0) return;
  const text = fields.map(({ path, message }) => `${path} ${message}`).join("; ");
  throw new UiError(text, 422, fields);
}

/** A merge patch of the parts that people own; it has to name the version that they saw. */
async function patchCluster(asking: Asking, asked: Asked): Promise<Response> {
  const { namespace, name } = clusterOf(asked);
  const patch = await objectBody(asked.request);
  checkPatch(patch);
  const stored = await storedCluster(asking, namespace, name);
  return await sendPatch(asking, { stored, patch, trial: isTrial(asked.request) });
}

const OWN_METADATA = ["labels", "annotations", "resourceVersion"];

function checkPatch(patch: Readonly<Record<string, unknown>>): void {
  const metadata = recordOf(patch["metadata"]);
  const foreign = [
    ...Object.keys(patch).filter((key) => !["metadata", "spec"].includes(key)),
    ...Object.keys(metadata).filter((key) => !OWN_METADATA.includes(key))
      .map((key) => `metadata.${key}`),
  ];
  if (foreign.length > 0) throw new UiError(`${foreign.join(", ")} cannot be changed here`, 422);
  if (typeof metadata["resourceVersion"] !== "string") {
    throw new UiError(
      "metadata.resourceVersion has to be that of the manifest that was shown",
      422,
    );
  }
}

async function sendPatch(asking: Asking, { stored, patch, trial }: {
  readonly stored: Postgresql;
  readonly patch: Readonly<Record<string, unknown>>;
  readonly trial: boolean;
}): Promise<Response> {
  requireWrite(asking, stored);
  // Nobody gives a cluster to a team, or takes it from one, that is not theirs.
  requireWrite(asking, patched(stored as unknown as Json, patch as Json) as unknown as Postgresql);
  const { namespace = "", name = "" } = stored.metadata;
  const changed = await asking.kube.patch({ ...POSTGRESQL, namespace, name }, {
    type: "merge",
    body: patch,
    signal: asking.signal,
    ...(trial ? { dryRun: "All" } : {}),
  });
  if (trial) requireValid(changed as Postgresql);
  else forget(asking);
  return Response.json(changed);
}

/**
 * The reference's way to change: fields of `spec` at its top take the place of the stored ones, but
 * of those that hold more than its pages show only what was sent is changed.
 *
 * Zalando: main.py, update_postgresql
 */
async function updateCluster(asking: Asking, asked: Asked): Promise<Response> {
  const { namespace, name } = clusterOf(asked);
  const { spec: given } = await objectBody(asked.request);
  const wanted = recordOf(given);
  if (given === undefined) throw new UiError("spec is missing", 400);
  const stored = await storedCluster(asking, namespace, name);
  requireWrite(asking, stored);
  const spec: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(wanted)) {
    const before = (stored.spec as unknown as Record<string, unknown>)[key];
    const inner = MERGED.includes(key)
      ? value as Json
      : isRecord(value) && isRecord(before)
      ? changedPaths(before as Json, value as Json)
      : value as Json;
    if (inner !== undefined) spec[key] = inner;
  }
  const { resourceVersion = "" } = stored.metadata;
  const patch = { metadata: { resourceVersion }, spec };
  if (pathsOf(spec as Json).length === 0) return Response.json(stored);
  return await sendPatch(asking, { stored, patch, trial: false });
}

/** Fields of which the reference's pages know a part alone. */
const MERGED: readonly string[] = ["volume", "postgresql", "resources"];

/** Zalando: main.py, delete_postgresql; here it says so when Kubernetes refuses. */
async function deleteCluster(asking: Asking, asked: Asked): Promise<Response> {
  const { namespace, name } = clusterOf(asked);
  const stored = await storedCluster(asking, namespace, name);
  requireWrite(asking, stored);
  const { uid } = stored.metadata;
  await asking.kube.delete({ ...POSTGRESQL, namespace, name }, {
    signal: asking.signal,
    ...(uid === undefined ? {} : { preconditions: { uid } }),
  });
  forget(asking);
  return new Response("", { status: 200, headers: { "content-type": "application/json" } });
}

/** What depends on the operator's configuration is left to the operator. */
const NO_SETTINGS = {
  enableTeamIdClusternamePrefix: false,
  protectedRoleNames: [],
  superUsername: "postgres",
  replicationUsername: "standby",
};

/** @throws UiError 422 with the fields that the operator could not honour */
function requireValid(manifest: Postgresql): void {
  const issues = validate(manifest, NO_SETTINGS);
  if (issues.length === 0) return;
  const fields = issues.map(({ path, message }) => ({ path, message }));
  throw new UiError(
    `the manifest cannot be used: ${
      fields.map(({ path, message }) => `${path} ${message}`).join("; ")
    }`,
    422,
    fields,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
