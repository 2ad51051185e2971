/** Reads the objects of one cluster, part by part: what cannot be read is unknown, and says why. */

import type { Postgresql } from "../api/types.gen.ts";
import type { KubeObject, Pod } from "../kubernetes/types.gen.ts";
import { known, type Observation, unknown } from "../ports/observation.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import { type Namespaced, refTo } from "../ports/typed.ts";
import { byOrdinal } from "../cluster/observed/pods.ts";
import { CommandError, type Session } from "./session.ts";

/** The manifest of a cluster. @throws CommandError where there is none */
export async function readCluster(session: Session, name: string): Promise<Postgresql> {
  const { kube, namespace, signal } = session;
  const found = await kube.get(refTo(RESOURCES.Postgresql, { namespace, name }), { signal });
  if (found === undefined) throw new CommandError(`there is no postgresql ${namespace}/${name}`);
  return found as Postgresql;
}

/** The value of a read, or why there is none. */
export async function attempt<T>(read: () => Promise<T>): Promise<Observation<T>> {
  try {
    return known(await read());
  } catch (error) {
    return unknown(error instanceof Error ? error.message : String(error));
  }
}

/** One object beside the manifest; undefined where it is not there. */
export function readObject<T extends KubeObject>(
  { kube, signal }: Session,
  resource: { readonly apiVersion: string; readonly kind: string },
  { namespace, name }: Namespaced,
): Promise<Observation<T | undefined>> {
  const ref = { apiVersion: resource.apiVersion, kind: resource.kind, namespace, name };
  return attempt(async () => await kube.get(ref, { signal }) as T | undefined);
}

/** Pods of PostgreSQL, by what their StatefulSet selects, in the order of their numbers. */
export async function readPods(
  session: Session,
  cr: Postgresql,
  selector: Readonly<Record<string, string>> | undefined,
): Promise<Observation<Pod[]>> {
  const { kube, signal } = session;
  const { namespace = "", name = "" } = cr.metadata;
  const labels = selector ?? { application: "spilo", "cluster-name": name };
  const labelSelector = Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(",");
  return await attempt(async () => {
    const { items } = await kube.list(RESOURCES.Pod, { namespace, labelSelector, signal });
    return byOrdinal(items as Pod[]);
  });
}

/** An Event of Kubernetes, as far as it is shown. */
export interface SeenEvent {
  readonly time: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly object: string;
  readonly count: number;
}

/** Events about an object of a name, oldest first. */
export async function readEvents(
  { kube, namespace, signal }: Session,
  kind: string,
  name: string,
): Promise<Observation<SeenEvent[]>> {
  const fieldSelector = `involvedObject.kind=${kind},involvedObject.name=${name}`;
  return await attempt(async () => {
    const { items } = await kube.list({ apiVersion: "v1", kind: "Event" }, {
      namespace,
      fieldSelector,
      signal,
    });
    return items.map(seenEvent).sort((a, b) => a.time < b.time ? -1 : 1);
  });
}

function seenEvent(event: KubeObject): SeenEvent {
  const fields = event as KubeObject & {
    readonly lastTimestamp?: string | null;
    readonly eventTime?: string | null;
    readonly type?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly count?: number;
    readonly involvedObject?: { readonly kind?: string; readonly name?: string };
  };
  const { involvedObject: about = {} } = fields;
  return {
    time: fields.lastTimestamp ?? fields.eventTime ?? fields.metadata.creationTimestamp ?? "",
    type: fields.type ?? "",
    reason: fields.reason ?? "",
    message: fields.message ?? "",
    object: `${about.kind ?? ""}/${about.name ?? ""}`,
    count: fields.count ?? 1,
  };
}
