/**
 * Before a member is deleted, the pod that follows is tried by a dry run. For every recorded cluster
 * the API server takes it: a pod that is made up otherwise than the StatefulSet controller makes it
 * would hold up each rolling restart.
 */
import { deepStrictEqual, ok } from "node:assert/strict";
import type { StatefulSet } from "../../src/kubernetes/types.gen.ts";
import { successorOf } from "../../src/cluster/plan/pods/successor.ts";
import { recordedClusters } from "../conformance/objects.ts";
import { chosenTarget, type Target } from "./target.ts";

async function post(
  { url, token, client }: Target,
  path: string,
  body: unknown,
): Promise<{ status: number; body: StatefulSet & { message?: string } }> {
  const answer = await fetch(url + path, {
    method: "POST",
    client,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

/** What a pod of a StatefulSet relies on. */
async function prepare(target: Target, set: StatefulSet): Promise<void> {
  const { namespace } = set.metadata;
  const { serviceAccountName, priorityClassName } = set.spec?.template.spec ?? {};
  await post(target, "/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace },
  });
  await post(target, `/api/v1/namespaces/${namespace}/serviceaccounts`, {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: serviceAccountName },
  });
  if (!priorityClassName) return;
  await post(target, "/apis/scheduling.k8s.io/v1/priorityclasses", {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: priorityClassName },
    value: 1,
  });
}

Deno.test("the successor of every recorded member would be taken", async () => {
  const target = await chosenTarget();
  const refused: unknown[] = [];
  let tried = 0;
  try {
    // Every one on a real server, some of them on the embedded one.
    const every = target.kind === "real" ? 1 : 5;
    for (const { desired } of recordedClusters().filter((_, index) => index % every === 0)) {
      const { ownerReferences: _, ...metadata } = desired.statefulSet.metadata;
      const set = { ...desired.statefulSet, metadata };
      await prepare(target, set);
      const path = `/apis/apps/v1/namespaces/${metadata.namespace}/statefulsets?dryRun=All`;
      const stored = await post(target, path, set);
      const pod = successorOf(stored.body, `${metadata.name}-0`);
      const pods = `/api/v1/namespaces/${metadata.namespace}/pods?dryRun=All`;
      const answer = stored.status === 201 ? await post(target, pods, pod) : stored;
      tried++;
      if (answer.status !== 201) refused.push([metadata.name, answer.status, answer.body.message]);
    }
  } finally {
    await target.stop();
  }
  ok(tried > 80, `${tried} clusters`);
  deepStrictEqual(refused, []);
});
