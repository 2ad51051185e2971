/** A logical backup that is asked for: a Job as the CronJob would make it, named after the request. */

import { createHash } from "node:crypto";
import type { CronJob, Job } from "../../../kubernetes/types.gen.ts";
import { refOf } from "../../../ports/requests.ts";
import type { AskedRequest } from "../../effective/requests.ts";
import { observedObject } from "../../observed/cluster.ts";
import { step } from "../steps/context.ts";
import { ended, type RequestPlan, type RequestQuestion, SUBJECT, waiting } from "./question.ts";

type Backup = Extract<AskedRequest, { what: "backup" }>;

/** Names of Jobs end up in labels. */
const LONGEST_NAME = 63;

/** Plans the Job; its name follows from the id, so there is never a second one. */
export function planBackup(request: Backup, { context }: RequestQuestion): RequestPlan {
  const { desired, observed } = context;
  const { logicalBackup } = desired;
  if (logicalBackup === undefined) {
    return ended("refused", "spec.enableLogicalBackup is not true, so there is no backup to make");
  }
  const found = observedObject<CronJob>(observed.objects, refOf(logicalBackup));
  if (!found.known) return waiting(found.reason);
  if (found.value === undefined) return waiting("its CronJob is not there yet");
  const job = jobOf(found.value, request);
  const message = `Job ${job.metadata.namespace}/${job.metadata.name} is made`;
  const { what, id } = request;
  const reasons = [`back up now`, `asked for: ${id}`];
  const asked = { what, id, then: { state: "done", message } } as const;
  const options = { onError: "continue", asked } as const;
  return {
    state: "waiting",
    message: "its Job is made",
    steps: [step(SUBJECT, reasons, { kind: "create", object: job }, options)],
  };
}

function jobOf({ metadata, spec }: CronJob, { id }: Backup): Job {
  const { namespace = "", name = "", uid = "", labels } = metadata;
  const mark = createHash("sha256").update(id).digest("hex").slice(0, 8);
  const { metadata: template, spec: jobSpec } = spec?.jobTemplate ?? {};
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      namespace,
      name: `${name.slice(0, LONGEST_NAME - mark.length - 1)}-${mark}`,
      labels: { ...labels, ...template?.labels },
      // As kubectl marks what it makes of a CronJob.
      annotations: { ...template?.annotations, "cronjob.kubernetes.io/instantiate": "manual" },
      ownerReferences: [{ apiVersion: "batch/v1", kind: "CronJob", name, uid, controller: true }],
    },
    ...(jobSpec === undefined ? {} : { spec: jobSpec }),
  };
}
