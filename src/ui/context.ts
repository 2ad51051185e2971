/** What every route of the UI works with, and what it may ask of Kubernetes for one user. */

import type { Postgresql } from "../api/types.gen.ts";
import type { KubeClient } from "../clients/kube/client.ts";
import { KubeError } from "../clients/kube/errors.ts";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import { UiError } from "./errors.ts";
import { type Identity, ownsTeam } from "./identity.ts";
import type { KubeAccess } from "./kube_access.ts";
import type { OperatorClient } from "../clients/operator/client.ts";
import type { UiMetrics } from "../metrics/ui.ts";
import type { UiSettings } from "./settings.ts";
import type { Shared } from "./shared.ts";
import type { ObjectStore } from "../clients/stores/object_store.ts";
import { teamOf } from "./clusters.ts";

export interface UiParts {
  readonly settings: UiSettings;
  readonly access: KubeAccess;
  readonly operator: OperatorClient;
  readonly shared: Shared;
  /** Undefined where no store is named. */
  readonly store: () => Promise<ObjectStore | undefined>;
  readonly teamsOf: (user: string) => Promise<readonly string[]>;
  readonly metrics: Pick<UiMetrics, "answerEnded" | "text" | "contentType">;
  /** True once the server has been asked to stop. */
  readonly stopping: () => boolean;
}

/** What the server tells of a connection. */
export interface Bindings {
  /** Address of the peer of the connection. */
  readonly peer: string;
}

/** One request of one user. */
export interface Asking {
  readonly parts: UiParts;
  readonly identity: Identity;
  readonly kube: KubeClient;
  readonly signal: AbortSignal;
}

export const POSTGRESQL = { apiVersion: "acid.zalan.do/v1", kind: "postgresql" } as const;

/** Namespaces that are asked one by one where somebody may not list all at once. */
const MOST_NAMESPACES = 100;

/** @throws UiError 403 for a namespace that this UI does not serve */
export function requireNamespace({ parts: { settings } }: Asking, namespace: string): void {
  if (settings.namespace === undefined || settings.namespace === namespace) return;
  throw new UiError(`this UI serves the namespace ${settings.namespace} (TARGET_NAMESPACE)`, 403);
}

/** Clusters that the user may see. @throws UiError, KubeError */
export function visibleClusters(asking: Asking): Promise<readonly Postgresql[]> {
  const { parts, identity } = asking;
  return parts.shared.once(`clusters ${keyOf(identity)}`, () => listClusters(asking));
}

async function listClusters(asking: Asking): Promise<readonly Postgresql[]> {
  const { parts: { settings }, kube, signal } = asking;
  const list = async (namespace?: string) => {
    const options = namespace === undefined ? { signal } : { signal, namespace };
    return (await kube.list(POSTGRESQL, options)).items as Postgresql[];
  };
  if (settings.namespace !== undefined) return await list(settings.namespace);
  try {
    return await list();
  } catch (error) {
    if (!(error instanceof KubeError) || error.kind !== "forbidden") throw error;
    const names = await namespacesOf(asking).catch(() => {
      throw error;
    });
    const lists = await Promise.all(
      names.slice(0, MOST_NAMESPACES).map((name) =>
        list(name).catch((each: unknown) => {
          if (each instanceof KubeError && each.kind === "forbidden") return [];
          throw each;
        })
      ),
    );
    return lists.flat();
  }
}

/** Names of the namespaces that clusters may be in. @throws KubeError */
export async function namespacesOf({ parts, kube, signal }: Asking): Promise<string[]> {
  const { namespace } = parts.settings;
  if (namespace !== undefined) return [namespace];
  const { items } = await kube.list({ apiVersion: "v1", kind: "Namespace" }, { signal });
  return items.map(({ metadata }) => metadata.name ?? "")
    .filter((name) => !["kube-public", "kube-system"].includes(name));
}

/** One cluster as it is stored. @throws UiError 404, KubeError */
export async function storedCluster(
  asking: Asking,
  namespace: string,
  name: string,
): Promise<Postgresql> {
  requireNamespace(asking, namespace);
  const found = await asking.kube.get({ ...POSTGRESQL, namespace, name }, {
    signal: asking.signal,
  });
  if (found === undefined) throw new UiError(`there is no cluster ${namespace}/${name}`, 404);
  return found as Postgresql;
}

/** An object of a cluster. @throws UiError 404, KubeError */
export async function storedObject(
  asking: Asking,
  ref: { readonly apiVersion: string; readonly kind: string },
  namespace: string,
  name: string,
): Promise<KubeObject> {
  requireNamespace(asking, namespace);
  const found = await asking.kube.get({ ...ref, namespace, name }, { signal: asking.signal });
  if (found === undefined) throw new UiError(`there is no ${ref.kind} ${namespace}/${name}`, 404);
  return found;
}

/** @throws UiError 403 where nothing, or nothing of this team, may be written */
export function requireWrite({ parts: { settings }, identity }: Asking, cr: Postgresql): void {
  if (settings.readOnly) {
    throw new UiError("this UI is read-only (READ_ONLY_MODE)", 403);
  }
  const team = teamOf(cr);
  if (ownsTeam(identity, team, settings.superuserTeam)) return;
  throw new UiError(`you are not a member of the team ${JSON.stringify(team)}, which owns it`, 403);
}

/** Two users with the same key have the same rights. */
function keyOf(identity: Identity): string {
  switch (identity.kind) {
    case "token":
      return `token ${identity.token}`;
    case "proxy":
      return `proxy ${JSON.stringify([identity.user, ...identity.groups])}`;
    case "teams":
      return "teams";
  }
}
