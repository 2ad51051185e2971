/**
 * `kubectl pg report`: everything about one cluster in one JSON document for an issue. Each part goes
 * through the redactor that plans and the debug API use; what cannot be read says why.
 */

import type { Postgresql } from "../api/types.gen.ts";
import type { KubeObject, StatefulSet } from "../kubernetes/types.gen.ts";
import { plainText } from "../lib/plain_text.ts";
import { redacted } from "../lib/redact.ts";
import { type Observation, unknown } from "../ports/observation.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import { attempt, readCluster, readEvents, readObject, readPods } from "./read.ts";
import type { Session } from "./session.ts";
import { readStory } from "./why.ts";

/** Kinds of objects that belong to a cluster, Secrets by their names alone. */
const KINDS = [
  "ConfigMap",
  "CronJob",
  "Deployment",
  "Endpoints",
  "PersistentVolumeClaim",
  "Pod",
  "PodDisruptionBudget",
  "Secret",
  "Service",
  "StatefulSet",
] as const;

const LOG_LINES = 200;
/** Longer lines are statements of applications. */
const LOG_LINE_LENGTH = 300;

/** Reads the bundle of one cluster. @throws CommandError where there is no such cluster */
export async function readReport(
  session: Session,
  name: string,
  operator: string | undefined,
): Promise<unknown> {
  const cr = await readCluster(session, name);
  const { namespace } = session;
  const set = await readObject<StatefulSet>(session, RESOURCES.StatefulSet, { namespace, name });
  const selector = set.known ? set.value?.spec?.selector?.matchLabels : undefined;
  const { application: _spilo, ...labels } = selector ?? { "cluster-name": name };
  const objects = await Promise.all(KINDS.map((kind) => readKind(session, kind, labels)));
  const pods = await readPods(session, cr, selector);
  const logs = await Promise.all((pods.known ? pods.value : []).map(async ({ metadata }) => [
    metadata.name,
    shown(await readLog(session, metadata.name ?? "")),
  ]));
  return {
    report: 1,
    at: session.now().toISOString(),
    manifest: redactedObject(cr),
    objects: Object.fromEntries(objects),
    events: shown(await readEvents(session, "postgresql", name)),
    story: shown(await attempt(() => readStory(session, name))),
    logs: Object.fromEntries(logs),
    recordings: shown(await readRecordings(session, name, operator)),
  };
}

/** What the operator has recorded, for `postgres-operator replay`: its secrets are hidden there. */
async function readRecordings(
  { askOperator, namespace }: Session,
  name: string,
  operator: string | undefined,
): Promise<Observation<unknown>> {
  if (operator === undefined) return unknown("--operator tells where the operator answers");
  return await attempt(() => askOperator(operator, `/clusters/${namespace}/${name}/recordings`));
}

function shown<T>(read: Observation<T>): T | { readonly unknown: string } {
  return read.known ? read.value : { unknown: read.reason };
}

async function readKind(
  { kube, namespace, signal }: Session,
  kind: typeof KINDS[number],
  labels: Readonly<Record<string, string>>,
): Promise<[string, unknown]> {
  const labelSelector = Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(",");
  const read = await attempt(async () => {
    const { items } = await kube.list(RESOURCES[kind], { namespace, labelSelector, signal });
    return items.map(redactedObject);
  });
  return [kind, shown(read)];
}

/** Without what only servers read; of a Secret the names of its keys. */
export function redactedObject(object: KubeObject | Postgresql): unknown {
  const { managedFields: _fields, annotations, ...metadata } = object.metadata;
  const { "kubectl.kubernetes.io/last-applied-configuration": _applied, ...kept } = annotations ??
    {};
  const whole = { ...object, metadata: { ...metadata, annotations: kept } } as KubeObject;
  // The operator's own words: they are redacted before they are written.
  if (object.kind === "postgresql") return { ...redacted(whole), status: whole["status"] };
  if (object.kind !== "Secret") return redacted(whole);
  const { data, stringData: _plain, ...rest } = whole as KubeObject & { data?: object };
  return { ...redacted(rest), keys: Object.keys(data ?? {}) };
}

async function readLog(
  { kube, namespace, signal }: Session,
  pod: string,
): Promise<Observation<string[]>> {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log?container=postgres` +
    `&tailLines=${LOG_LINES}`;
  return await attempt(async () => {
    const text = await kube.getText(path, { signal });
    return text.trimEnd().split("\n").map((line) =>
      plainText(line, { known: [pod], limit: LOG_LINE_LENGTH })
    );
  });
}
