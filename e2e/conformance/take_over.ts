/**
 * Starts the operator on a cluster that the reference made: the recorded objects, pods that run, and
 * Patroni as it was told. What it writes then, and at two periodic passes later, is what a take-over
 * costs.
 */

import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import type { SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import { encodeBase64 } from "../../src/lib/base64.ts";
import { MASKED_UID, type RecordedStep } from "./recorded.ts";
import { applyDocument, type Run, settle, startCase } from "./transition.ts";

export interface TakeOver {
  /** `verb resource/name` of every write but of status. */
  readonly writes: readonly string[];
  readonly statusWrites: number;
  /** Writes at two periodic passes after that, of whatever kind. */
  readonly later: readonly string[];
  readonly patroni: number;
}

/** Takes over the cluster of a recorded step; `former` are the steps of its case up to it. */
export async function takeOver(
  step: RecordedStep,
  former: readonly RecordedStep[],
): Promise<TakeOver> {
  const run = startCase(step, { log() {}, seed: (cluster) => seed(cluster, step) });
  for (const { golden } of former) await repeatRequests(run.cluster, golden.patroni ?? []);
  const requests = run.cluster.patroni.requests.length;
  await settle(run, 10_000);
  const first = run.writes.splice(0);
  await periodicLooks(run);
  await run.controller.stop();
  const named = (writes: typeof first) =>
    writes.map(({ verb, resource, name }) => `${verb} ${resource}/${name}`);
  const isStatus = ({ resource, verb }: typeof first[number]) =>
    resource === "postgresqls" && verb === "patch";
  return {
    writes: named(first.filter((write) => !isStatus(write))),
    statusWrites: first.filter(isStatus).length,
    later: named(run.writes),
    patroni: run.cluster.patroni.requests.length - requests,
  };
}

/** Brings Patroni's configuration to where the reference left it, with nothing pending. */
async function repeatRequests(
  { patroni, api }: SimulatedCluster,
  requests: NonNullable<RecordedStep["golden"]["patroni"]>,
): Promise<void> {
  const { signal } = new AbortController();
  const pods = api.objects().filter(({ kind }) => kind === "Pod").map(({ metadata }) => ({
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    ip: "",
  }));
  for (const { pod: name, path, body } of requests) {
    const pod = pods.find((one) => one.name === name);
    if (path !== "/config" || pod === undefined) continue;
    const request = { call: "patchConfig", body: body as Record<string, unknown> } as const;
    await patroni.send(pod, request, signal);
  }
  for (const pod of pods) {
    await patroni.send(pod, { call: "restart", body: { restart_pending: true } }, signal);
  }
}

async function periodicLooks(run: Run): Promise<void> {
  const { clock } = run.cluster;
  for (let look = 0; look < 2; look++) {
    for (const key of run.controller.registry.keys()) run.controller.queue.add(key, "sync");
    run.lastWriteMs = clock.now();
    await settle(run, 10_000);
  }
}

const PASSWORD = `P${"x".repeat(63)}`;

function seed(cluster: SimulatedCluster, step: RecordedStep): void {
  for (const document of step.shared) applyDocument(cluster, document, "default");
  for (const document of step.documents.values()) {
    if (document.kind !== "postgresql") applyDocument(cluster, document, step.namespace);
  }
  for (const object of step.golden.objects) {
    if (object.kind === "Pod") continue;
    const { metadata } = object;
    if (object.kind === "postgresql") cluster.api.put(manifest(step, object));
    else if (object.kind === "Secret") cluster.api.put(unmasked(object));
    else cluster.api.put({ ...object, metadata: { namespace: step.namespace, ...metadata } });
  }
}

/** The manifest that people had applied, with what the operator left on it. */
function manifest(step: RecordedStep, golden: KubeObject): KubeObject {
  const { namespace = "", name } = golden.metadata;
  const document = step.documents.get(`postgresql ${namespace}/${name}`);
  return {
    ...document,
    ...golden,
    spec: document?.spec,
    metadata: { ...golden.metadata, uid: MASKED_UID },
  } as KubeObject;
}

function unmasked(secret: KubeObject): KubeObject {
  const data = Object.entries((secret.data ?? {}) as Record<string, string>).map(([key, text]) => [
    key,
    encodeBase64(
      text.replace("<time>", "2026-02-01T00:00:00Z").replace("<yymmdd>", "260114")
        .replaceAll(
          /<(alphanumeric|other) (\d+)>/g,
          (_, kind, length) =>
            kind === "other" ? "-".repeat(Number(length)) : PASSWORD.slice(0, Number(length)),
        ),
    ),
  ]);
  return { ...secret, data: Object.fromEntries(data) } as KubeObject;
}
