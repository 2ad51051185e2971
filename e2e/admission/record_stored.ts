/**
 * Asks the API server of KUBECONFIG what it makes of every sample, by a dry run, and writes the
 * answers: `KUBECONFIG=… deno task record:stored`. Nothing is created. The server needs the feature
 * gates ImageVolume, ClusterTrustBundle, ClusterTrustBundleProjection and PodCertificateRequest:
 * without them it drops the fields.
 */

import type { KubeObject, StatefulSet } from "../../src/kubernetes/types.gen.ts";
import { realTarget } from "../contract/target.ts";
import type { Sample } from "./samples/sample.ts";
import { SAMPLES } from "./samples/samples.ts";

const FILE = new URL("./testdata/stored.json", import.meta.url);

/** The StatefulSet that a sample is sent in. */
export function sampleSet({ pod, claim }: Sample): StatefulSet {
  const labels = { app: "sample" };
  const spec = pod ?? { containers: [{ name: "postgres", image: "registry.example/spilo:1" }] };
  const volumes = spec.volumes ?? [{ name: "v", emptyDir: {} }];
  const template = claim ?? {
    accessModes: ["ReadWriteOnce" as const],
    resources: { requests: { storage: "1Gi" } },
  };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "sample", namespace: "default" },
    spec: {
      replicas: 1,
      serviceName: "sample",
      podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "OnDelete" },
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...spec, volumes } },
      volumeClaimTemplates: [{
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "pgdata" },
        spec: template,
      }],
    },
  };
}

/** What a server makes of a sample: the stored pod spec and claim, or why it refuses it. */
export interface Stored {
  readonly name: string;
  readonly pod?: unknown;
  readonly claim?: unknown;
  readonly refused?: string;
}

async function record(): Promise<void> {
  const path = Deno.env.get("KUBECONFIG");
  if (path === undefined) throw new Error("cannot record: KUBECONFIG names no API server");
  const target = await realTarget(path);
  const found: Stored[] = [];
  for (const sample of SAMPLES) found.push(await ask(target, sample));
  await target.stop();
  const text = found.map((one) => JSON.stringify(one)).join(",\n");
  await Deno.mkdir(new URL(".", FILE), { recursive: true });
  await Deno.writeTextFile(FILE, `[\n${text}\n]\n`);
}

async function ask(
  { url, token, client }: Awaited<ReturnType<typeof realTarget>>,
  sample: Sample,
): Promise<Stored> {
  const path = "/apis/apps/v1/namespaces/default/statefulsets?dryRun=All";
  const answer = await fetch(url + path, {
    method: "POST",
    client,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(sampleSet(sample)),
  });
  const body = await answer.json() as KubeObject & { message?: string };
  if (!answer.ok) return { name: sample.name, refused: body.message ?? String(answer.status) };
  const { spec } = body as StatefulSet;
  const { pod, claim } = sample;
  return {
    name: sample.name,
    ...(pod === undefined ? {} : { pod: spec?.template.spec }),
    ...(claim === undefined ? {} : { claim: spec?.volumeClaimTemplates?.[0] }),
  };
}

if (import.meta.main) await record();
