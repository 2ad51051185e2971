/**
 * What the Deployment controller and a kubelet do with simulated poolers: pods come, are ready at
 * once, follow their template, and come again when they are deleted. Layer: dry run.
 */

import type { Deployment, KubeObject, Pod } from "../../kubernetes/types.gen.ts";
import { refOf } from "../../ports/requests.ts";
import type { SimulatedApi } from "./api.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** How long a controller takes to notice. */
const NOTICE_MS = 10;

/** Watches a simulated API server and keeps the pods of its Deployments. */
export function simulateDeployments(api: SimulatedApi, clock: VirtualClock): void {
  const scheduled = new Set<string>();
  let made = 0;

  api.onChange(({ type, object }) => {
    if (object.kind === "Deployment" && type === "apply") later(object);
    if (object.kind !== "Pod" || type !== "delete") return;
    const owner = object.metadata.ownerReferences?.find(({ kind }) => kind === "Deployment");
    const { namespace = "" } = object.metadata;
    if (owner) later({ ...owner, metadata: { namespace, name: owner.name } });
  });

  function later(deployment: KubeObject): void {
    const key = `${deployment.metadata.namespace}/${deployment.metadata.name}`;
    if (scheduled.has(key)) return;
    scheduled.add(key);
    clock.setTimer(() => {
      scheduled.delete(key);
      const found = api.find(refOf(deployment)) as Deployment | undefined;
      if (found !== undefined) sync(found);
    }, NOTICE_MS);
  }

  function sync(deployment: Deployment): void {
    const template = deployment.spec?.template;
    const wanted = JSON.stringify(template?.spec);
    const pods = api.objects().filter(({ kind, metadata }) =>
      kind === "Pod" &&
      metadata.ownerReferences?.some(({ uid }) => uid === deployment.metadata.uid)
    ) as Pod[];
    const current = pods.filter(({ spec }) => JSON.stringify(spec) === wanted);
    const missing = (deployment.spec?.replicas ?? 1) - current.length;
    for (let count = 0; count < missing; count++) api.put(podOf(deployment, letters(++made)));
    const superfluous = missing < 0 ? current.slice(missing) : [];
    for (const pod of [...superfluous, ...pods.filter((pod) => !current.includes(pod))]) {
      api.remove(refOf(pod));
    }
  }
}

/** Names of these pods never end in a number, as those of a StatefulSet do. */
function letters(count: number): string {
  return [...String(count)].map((digit) => "abcdefghij"[Number(digit)]).join("");
}

function podOf({ metadata, spec }: Deployment, suffix: string): KubeObject {
  const { labels = {}, annotations } = spec?.template.metadata ?? {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      namespace: metadata.namespace ?? "",
      name: `${metadata.name}-${suffix}`,
      labels: { ...labels },
      ...(annotations ? { annotations: { ...annotations } } : {}),
      ownerReferences: [{
        apiVersion: "apps/v1",
        kind: "Deployment",
        name: metadata.name ?? "",
        uid: metadata.uid ?? "",
        controller: true,
        blockOwnerDeletion: true,
      }],
    },
    spec: structuredClone(spec?.template.spec),
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  } as KubeObject;
}
