/**
 * Tells what in a cluster's manifest cannot be honoured, as values: with any issue nothing of the
 * cluster is touched until its manifest changes, and other clusters go on.
 *
 * Of the schema only what nothing could work with is held against an object (missing fields, wrong
 * types, contradictions): what was stored before a schema became stricter keeps running.
 *
 * Zalando: pkg/apis/acid.zalan.do/v1/marshal.go and util.go; pkg/cluster/cluster.go, initRobotUsers
 */

import { cloneSourceProblem, clusterNameProblem, teamPrefixProblem } from "./cluster_name.ts";
import { parseMaintenanceWindow } from "./maintenance_window.ts";
import { longNameProblem, normalizeFlags, ROLE_NAME } from "./role_names.ts";
import { harmlessValue } from "../lib/redact.ts";
import type { Postgresql } from "./types.gen.ts";
import { checkPostgresql, type SchemaIssue } from "./validator.gen.ts";

/** One thing that cannot be honoured. */
export interface Issue {
  /** The field: `spec.volume.size`. */
  readonly path: string;
  /** What stands there; absent where that adds nothing or may be a secret. */
  readonly value?: string;
  /** The rule, to be read after field and value: "is required". */
  readonly message: string;
  /** `unmanaged`: the cluster is none that this operator takes on, its status is `Invalid`. */
  readonly severity?: "unmanaged";
  /** `roles`: nothing but roles depends on it, and a cluster that runs goes on. */
  readonly scope?: "roles";
}

/** What of the operator's configuration decides about a manifest. */
export interface ValidationSettings {
  readonly enableTeamIdClusternamePrefix: boolean;
  readonly protectedRoleNames: readonly string[];
  readonly superUsername: string;
  readonly replicationUsername: string;
}

/** One line that names field, value and rule; the value only where it is known to be harmless. */
export function issueText({ path, value, message }: Issue): string {
  return value === undefined || harmlessValue(path, value) === undefined
    ? `${path} ${message}`
    : `${path}: ${JSON.stringify(value)} ${message}`;
}

/** All that is wrong with a manifest, as it comes from the API server; empty when it can be used. */
export function validate(object: unknown, settings: ValidationSettings): Issue[] {
  const misshapen = checkPostgresql(object).filter(isFatal);
  if (misshapen.length > 0) return misshapen.map(shapeIssue);
  const cluster = object as Postgresql;
  return [
    ...nameIssues(cluster, settings),
    ...instanceIssues(cluster),
    ...cloneIssues(cluster),
    ...windowIssues(cluster),
    ...userIssues(cluster, settings),
  ];
}

function isFatal({ rule, value }: SchemaIssue): boolean {
  if (rule === "enum") return typeof value !== "string";
  return rule === "required" || rule === "type" || rule === "combination";
}

/** The value itself stays out of the message: it may be a key in the wrong place. */
function shapeIssue({ path, value, rule, expected }: SchemaIssue): Issue {
  const where = path === "" ? "the object" : path;
  if (rule === "required") return { path: where, message: "is required" };
  if (rule === "combination") return { path: where, message: `does not fit: ${expected}` };
  return { path: where, message: `must be ${expected}, not ${typeName(value)}` };
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function nameIssues(cluster: Postgresql, settings: ValidationSettings): Issue[] {
  const value = cluster.metadata.name ?? "";
  const path = "metadata.name";
  const message = clusterNameProblem(value);
  if (!settings.enableTeamIdClusternamePrefix) {
    return message === undefined ? [] : [{ path, value, message }];
  }
  const prefix = teamPrefixProblem(value, cluster.spec.teamId);
  return [prefix, message].flatMap((rule) =>
    rule === undefined ? [] : [{ path, value, message: rule, severity: "unmanaged" as const }]
  );
}

/** More than anybody runs; a slip of the finger must not fill a Kubernetes cluster with pods. */
const MOST_INSTANCES = 1000;

function instanceIssues({ spec }: Postgresql): Issue[] {
  const counts: readonly [string, number][] = [
    ["spec.numberOfInstances", spec.numberOfInstances],
    ["spec.connectionPooler.numberOfInstances", spec.connectionPooler?.numberOfInstances ?? 1],
  ];
  return counts.flatMap(([path, count]) => {
    if (count > MOST_INSTANCES) {
      return [{ path, value: String(count), message: `must not be more than ${MOST_INSTANCES}` }];
    }
    const negative = count < 0 && path === "spec.numberOfInstances";
    return negative ? [{ path, value: String(count), message: "must not be negative" }] : [];
  });
}

/** A clone from an archive may come from a cluster of any name, which need not exist any more. */
function cloneIssues({ spec }: Postgresql): Issue[] {
  const source = spec.clone?.cluster ?? "";
  if (source === "" || spec.clone?.timestamp) return [];
  const message = cloneSourceProblem(source);
  return message === undefined ? [] : [{ path: "spec.clone.cluster", value: source, message }];
}

function windowIssues({ spec }: Postgresql): Issue[] {
  return (spec.maintenanceWindows ?? []).flatMap((value, index) => {
    const window = parseMaintenanceWindow(value);
    if (!("problem" in window)) return [];
    return [{ path: `spec.maintenanceWindows[${index}]`, value, message: window.problem }];
  });
}

/** Flags of protected and system names do not matter: such entries are left out with a warning. */
function userIssues({ spec }: Postgresql, settings: ValidationSettings): Issue[] {
  const leftOut = new Set([
    ...settings.protectedRoleNames,
    settings.superUsername,
    settings.replicationUsername,
  ]);
  return Object.entries(spec.users ?? {}).flatMap(([name, flags]) => {
    if (!ROLE_NAME.test(name)) {
      const message = `must match ${ROLE_NAME.source}`;
      return [{ path: "spec.users", value: name, message, scope: "roles" }];
    }
    if (leftOut.has(name)) return [];
    const normalized = normalizeFlags(flags ?? []);
    const problem = "problem" in normalized ? normalized.problem : longNameProblem(name);
    if (problem === undefined) return [];
    const message = `cannot be used: ${problem}`;
    return [{ path: `spec.users.${name}`, message, scope: "roles" }];
  });
}
