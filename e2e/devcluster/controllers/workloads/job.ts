/**
 * Jobs: pods that run until enough have succeeded, and their removal after the time to live
 * (controllers of the dev cluster).
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/
 */
import { unlessGone } from "../../client/client.ts";
import { reconciler } from "../../client/reconciler.ts";
import { jobs, pods as podResource } from "../../client/resources.ts";
import { splitKey } from "../../client/watch_cache.ts";
import type { Pod } from "../../objects/pod.ts";
import type { Job } from "../../objects/workloads.ts";
import {
  type Controller,
  type ControllerContext,
  controllerKey,
  controllerOf,
  controllerReference,
  refOf,
  writeStatus,
} from "../context.ts";
import { decideJob, isFinishedJob } from "./job_state.ts";
import { podFromTemplate } from "./pods.ts";

/** Starts the controller. */
export function jobController(context: ControllerContext): Controller {
  const { caches, onError } = context;
  const queue = reconciler((key) => syncJob(context, key), onError);
  caches.of<Job>(jobs).onChange(({ metadata }) =>
    queue.enqueue(`${metadata.namespace}/${metadata.name}`)
  );
  caches.of<Pod>(podResource).onChange((pod) => {
    const key = controllerKey(pod, jobs);
    if (key) queue.enqueue(key);
  });
  return queue;
}

async function syncJob(context: ControllerContext, key: string) {
  const { namespace, name } = splitKey(key);
  const job = context.caches.of<Job>(jobs).get(namespace, name);
  if (!job || job.metadata.deletionTimestamp) return undefined;
  if (isFinishedJob(job)) return await removeWhenDue(context, job);
  const pods = context.caches.of<Pod>(podResource).inNamespace(namespace)
    .filter((pod) => controllerOf(pod)?.uid === job.metadata.uid);
  const decision = decideJob(job, pods, Date.now());
  for (let n = 0; n < decision.create; n++) await createPod(context, job);
  for (const pod of decision.end) {
    await unlessGone(context.client.delete(podResource, refOf(pod)));
  }
  await writeStatus(context, jobs, job, { ...decision.status });
  const { againInMs } = decision;
  return againInMs === undefined ? undefined : { againInMs };
}

async function createPod({ client, caches }: ControllerContext, job: Job): Promise<void> {
  const { name, namespace, uid } = job.metadata;
  const pod = podFromTemplate({
    template: job.spec.template,
    namespace,
    generateName: `${name}-`,
    owner: controllerReference(job, jobs),
    labels: {
      "batch.kubernetes.io/controller-uid": uid!,
      "batch.kubernetes.io/job-name": name,
      "controller-uid": uid!,
      "job-name": name,
    },
  });
  caches.of<Pod>(podResource).learn(await client.create<Pod>(podResource, pod));
}

async function removeWhenDue({ client }: ControllerContext, job: Job) {
  const { ttlSecondsAfterFinished } = job.spec;
  if (ttlSecondsAfterFinished === undefined || ttlSecondsAfterFinished === null) return undefined;
  const finished = job.status?.conditions?.find((it) =>
    (it.type === "Complete" || it.type === "Failed") && it.status === "True"
  );
  const due = Date.parse(finished!.lastTransitionTime!) + ttlSecondsAfterFinished * 1000;
  const againInMs = due - Date.now();
  if (againInMs > 0) return { againInMs };
  await unlessGone(client.delete(jobs, refOf(job), {
    propagationPolicy: "Foreground",
    preconditions: { uid: job.metadata.uid! },
  }));
  return undefined;
}
