/** Manifests as people edit them, and out of a form. Pure. */

import { changedPaths, type Json, pathsOf } from "../changed_paths.ts";

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

/** What the form for a new cluster holds. */
export interface Form {
  readonly name: string;
  readonly namespace: string;
  readonly team: string;
  readonly version: string;
  readonly instances: number;
  readonly volume: string;
  readonly storageClass: string;
  readonly iops: string;
  readonly throughput: string;
  readonly cpuRequest: string;
  readonly cpuLimit: string;
  readonly memoryRequest: string;
  readonly memoryLimit: string;
  /** One a line. */
  readonly users: string;
  /** `database: owner`, one a line. */
  readonly databases: string;
  /** One a line. */
  readonly ranges: string;
  readonly switches: Readonly<Record<Switch, boolean>>;
  readonly clone: Clone | undefined;
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

export const EMPTY_FORM: Form = {
  name: "",
  namespace: "default",
  team: "",
  version: "18",
  instances: 2,
  volume: "10Gi",
  storageClass: "",
  iops: "",
  throughput: "",
  cpuRequest: "100m",
  cpuLimit: "500m",
  memoryRequest: "100Mi",
  memoryLimit: "500Mi",
  users: "",
  databases: "",
  ranges: "",
  switches: {
    enableMasterLoadBalancer: false,
    enableReplicaLoadBalancer: false,
    enableConnectionPooler: false,
    enableReplicaConnectionPooler: false,
    enableMasterPoolerLoadBalancer: false,
    enableReplicaPoolerLoadBalancer: false,
  },
  clone: undefined,
};

/** The manifest that a form describes; what is left empty is left out. */
export function manifestOf(form: Form): { [key: string]: Json } {
  const on = Object.entries(form.switches).filter(([, set]) => set).map(([name]) => [name, true]);
  const users = linesOf(form.users).map((line) => {
    const [name = "", flags = ""] = line.split(":").map((text) => text.trim());
    return [name, flags.split(/[\s,]+/).filter((flag) => flag !== "")];
  });
  const databases = linesOf(form.databases).map((line) => {
    const [name = "", owner = ""] = line.split(":").map((text) => text.trim());
    return [name, owner];
  });
  const ranges = linesOf(form.ranges);
  return {
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    metadata: { name: form.name, namespace: form.namespace },
    spec: filled({
      teamId: form.team,
      postgresql: { version: form.version },
      numberOfInstances: form.instances,
      volume: filled({
        size: form.volume,
        storageClass: form.storageClass,
        iops: form.iops === "" ? "" : Number(form.iops),
        throughput: form.throughput === "" ? "" : Number(form.throughput),
      }),
      resources: filled({
        requests: filled({ cpu: form.cpuRequest, memory: form.memoryRequest }),
        limits: filled({ cpu: form.cpuLimit, memory: form.memoryLimit }),
      }),
      users: Object.fromEntries(users) as Json,
      databases: Object.fromEntries(databases) as Json,
      allowedSourceRanges: ranges,
      ...Object.fromEntries(on) as { [key: string]: Json },
      clone: form.clone === undefined ? {} : filled({ ...form.clone }),
    }),
  };
}

function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

function filled(object: { [key: string]: Json }): { [key: string]: Json } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: Json): boolean {
  if (value === "" || value === null) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** What is wrong with a form, by field. */
export function formProblems(form: Form): Partial<Record<keyof Form, string>> {
  const problems: Partial<Record<keyof Form, string>> = {};
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(form.name)) {
    problems.name = "Small letters, digits and dashes, neither first nor last a dash.";
  } else if (form.name.length > 53) {
    problems.name = "At most 53 characters: longer names do not fit the pods' labels.";
  }
  if (form.team === "") problems.team = "A cluster belongs to a team.";
  if (!/^\d+(\.\d+)?([KMGTPE]i?|m)?$/.test(form.volume)) problems.volume = "Such as 10Gi.";
  const { clone } = form;
  if (clone !== undefined && clone.timestamp !== "" && !isTime(clone.timestamp)) {
    problems.clone = "Such as 2026-05-04T10:20:30+00:00: the offset from UTC is a part of it.";
  }
  return problems;
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text));
}

/** A form filled in from a cluster that is to be cloned. */
export function cloneForm({ metadata, spec }: Manifest, timestamp: string): Form {
  const volume = (spec["volume"] ?? {}) as { [key: string]: Json };
  const version = ((spec["postgresql"] ?? {}) as { version?: string }).version;
  return {
    ...EMPTY_FORM,
    name: `${metadata.name}-clone`,
    namespace: metadata.namespace,
    team: String(spec["teamId"] ?? ""),
    version: version ?? EMPTY_FORM.version,
    instances: Number(spec["numberOfInstances"] ?? 2),
    volume: String(volume["size"] ?? EMPTY_FORM.volume),
    clone: { cluster: metadata.name, uid: metadata.uid ?? "", timestamp },
  };
}
