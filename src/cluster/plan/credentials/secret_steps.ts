/**
 * The writes of credential Secrets. Each carries the resource version that was looked at, so that a
 * Secret changed by others in the meantime is looked at again instead of overwritten.
 */

import type { Pod, Secret } from "../../../kubernetes/types.gen.ts";
import { encodeBase64 } from "../../../lib/base64.ts";
import type { Sensitive } from "../../../lib/sensitive.ts";
import type { DesiredCredential } from "../../desired/cluster.ts";
import { isFlagged, isTerminating, ROLLING_UPDATE_ANNOTATION } from "../../observed/pods.ts";
import { refOf } from "../../../ports/requests.ts";
import type { Step } from "../steps/action.ts";
import type { Subject } from "../../subject.ts";
import type { Difference } from "../compare/difference.ts";
import { ownersKept } from "../compare/metadata.ts";
import { step, type StepOptions } from "../steps/context.ts";
import { mergePatch } from "../steps/merge_patch.ts";
import { mendOf } from "../steps/mend.ts";

const SUBJECT = "credentials";

/** What a write puts into a Secret; keys that are undefined stay as they are. */
export interface WrittenContent {
  readonly username?: string | undefined;
  readonly password?: Sensitive | undefined;
  readonly nextRotation?: string | undefined;
}

/** Makes a Secret that is missing. */
export function secretCreation(
  credential: DesiredCredential,
  content: WrittenContent,
  options: StepOptions = {},
): Step {
  const reason = `Secret ${secretName(credential)} is missing`;
  const object = secretObject(credential, content);
  return step(SUBJECT, [reason], { kind: "create", object }, options);
}

/** Replaces a Secret as a whole, its other keys included. */
export function secretReplacement(
  credential: DesiredCredential,
  observed: Secret,
  change: {
    readonly content: WrittenContent;
    readonly reason: string;
    readonly options?: StepOptions;
  },
): Step {
  // The type of a Secret cannot be changed.
  const { type = "Opaque" } = observed;
  const object = { ...secretObject(credential, change.content), type };
  const { finalizers } = observed.metadata;
  const metadata = {
    ...object.metadata,
    ...versionOf(observed),
    ...(finalizers === undefined ? {} : { finalizers }),
    ...ownersKept(object.metadata, observed.metadata),
  };
  const action = { kind: "replace", object: { ...object, metadata } } as const;
  return step(SUBJECT, [change.reason], action, change.options);
}

/** Changes content or metadata of a Secret, or both; no step where there is nothing to change. */
export function secretPatch(
  credential: DesiredCredential,
  observed: Secret,
  change: {
    readonly content: WrittenContent;
    readonly differences: readonly Difference[];
    readonly reasons: readonly string[];
    readonly options?: StepOptions;
  },
): Step[] {
  const data = encoded(change.content);
  const desired = secretObject(credential, {});
  const patch = mergePatch(desired, observed, change.differences);
  const reasons = [...change.reasons, ...change.differences];
  if (reasons.length === 0) return [];
  const metadata = { ...patch.metadata as Record<string, unknown>, ...versionOf(observed) };
  const request = {
    target: refOf(desired),
    type: "merge",
    body: { ...patch, metadata, ...(Object.keys(data).length === 0 ? {} : { data }) },
  } as const;
  // What a Secret holds is compared with a database; only what surrounds it can be fought for.
  const surrounds = Object.keys(data).length === 0 && change.reasons.length === 0;
  const options = surrounds
    ? { mends: mendOf(refOf(desired), desired, observed, change.differences) }
    : {};
  const action = { kind: "patch", request } as const;
  return [step(SUBJECT, reasons, action, { ...options, ...change.options })];
}

/** Marks pods that have to restart because they got a password as a variable. */
export function restartMarks(
  pods: readonly Pod[],
  reason: string,
  subject: Subject = SUBJECT,
): Step[] {
  return pods.filter((pod) => !isFlagged(pod) && !isTerminating(pod)).map((pod) => {
    const request = {
      target: refOf(pod),
      type: "merge",
      body: { metadata: { annotations: { [ROLLING_UPDATE_ANNOTATION]: "true" } } },
    } as const;
    const reasons = [`mark ${pod.metadata.name} for a restart`, reason];
    return step(subject, reasons, { kind: "patch", request }, { effect: "restart" });
  });
}

/** `namespace/name` of a credential's Secret. */
export function secretName({ secret }: DesiredCredential): string {
  return `${secret.namespace}/${secret.name}`;
}

function secretObject(credential: DesiredCredential, content: WrittenContent): Secret {
  const data = encoded(content);
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: credential.metadata,
    type: "Opaque",
    ...(Object.keys(data).length === 0 ? {} : { data }),
  };
}

function encoded({ username, password, nextRotation }: WrittenContent): Record<string, string> {
  return {
    ...(username === undefined ? {} : { username: encodeBase64(username) }),
    ...(password === undefined ? {} : { password: encodeBase64(password.reveal()) }),
    ...(nextRotation === undefined ? {} : { nextRotation: encodeBase64(nextRotation) }),
  };
}

function versionOf({ metadata }: Secret): { resourceVersion?: string } {
  return metadata.resourceVersion === undefined
    ? {}
    : { resourceVersion: metadata.resourceVersion };
}
