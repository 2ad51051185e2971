/**
 * Reads and writes of a pass without caches: each call is one request. `cache.ts` puts watch caches
 * in front of them. Layer: client of the API server, implements the pass's ports.
 */

import type { KubeReader, KubeWriter } from "../../ports/ports.ts";
import { describeRef } from "../../ports/requests.ts";
import { known, type Observation, unknown } from "../../ports/observation.ts";
import type { KubeClient } from "./client.ts";
import { KubeError, refusalOf } from "./errors.ts";
import { sleep } from "./connection/limiter.ts";
import { requireResource } from "./request.ts";
import { RESOURCES } from "../../ports/resources.gen.ts";
import type { SelfSubjectAccessReview } from "../../kubernetes/types.gen.ts";

/** How long `awaitGone` waits; a pass tries again later. */
const GONE_TIMEOUT_MS = 30_000;
const GONE_FIRST_PAUSE_MS = 50;
const GONE_LONGEST_PAUSE_MS = 1_000;
/** How long an answer about the operator's own rights holds. */
const RIGHTS_MS = 10 * 60_000;

/** A reader that asks the API server every time. */
export function createDirectReader(client: KubeClient, clusterNameLabel: string): KubeReader {
  return {
    read: (ref, signal) => observe(() => client.get(ref, { signal })),
    listOfCluster: ({ namespace, cluster, ...kind }, signal) =>
      observe(async () => {
        const labelSelector = `${clusterNameLabel}=${cluster}`;
        return (await client.list(kind, { namespace, labelSelector, signal })).items;
      }),
  };
}

/** A writer that sends each write as it is. */
export function createDirectWriter(client: KubeClient): KubeWriter {
  return {
    create: (object, signal) => client.create(object, { signal }),
    replace: (object, signal) => client.replace(object, { signal }),
    patch: ({ target, ...request }, signal) => client.patch(target, { ...request, signal }),
    async tryCreate(object, signal) {
      try {
        await client.create(object, { signal, dryRun: "All" });
        return undefined;
      } catch (error) {
        signal.throwIfAborted();
        return refusalOf(error);
      }
    },
    mayPatch: createRightsReader(client),
    async delete({ target, ...options }, signal) {
      await client.delete(target, { ...options, signal });
    },
    async awaitGone({ target, preconditions }, signal) {
      const endMs = performance.now() + GONE_TIMEOUT_MS;
      for (let pauseMs = GONE_FIRST_PAUSE_MS; performance.now() < endMs; pauseMs *= 2) {
        const object = await client.get(target, { signal });
        if (object === undefined) return;
        const uid = preconditions?.uid;
        if (uid !== undefined && object.metadata.uid !== uid) return;
        await sleep(Math.min(pauseMs, GONE_LONGEST_PAUSE_MS), signal);
      }
      throw new KubeError(
        `cannot delete ${describeRef(target)}: it is still there after ${GONE_TIMEOUT_MS / 1000} s`,
        { status: 0, reason: "Timeout" },
      );
    },
  };
}

/**
 * Tells by a SelfSubjectAccessReview whether a kind may be patched in a namespace. Answers are kept
 * for `RIGHTS_MS`: roles change seldom, and a refusal of one moment must not last.
 */
function createRightsReader(client: KubeClient): KubeWriter["mayPatch"] {
  const answers = new Map<string, { readonly allowed: boolean; readonly untilMs: number }>();
  return async (target, signal) => {
    const { group, plural } = requireResource(target);
    const { namespace } = target;
    const key = [group, plural, namespace].join("/");
    const kept = answers.get(key);
    if (kept !== undefined && performance.now() < kept.untilMs) return kept.allowed;
    answers.delete(key);
    try {
      const resourceAttributes = { verb: "patch", group, resource: plural, namespace };
      const { apiVersion, kind } = RESOURCES.SelfSubjectAccessReview;
      const review = { apiVersion, kind, metadata: {}, spec: { resourceAttributes } };
      const { status } = await client.create(review, { signal }) as SelfSubjectAccessReview;
      const allowed = status?.allowed !== false;
      answers.set(key, { allowed, untilMs: performance.now() + RIGHTS_MS });
      return allowed;
    } catch {
      signal.throwIfAborted();
      return true;
    }
  };
}

/** Turns a refused read into an unknown; an aborted one still throws. */
export async function observe<T>(read: () => Promise<T>): Promise<Observation<T>> {
  try {
    return known(await read());
  } catch (error) {
    if (error instanceof KubeError) return unknown(error.message);
    throw error;
  }
}
