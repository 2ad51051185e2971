/**
 * What the operator knows, for those who may see the cluster: the debug API itself asks nobody who
 * they are, so Kubernetes is asked first.
 */

import { statusParts } from "../../debug/status_parts.ts";
import type { OverviewView } from "../../debug/overview_shapes.ts";
import { rowOf } from "../clusters.ts";
import {
  type Asking,
  isVisible,
  requireNamespace,
  seesAll,
  storedCluster,
  visibleClusters,
} from "../context.ts";
import { PortError } from "../../ports/errors.ts";
import { UiError } from "../errors.ts";
import { part } from "../../clients/operator/client.ts";
import { type Asked, clusterOf, objectBody, type Route } from "./route.ts";

/** Pages of one cluster, under the same paths as in the operator. */
const PAGES = ["detail", "plan", "plans", "logs", "history"];

const UNKNOWN_OPERATOR: OverviewView["operator"] = {
  version: "",
  ready: true,
  lastSync: 0,
  waiting: 0,
  workers: [],
  orphans: [],
};

export const operatorRoutes: readonly Route[] = [
  { method: "GET", path: "/overview", handle: overview },
  ...PAGES.map((page): Route => ({
    method: "GET",
    path: `/clusters/:namespace/:name/${page}`,
    handle: (asking, asked) => clusterPage(asking, asked, page),
  })),
  { method: "POST", path: "/clusters/:namespace/:name/plan", handle: planned },
  {
    method: "GET",
    path: "/operator/clusters/:namespace/:name/logs",
    handle: (asking, asked) => clusterPage(asking, asked, "logs"),
  },
  operatorPage("/operator/status", () => "/status"),
  operatorPage("/operator/config", () => "/config"),
  operatorPage("/operator/workers/:id/queue", (id) => `/workers/${part(id)}/queue`, queueOf),
  operatorPage("/operator/workers/:id/logs", (id) => `/workers/${part(id)}/logs`, linesOf),
];

/** All clusters that the user may see, with what the operator says of them where it can be asked. */
async function overview(asking: Asking): Promise<Response> {
  const { operator, shared } = asking.parts;
  const [clusters, told] = await Promise.all([
    visibleClusters(asking),
    shared.once("/overview", () => operator.get("/overview"))
      .then((view) => view as OverviewView, () => undefined),
  ]);
  const known = new Map(told?.clusters.map((row) => [`${row.namespace}/${row.name}`, row]));
  const rows = clusters.map((cr) =>
    known.get(`${cr.metadata.namespace}/${cr.metadata.name}`) ?? rowOf(cr)
  );
  const seen = new Set(rows.map(({ namespace, name }) => `${namespace}/${name}`));
  const state = told?.operator ?? UNKNOWN_OPERATOR;
  return Response.json({
    operator: {
      ...state,
      workers: state.workers.map((worker) =>
        worker !== null && !seen.has(`${worker.namespace}/${worker.name}`)
          ? { ...worker, namespace: "", name: "a cluster that you may not see" }
          : worker
      ),
      orphans: [],
    },
    clusters: rows,
  });
}

async function clusterPage(asking: Asking, asked: Asked, page: string): Promise<Response> {
  const { namespace, name } = clusterOf(asked);
  requireNamespace(asking, namespace);
  const { operator, shared } = asking.parts;
  const visible = await isVisible(asking, namespace, name);
  if (!visible) await storedCluster(asking, namespace, name);
  try {
    const path = `/clusters/${part(namespace)}/${part(name)}/${page}`;
    return Response.json(await shared.once(path, () => operator.get(path)));
  } catch (error) {
    // What Kubernetes alone knows is better than nothing.
    if (page !== "detail" || !(error instanceof PortError)) throw error;
    const stored = await storedCluster(asking, namespace, name);
    const parts = statusParts(stored);
    return Response.json({ row: rowOf(stored), ...parts, members: [], findings: [], events: [] });
  }
}

/** What the operator would do for a manifest that is not stored. */
async function planned(asking: Asking, asked: Asked): Promise<Response> {
  const { namespace, name } = clusterOf(asked);
  const manifest = await objectBody(asked.request);
  // Whoever may read the cluster may ask; a new one is read by nobody yet.
  await storedCluster(asking, namespace, name).catch((error: unknown) => {
    if (!(error instanceof UiError) || error.status !== 404) throw error;
  });
  const path = `/clusters/${part(namespace)}/${part(name)}/plan`;
  return Response.json(await asking.parts.operator.post(path, manifest));
}

/** What of a page is shown to somebody who may see these clusters, as `namespace/name`. */
type Cut = (page: unknown, visible: ReadonlySet<string>) => unknown;

/**
 * Pages of the operator, for those who may list clusters somewhere; where they name clusters, cut to
 * those that may be seen.
 */
function operatorPage(path: string, of: (id: string) => string, cut?: Cut): Route {
  return {
    method: "GET",
    path,
    async handle(asking, { values }) {
      const clusters = await visibleClusters(asking);
      const { operator, shared } = asking.parts;
      const name = of(values["id"] ?? "");
      const page = await shared.once(name, () => operator.get(name));
      if (cut === undefined || await seesAll(asking)) return Response.json(page);
      const visible = clusters.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
      return Response.json(cut(page, new Set(visible)));
    },
  };
}

/** Lines about clusters that may be seen; a line about none may name any. */
function linesOf(page: unknown, visible: ReadonlySet<string>): unknown {
  const lines = Array.isArray(page) ? page as { readonly ClusterName?: string }[] : [];
  return lines.filter(({ ClusterName = "" }) => visible.has(ClusterName));
}

function queueOf(page: unknown, visible: ReadonlySet<string>): unknown {
  const { Keys = [], List = [] } = page as {
    readonly Keys?: readonly string[];
    readonly List?: readonly {
      readonly NewSpec?: { readonly metadata?: { namespace?: string; name?: string } };
    }[];
  };
  const kept = List.flatMap(({ NewSpec }, index) => {
    const { namespace, name } = NewSpec?.metadata ?? {};
    return visible.has(`${namespace}/${name}`) ? [index] : [];
  });
  return { Keys: kept.map((index) => Keys[index]), List: kept.map((index) => List[index]) };
}
