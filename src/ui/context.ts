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
import type { Template } from "./templates.ts";
import type { UiSettings } from "./settings.ts";
import type { Followed } from "./followed.ts";
import type { Shared } from "./shared.ts";
import type { ObjectStore } from "../clients/stores/object_store.ts";
import { teamOf } from "./clusters.ts";

export interface UiParts {
  readonly settings: UiSettings;
  readonly access: KubeAccess;
  readonly operator: OperatorClient;
  readonly shared: Shared;
  readonly followed: Followed;
  /** Undefined where no store is named. */
  readonly store: () => Promise<ObjectStore | undefined>;
  /** Manifests to begin with, as whoever runs the UI wrote them. */
  readonly templates: () => Promise<readonly Template[]>;
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
export async function visibleClusters(asking: Asking): Promise<readonly Postgresql[]> {
  const { namespace } = asking.parts.settings;
  if (namespace !== undefined) return await clustersIn(asking, namespace);
  try {
    return await clustersIn(asking, "");
  } catch (error) {
    if (!(error instanceof KubeError) || error.kind !== "forbidden") throw error;
    const names = await asking.parts.shared.once(
      `namespaces ${keyOf(asking.identity)}`,
      () => namespacesOf(asking),
    ).catch(() => {
      throw error;
    });
    const lists = await Promise.all(
      names.slice(0, MOST_NAMESPACES).map((name) => unlessForbidden(clustersIn(asking, name))),
    );
    // Who may look nowhere is told so: an empty list would read as a right.
    if (lists.every((list) => list === undefined)) throw error;
    return lists.flatMap((list) => list ?? []);
  }
}

async function unlessForbidden<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KubeError && error.kind === "forbidden") return undefined;
    throw error;
  }
}

/** True for who may list the clusters of all namespaces. @throws KubeError */
export async function seesAll(asking: Asking): Promise<boolean> {
  return await unlessForbidden(clustersIn(asking, "")) !== undefined;
}

/** The server ends a watch after so long; it is then resumed. */
const WATCH_SECONDS = 300;

/** Clusters of one namespace, or of all with an empty text. */
function clustersIn(
  { parts, identity, kube }: Asking,
  namespace: string,
): Promise<readonly Postgresql[]> {
  const where = namespace === "" ? {} : { namespace };
  return parts.followed.clusters(`${namespace} ${keyOf(identity)}`, {
    source: (signal) => ({
      listPage: (next) =>
        kube.listPage(POSTGRESQL, {
          signal,
          ...where,
          ...(next === undefined ? {} : { continue: next }),
        }),
      watch: (resourceVersion) =>
        kube.watch(POSTGRESQL, {
          signal,
          ...where,
          resourceVersion,
          timeoutSeconds: WATCH_SECONDS,
        }),
    }),
    async check() {
      await kube.listPage(POSTGRESQL, {
        signal: AbortSignal.timeout(CHECK_MS),
        ...where,
        limit: 1,
      });
    },
  });
}

const CHECK_MS = 10_000;

/** True where the user may list this cluster; asks nobody where that is known. */
export async function isVisible(
  asking: Asking,
  namespace: string,
  name: string,
): Promise<boolean> {
  const all = await unlessForbidden(visibleClusters(asking)) ?? [];
  return all.some(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
}

/** Names of the namespaces that clusters may be in. @throws KubeError */
export async function namespacesOf({ parts, kube, signal }: Asking): Promise<string[]> {
  const { namespace } = parts.settings;
  if (namespace !== undefined) return [namespace];
  const { items } = await kube.list({ apiVersion: "v1", kind: "Namespace" }, { signal });
  return items.map(({ metadata }) => metadata.name ?? "")
    .filter((name) => !["kube-public", "kube-system"].includes(name));
}

/** Who has changed something is shown it at once; others hear of it by their watches. */
export function forget({ parts: { shared, followed }, identity }: Asking): void {
  const own = ` ${keyOf(identity)}`;
  shared.drop();
  followed.drop((key) => key.endsWith(own));
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
