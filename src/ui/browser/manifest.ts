/** Manifests as people edit them, and out of a form. Pure. */

import { changedPaths, type Json, pathsOf } from "../changed_paths.ts";
import { fieldAt } from "./manifest_text.ts";

/** A manifest as the API server gives it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly resourceVersion?: string;
    readonly uid?: string;
    readonly labels?: { [key: string]: Json };
    readonly annotations?: { [key: string]: Json };
  };
  readonly spec: { [key: string]: Json };
  readonly status?: unknown;
}

/** The parts that people own. */
export function editable({ apiVersion, kind, metadata, spec }: Manifest): Json {
  const { name, namespace, labels, annotations } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec,
  };
}

/** What an edited text asks for. */
export interface Edit {
  /** To be sent; undefined where nothing is changed. */
  readonly patch: { [key: string]: Json } | undefined;
  /** What is changed, as people write it. */
  readonly paths: readonly string[];
  /** Why it cannot be sent. */
  readonly problem: string | undefined;
}

const FIXED = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];

/** Compares what was shown with what somebody made of it. */
export function editOf(stored: Manifest, edited: Json): Edit {
  const before = editable(stored);
  if (typeof edited !== "object" || edited === null || Array.isArray(edited)) {
    return {
      patch: undefined,
      paths: [],
      problem: "A manifest has fields such as metadata and spec.",
    };
  }
  const patch = changedPaths(before, edited);
  if (patch === undefined) return { patch: undefined, paths: [], problem: undefined };
  const paths = pathsOf(patch);
  const fixed = paths.find((path) => FIXED.includes(path) || ["metadata", "spec"].includes(path));
  if (fixed !== undefined) {
    return { patch: undefined, paths, problem: `${fixed} cannot be changed.` };
  }
  const metadata = (patch["metadata"] ?? {}) as { [key: string]: Json };
  const { resourceVersion = "" } = stored.metadata;
  return {
    patch: { ...patch, metadata: { ...metadata, resourceVersion } },
    paths,
    problem: undefined,
  };
}

/** Where a new cluster's data come from. */
export interface Clone {
  readonly cluster: string;
  readonly uid: string;
  /** RFC 3339 with an offset; empty for the latest state. */
  readonly timestamp: string;
}

export const SWITCHES = {
  enableMasterLoadBalancer: "Load balancer for the primary",
  enableReplicaLoadBalancer: "Load balancer for replicas",
  enableConnectionPooler: "Connection pooler for the primary",
  enableReplicaConnectionPooler: "Connection pooler for replicas",
  enableMasterPoolerLoadBalancer: "Load balancer for the primary's pooler",
  enableReplicaPoolerLoadBalancer: "Load balancer for the replicas' pooler",
} as const;
export type Switch = keyof typeof SWITCHES;

/** What is known when somebody begins a new cluster. */
export interface Beginning {
  readonly name?: string;
  readonly namespace: string;
  readonly team: string;
  readonly version: string;
  readonly cpu: string;
  readonly cpuLimit: string;
  readonly memory: string;
  readonly memoryLimit: string;
}

/** The manifest that a form begins with. */
export function newManifest(begin: Beginning, clone?: Clone): Json {
  return {
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    metadata: { name: begin.name ?? "", namespace: begin.namespace },
    spec: {
      teamId: begin.team,
      postgresql: { version: begin.version },
      numberOfInstances: 2,
      volume: { size: "10Gi" },
      resources: {
        requests: { cpu: begin.cpu, memory: begin.memory },
        limits: { cpu: begin.cpuLimit, memory: begin.memoryLimit },
      },
      ...(clone === undefined ? {} : { clone: cloneSection(clone) }),
    },
  };
}

function cloneSection({ cluster, uid, timestamp }: Clone): Json {
  return {
    cluster,
    ...(uid === "" ? {} : { uid }),
    ...(timestamp === "" ? {} : { timestamp }),
  };
}

/** Fields that a copy does not take over: they are the copy's own, or would disturb the original. */
const NOT_COPIED = [
  "clone",
  "standby",
  "streams",
  "masterNodePort",
  "replicaNodePort",
  "masterPoolerNodePort",
  "replicaPoolerNodePort",
];

/** A manifest that copies a cluster: everything that people wrote of it, and where the data are. */
export function cloneManifest({ metadata, spec }: Manifest, timestamp: string): Json {
  const kept = Object.entries(spec).filter(([key]) => !NOT_COPIED.includes(key));
  const { labels } = metadata;
  return {
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    metadata: {
      name: `${metadata.name}-clone`,
      namespace: metadata.namespace,
      ...(labels === undefined ? {} : { labels }),
    },
    spec: {
      ...Object.fromEntries(kept),
      clone: cloneSection({ cluster: metadata.name, uid: metadata.uid ?? "", timestamp }),
    },
  };
}

/** `name: flag, flag`, a line each. */
export function linesOfUsers(value: Json | undefined): string {
  return entriesOf(value).map(([name, flags]) => {
    const list = Array.isArray(flags) ? flags.map(String) : [];
    return list.length === 0 ? name : `${name}: ${list.join(", ")}`;
  }).join("\n");
}

export function usersOfLines(text: string): Json | undefined {
  return mapOfLines(text, (rest) => rest.split(/[\s,]+/).filter((flag) => flag !== ""));
}

/** `database: owner`, a line each. */
export function linesOfDatabases(value: Json | undefined): string {
  return entriesOf(value).map(([name, owner]) => `${name}: ${String(owner ?? "")}`).join("\n");
}

export function databasesOfLines(text: string): Json | undefined {
  return mapOfLines(text, (rest) => rest);
}

/** One a line. */
export function linesOfList(value: Json | undefined): string {
  return Array.isArray(value) ? value.map(String).join("\n") : "";
}

export function listOfLines(text: string): Json | undefined {
  const lines = linesOf(text);
  return lines.length === 0 ? undefined : lines;
}

function entriesOf(value: Json | undefined): [string, Json][] {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value)
    : [];
}

function mapOfLines(text: string, of: (rest: string) => Json): Json | undefined {
  const lines = linesOf(text);
  if (lines.length === 0) return undefined;
  return Object.fromEntries(lines.map((line) => {
    const [, name = "", rest = ""] = /^([^:]*):?(.*)$/s.exec(line) ?? [];
    return [name.trim(), of(rest.trim())];
  }));
}

function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** What limits of the operator's configuration leave; undefined where there is none. */
export interface Bounds {
  readonly least?: number | undefined;
  readonly most?: number | undefined;
}

/** What is wrong with a manifest that can be seen at once, by path; Kubernetes sees the rest. */
export function manifestProblems(
  manifest: Json,
  { oldest, instances = {} }: { readonly oldest?: string; readonly instances?: Bounds } = {},
): Map<string, string> {
  const problems = new Map<string, string>();
  const text = (...path: string[]) => {
    const value = fieldAt(manifest, path);
    return typeof value === "string" ? value : "";
  };
  const name = text("metadata", "name");
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) {
    problems.set(
      "metadata.name",
      "Small letters, digits and dashes, neither first nor last a dash.",
    );
  } else if (name.length > 53) {
    problems.set("metadata.name", "At most 53 characters: longer names do not fit pods' labels.");
  }
  if (text("spec", "teamId") === "") problems.set("spec.teamId", "A cluster belongs to a team.");
  if (!/^\d+(\.\d+)?([KMGTPE]i?|m)?$/.test(text("spec", "volume", "size"))) {
    problems.set("spec.volume.size", "Such as 10Gi.");
  }
  const count = fieldAt(manifest, ["spec", "numberOfInstances"]);
  const wrong = typeof count === "number" ? boundsProblem(count, instances) : "A whole number.";
  if (wrong !== undefined) problems.set("spec.numberOfInstances", wrong);
  const time = text("spec", "clone", "timestamp");
  const timeProblem = time === "" ? undefined : timestampProblem(time, oldest);
  if (timeProblem !== undefined) problems.set("spec.clone.timestamp", timeProblem);
  return problems;
}

function boundsProblem(count: number, { least, most }: Bounds): string | undefined {
  if (!Number.isInteger(count) || count < 0) return "A whole number.";
  if (count > 0 && least !== undefined && count < least) {
    return `The operator makes ${least} of it: min_instances.`;
  }
  if (most !== undefined && count > most) return `The operator makes ${most} of it: max_instances.`;
  return undefined;
}

function timestampProblem(text: string, oldest: string | undefined): string | undefined {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
  if (!form.test(text) || Number.isNaN(Date.parse(text))) {
    return "Such as 2026-05-04T10:20:30+00:00: the offset from UTC is a part of it.";
  }
  if (oldest !== undefined && oldest !== "" && Date.parse(text) < Date.parse(oldest)) {
    return `Before the first moment that can be restored, ${oldest}.`;
  }
  return undefined;
}
