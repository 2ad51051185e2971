/**
 * The state of a namespace in a form in which two runs can be compared: without what differs
 * between any two runs (uids, times, versions, addresses, generated passwords).
 */
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";

/** Objects by `Kind/name`. */
export type EndState = ReadonlyMap<string, unknown>;

/** What else may differ between two runs of a scenario that both ended well. */
export interface Tolerance {
  /** Which pod became the primary. */
  readonly primary: "same" | "any";
}

/** Objects that Kubernetes puts into every namespace. */
const OF_THE_CLUSTER = ["ConfigMap/kube-root-ca.crt", "ServiceAccount/default"];
const VOLATILE_METADATA = [
  "creationTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
];
/** Kinds whose status is the business of others. */
const STATUS_KEPT = ["postgresql"];
/** Patroni's own account of what it does, which the operator does not write. */
const PATRONI_ANNOTATIONS = [
  "acquireTime",
  "history",
  "leader",
  "optime",
  "renewTime",
  "transitions",
  "ttl",
];

/** Whom a pooler lets in; see https://www.pgbouncer.org/config.html#authentication-file-format */
const USER_LIST = "userlist.txt";
const WISH = "acid.zalan.do/wish";

const REPLACED: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uid>"],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?/g, "<time>"],
  [/\b\d{1,3}(\.\d{1,3}){3}\b/g, "<address>"],
];

/** Makes the comparable form of a namespace's objects. */
export function endStateOf(
  objects: readonly KubeObject[],
  namespace: string,
  tolerance: Tolerance = { primary: "same" },
): EndState {
  const state = new Map<string, unknown>();
  const roles: string[] = [];
  const passwords = passwordsOf(objects);
  for (const object of objects) {
    const key = `${object.kind}/${object.metadata.name}`;
    if (OF_THE_CLUSTER.includes(key)) continue;
    const role = object.metadata.labels?.["spilo-role"];
    if (object.kind === "Pod" && role !== undefined) roles.push(role);
    state.set(key, comparable(withoutPasswords(object, passwords), namespace, tolerance));
  }
  if (tolerance.primary === "any") state.set("roles of the pods", roles.sort());
  return new Map([...state].sort(([a], [b]) => a < b ? -1 : 1));
}

/** What is different, a line for each place; empty when nothing is. */
export function differences(expected: EndState, actual: EndState): string[] {
  const keys = new Set([...expected.keys(), ...actual.keys()]);
  return [...keys].flatMap((key) => {
    if (!actual.has(key)) return [`${key} is missing`];
    if (!expected.has(key)) return [`${key} should not be there`];
    return differencesAt(key, expected.get(key), actual.get(key));
  });
}

function comparable(object: KubeObject, namespace: string, { primary }: Tolerance): unknown {
  const copy = structuredClone(object) as KubeObject & Record<string, unknown>;
  const metadata = copy.metadata as Record<string, unknown> & KubeObject["metadata"];
  for (const field of VOLATILE_METADATA) delete metadata[field];
  const annotations = metadata.annotations ?? {};
  for (const name of PATRONI_ANNOTATIONS) delete annotations[name];
  // A hash of the whole wish, in which the namespace stands too.
  if (metadata.labels?.[WISH] !== undefined) metadata.labels[WISH] = "<hash>";
  if (object.kind === "Pod") podParts(copy, primary);
  else if (object.kind === "Endpoints") delete copy["subsets"];
  if (object.kind === "postgresql") maskRestarts(copy);
  if (object.kind === "postgresql" && primary === "any") withoutPrimary(copy);
  if (!STATUS_KEPT.includes(object.kind)) delete copy["status"];
  return JSON.parse(masked(JSON.stringify(copy), namespace));
}

/** Of a pod only what the operator decides: Patroni and the kubelet write the rest. */
function podParts(pod: KubeObject & Record<string, unknown>, primary: Tolerance["primary"]): void {
  delete pod.metadata.annotations?.["status"];
  const { labels = {} } = pod.metadata;
  labels["controller-revision-hash"] &&= "<revision>";
  if (primary === "any") delete labels["spilo-role"];
  const { containers } = pod["spec"] as { containers: { name: string; image: string }[] };
  pod["spec"] = { containers: containers.map(({ name, image }) => ({ name, image })) };
}

function withoutPrimary(cr: KubeObject & Record<string, unknown>): void {
  const status = cr["status"] as { primary?: unknown; members?: { role?: unknown }[] } | undefined;
  if (status === undefined) return;
  delete status.primary;
  for (const member of status.members ?? []) delete member.role;
  const { conditions = [] } = status as { conditions?: { message?: string }[] };
  for (const condition of conditions) {
    const { message } = condition;
    if (message !== undefined) {
      condition.message = message.replace(/\S+-\d+ is the/, "<pod> is the");
    }
  }
}

/**
 * Restarts in one order, without what differs from run to run: hashes of wishes, and their causes,
 * of which a process that is new knows less.
 */
function maskRestarts(cr: KubeObject & Record<string, unknown>): void {
  const status = cr["status"] as
    | { restarts?: { wish?: string; pod?: string; cause?: string }[] }
    | undefined;
  for (const restart of status?.restarts ?? []) {
    restart.wish &&= "<hash>";
    delete restart.cause;
  }
  status?.restarts?.sort((a, b) => (a.pod ?? "") < (b.pod ?? "") ? -1 : 1);
}

/** The Secret that publishes a password, by user and password. */
type Passwords = ReadonlyMap<string, string>;

function passwordsOf(objects: readonly KubeObject[]): Passwords {
  return new Map(
    objects.filter(({ kind }) => kind === "Secret").flatMap((secret) => {
      const { username = "", password = "" } = dataOf(secret);
      if (username === "" || password === "") return [];
      return [[`"${atob(username)}" "${atob(password)}"`, secret.metadata.name ?? ""]];
    }),
  );
}

/** A user list says whose password it holds; of others the length stays: it tells their kind. */
function withoutPasswords(object: KubeObject, passwords: Passwords): KubeObject {
  if (object.kind !== "Secret") return object;
  const data = { ...dataOf(object) };
  const { password, [USER_LIST]: list } = data;
  if (password !== undefined) data["password"] = ofLength(atob(password));
  if (list !== undefined) {
    data[USER_LIST] = atob(list).split("\n").map((line) => {
      const secret = passwords.get(line);
      return secret !== undefined ? `<user and password of ${secret}>` : ofLength(line);
    }).join("\n");
  }
  return { ...object, data };
}

function dataOf(secret: KubeObject): Readonly<Record<string, string>> {
  return (secret["data"] ?? {}) as Record<string, string>;
}

function ofLength(text: string): string {
  return `<${text.length} characters>`;
}

function masked(text: string, namespace: string): string {
  let result = text.replaceAll(namespace, "<namespace>");
  for (const [pattern, replacement] of REPLACED) result = result.replace(pattern, replacement);
  return result.replaceAll(/"nodePort":\d+/g, '"nodePort":"<port>"');
}

function differencesAt(path: string, expected: unknown, actual: unknown): string[] {
  if (isMap(expected) && isMap(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...keys].flatMap((key) => differencesAt(`${path}.${key}`, expected[key], actual[key]));
  }
  const [a, b] = [JSON.stringify(expected), JSON.stringify(actual)];
  return a === b ? [] : [`${path} is ${b}, not ${a}`];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
