/**
 * Every page of the debug API that answers in JSON, as a table: the application serves it, and the
 * description of the API is made of it. Paths are Zalando's (pkg/apiserver/apiserver.go).
 */

import * as v from "valibot";
import {
  ClusterShape,
  ConfigShape,
  HistoryShape,
  KeptPlanShape,
  LogShape,
  NamesShape,
  OrphansShape,
  PlanShape,
  QueueShape,
  RecordingsShape,
  StatusShape,
  TeamsShape,
  WorkerShape,
} from "./shapes.ts";
import { DetailShape, OverviewShape } from "./overview_shapes.ts";
import type { OperatorView } from "./view.ts";

/** Values of a path's placeholders. */
export type PathValues = Readonly<Record<string, string>>;

/** One page. */
export interface Route {
  /** Placeholders are written `{name}`; the path answers with and without a slash at its end. */
  readonly path: string;
  readonly summary: string;
  readonly answer: v.GenericSchema;
  /** The answer; undefined where what the path names is not known. */
  readonly find: (view: OperatorView, values: PathValues) => unknown;
  /** What is missing, for the message of a 404: `cluster {namespace}/{name}`. */
  readonly what: string;
}

const CLUSTER = "/clusters/{namespace}/{name}";

/** Pages of one cluster. */
const OF_CLUSTER: readonly Route[] = [
  {
    path: CLUSTER,
    summary: "One cluster: its manifest, status and objects as the last pass saw them",
    answer: ClusterShape,
    find: (view, { namespace = "", name = "" }) => view.cluster(namespace, name),
    what: "cluster {namespace}/{name}",
  },
  {
    path: `${CLUSTER}/plan`,
    summary: "What the last pass wanted and did, and what it waits for",
    answer: PlanShape,
    find: (view, { namespace = "", name = "" }) => view.plan(namespace, name),
    what: "a plan of cluster {namespace}/{name}",
  },
  {
    path: `${CLUSTER}/plans`,
    summary: "The last plans that did something, newest first",
    answer: v.array(KeptPlanShape),
    find: (view, { namespace = "", name = "" }) => view.plans(namespace, name),
    what: "cluster {namespace}/{name}",
  },
  {
    path: `${CLUSTER}/detail`,
    summary: "One cluster from near: members, findings by fixed rules, Events sent",
    answer: DetailShape,
    find: (view, { namespace = "", name = "" }) => view.detail(namespace, name),
    what: "cluster {namespace}/{name}",
  },
  {
    path: `${CLUSTER}/logs`,
    summary: "Recent lines of the log about one cluster",
    answer: LogShape,
    find: (view, { namespace = "", name = "" }) => view.logs(namespace, name),
    what: "cluster {namespace}/{name}",
  },
  {
    path: `${CLUSTER}/history`,
    summary: "Recent changes of a cluster's manifest",
    answer: HistoryShape,
    find: (view, { namespace = "", name = "" }) => view.history(namespace, name),
    what: "cluster {namespace}/{name}",
  },
  {
    path: `${CLUSTER}/recordings`,
    summary: "Recent passes that did something, with all that their plans were made of",
    answer: RecordingsShape,
    find: (view, { namespace = "", name = "" }) => view.recordings(namespace, name),
    what: "cluster {namespace}/{name}",
  },
];

/** The same page as Zalando's documentation writes it; for a cluster of that team alone. */
function withTeam({ path, summary, answer, find, what }: Route): Route {
  return {
    path: path.replace(CLUSTER, `/clusters/{team}/{namespace}/{name}`),
    summary: `${summary}; with its team`,
    answer,
    find: (view, values) => {
      const { team = "", name = "" } = values;
      return view.teams().get(team)?.includes(name) ? find(view, values) : undefined;
    },
    what: what.replace("{namespace}/{name}", "{namespace}/{name} of team {team}"),
  };
}

/** All pages that answer in JSON. */
export const ROUTES: readonly Route[] = [
  {
    path: "/status",
    summary: "How many clusters there are, and how many wait for each worker",
    answer: StatusShape,
    find: (view) => view.status(),
    what: "status",
  },
  {
    path: "/overview",
    summary: "All clusters in a line each, and what the workers do",
    answer: OverviewShape,
    find: (view) => view.overview(),
    what: "overview",
  },
  {
    path: "/config",
    summary: "The configuration in use, without secrets",
    answer: ConfigShape,
    find: (view) => view.config(),
    what: "configuration",
  },
  {
    path: "/databases",
    summary: "Databases that manifests ask for, by cluster",
    answer: TeamsShape,
    find: (view) => Object.fromEntries(view.databases()),
    what: "databases",
  },
  {
    path: "/orphans",
    summary: "Clusters that are still there although their manifests are gone",
    answer: OrphansShape,
    find: (view) => view.orphans(),
    what: "orphans",
  },
  {
    path: "/clusters",
    summary: "Names of clusters by team",
    answer: TeamsShape,
    find: (view) => Object.fromEntries(view.teams()),
    what: "clusters",
  },
  {
    path: "/clusters/{team}",
    summary: "Names of the clusters of one team",
    answer: NamesShape,
    find: (view, { team = "" }) => view.teams().get(team),
    what: "a cluster of team {team}",
  },
  ...OF_CLUSTER,
  ...OF_CLUSTER.map(withTeam),
  {
    path: "/workers/all/queue",
    summary: "What waits for each worker",
    answer: v.record(v.string(), QueueShape),
    find: (view) => everyWorker(view, (id) => view.queue(id)),
    what: "workers",
  },
  {
    path: "/workers/all/status",
    summary: "What each worker does",
    answer: v.record(v.string(), WorkerShape),
    find: (view) => everyWorker(view, (id) => view.worker(id)),
    what: "workers",
  },
  {
    path: "/workers/{id}/queue",
    summary: "What waits for one worker",
    answer: QueueShape,
    find: (view, values) => oneWorker(view, values, (id) => view.queue(id)),
    what: "worker {id}",
  },
  {
    path: "/workers/{id}/status",
    summary: "What one worker does",
    answer: WorkerShape,
    find: (view, values) => oneWorker(view, values, (id) => view.worker(id)),
    what: "worker {id}",
  },
  {
    path: "/workers/{id}/logs",
    summary: "Recent lines of the log of one worker",
    answer: LogShape,
    find: (view, values) => oneWorker(view, values, (id) => view.workerLogs(id)),
    what: "worker {id}",
  },
];

function everyWorker(view: OperatorView, find: (id: number) => unknown): Record<string, unknown> {
  const ids = Array.from({ length: view.workers() }, (_, id) => id);
  return Object.fromEntries(ids.map((id) => [String(id), find(id)]));
}

function oneWorker(
  view: OperatorView,
  { id = "" }: PathValues,
  find: (id: number) => unknown,
): unknown {
  const number = /^\d{1,6}$/.test(id) ? Number(id) : view.workers();
  return number < view.workers() ? find(number) : undefined;
}
