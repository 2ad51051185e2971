/**
 * One Lease of coordination.k8s.io, for running several operators of which one works. Layer: client
 * of the API server; when to renew and what to do on loss is the controller's.
 *
 * Clocks of different nodes are not compared: a foreign holder counts as gone when *we* have seen no
 * renewal for the lease's duration, as in the Go client's leader election.
 */

import { RESOURCES } from "../../ports/resources.gen.ts";
import { refTo } from "../../ports/typed.ts";
import type { KubeClient } from "./client.ts";
import { isConflict } from "../../ports/errors.ts";
import type { Lease as LeaseObject } from "../../kubernetes/types.gen.ts";

export interface LeaseOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  /** Unique for this process, e.g. the pod's name and a random suffix. */
  readonly identity: string;
  readonly durationSeconds: number;
  readonly now: () => Date;
}

/** `held`: ours, renewed just now. */
export type LeaseState =
  | { readonly held: true }
  | { readonly held: false; readonly holder: string };

export interface Lease {
  /** Takes the lease if it is free or ours. @throws KubeError when it cannot be told */
  acquireOrRenew(signal: AbortSignal): Promise<LeaseState>;
  /** Gives it up, so that the next one need not wait; does nothing if it is not ours. */
  release(signal: AbortSignal): Promise<void>;
}

/** What we last saw of a foreign holder, and when. */
interface Sighting {
  readonly version: string;
  readonly atMs: number;
}

/** Makes the client of one lease. */
export function createLease(options: LeaseOptions): Lease {
  const { client, namespace, name, identity } = options;
  const ref = refTo(RESOURCES.Lease, { namespace, name });
  let sighting: Sighting = { version: "", atMs: -Infinity };

  function isExpired(lease: LeaseObject): boolean {
    const version = lease.metadata.resourceVersion ?? "";
    if (version !== sighting.version) sighting = { version, atMs: performance.now() };
    const durationMs = (lease.spec?.leaseDurationSeconds ?? options.durationSeconds) * 1000;
    return performance.now() - sighting.atMs >= durationMs;
  }

  return {
    async acquireOrRenew(signal) {
      const found = await client.get(ref, { signal }) as LeaseObject | undefined;
      const holder = found?.spec?.holderIdentity ?? "";
      if (found !== undefined && holder !== "" && holder !== identity && !isExpired(found)) {
        return { held: false, holder };
      }
      const wanted = ourLease(options, found);
      try {
        await (found === undefined
          ? client.create(wanted, { signal })
          : client.replace(wanted, { signal }));
        return { held: true };
      } catch (error) {
        // Of our own lease somebody changed a label, or what was read is old: the next try tells.
        if (!isConflict(error) || holder === identity) throw error;
        // Another one was faster.
        return { held: false, holder };
      }
    },

    async release(signal) {
      const found = await client.get(ref, { signal }) as LeaseObject | undefined;
      if (found?.spec?.holderIdentity !== identity) return;
      const spec = { ...found.spec, holderIdentity: "", leaseDurationSeconds: 1 };
      await client.replace({ ...found, spec } as LeaseObject, { signal });
    },
  };
}

function ourLease(options: LeaseOptions, found: LeaseObject | undefined): LeaseObject {
  // MicroTime: six digits after the second.
  const now = options.now().toISOString().replace("Z", "000Z");
  const isOurs = found?.spec?.holderIdentity === options.identity;
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: found?.metadata ?? { name: options.name, namespace: options.namespace },
    spec: {
      holderIdentity: options.identity,
      leaseDurationSeconds: options.durationSeconds,
      acquireTime: isOurs ? found?.spec?.acquireTime ?? now : now,
      renewTime: now,
      leaseTransitions: (found?.spec?.leaseTransitions ?? 0) + (found && !isOurs ? 1 : 0),
    },
  };
}
