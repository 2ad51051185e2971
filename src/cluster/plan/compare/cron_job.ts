/**
 * Compares the CronJob of the logical backup. Nothing of it restarts anything: a change takes effect
 * with the next job.
 *
 * Zalando: pkg/cluster/cluster.go, compareLogicalBackupJob
 */

import type { CronJob, PodSpec } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import type { Difference } from "./difference.ts";
import { isAnothers } from "./managers.ts";
import { compareMetadata, exactKeys, missingKeys } from "./metadata.ts";
import { podMismatches } from "./pod_template.ts";
import { mismatches } from "./structure.ts";

const SCHEDULING = [
  "schedule",
  "concurrencyPolicy",
  "successfulJobsHistoryLimit",
  "failedJobsHistoryLimit",
] as const;

const EMPTY_POD: PodSpec = { containers: [] };

/** What of the backup's job is not as it should be. */
export function compareCronJob(
  desired: CronJob,
  observed: CronJob,
  config: Config,
): Difference[] {
  const [wanted, present] = [desired.spec, observed.spec];
  const [job, otherJob] = [wanted?.jobTemplate, present?.jobTemplate];
  const [pod, otherPod] = [job?.spec?.template, otherJob?.spec?.template];
  const jobPath = "spec.jobTemplate";
  const podPath = `${jobPath}.spec.template`;
  const at = (path: string) => ({ path, effect: "patch" as const });
  const tolerated = config.ignoredAnnotations;
  const pods = podMismatches(
    `${podPath}.spec`,
    pod?.spec ?? EMPTY_POD,
    otherPod?.spec ?? EMPTY_POD,
  );
  const ttl = "ttlSecondsAfterFinished";
  const found = [
    ...SCHEDULING.flatMap((field) =>
      mismatches(`spec.${field}`, wanted?.[field], present?.[field])
    ),
    ...mismatches(`${jobPath}.spec.${ttl}`, job?.spec?.[ttl], otherJob?.spec?.[ttl]),
    ...pods.images,
    ...pods.containers,
    ...pods.pod,
  ];
  return [
    ...compareMetadata(desired.metadata, observed.metadata, {
      config,
      labels: "keep",
      stale: "leave",
    }),
    ...missingKeys(
      job?.metadata?.labels,
      otherJob?.metadata?.labels,
      at(`${jobPath}.metadata.labels`),
    ),
    ...missingKeys(
      job?.metadata?.annotations,
      otherJob?.metadata?.annotations,
      at(`${jobPath}.metadata.annotations`),
    ),
    ...missingKeys(
      pod?.metadata?.labels,
      otherPod?.metadata?.labels,
      at(`${podPath}.metadata.labels`),
    ),
    ...exactKeys(pod?.metadata?.annotations, otherPod?.metadata?.annotations, {
      ...at(`${podPath}.metadata.annotations`),
      tolerated,
    }),
    ...found.filter((mismatch) => !isAnothers(mismatch, observed.metadata.managedFields))
      .map((mismatch) => ({ ...mismatch, effect: "patch" as const })),
  ];
}
