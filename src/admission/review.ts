/**
 * The question of an API server before it stores something, and the answer to it: `AdmissionReview` of
 * `admission.k8s.io/v1`. Pure.
 */

import type { KubeObject } from "../kubernetes/types.gen.ts";

const API_VERSION = "admission.k8s.io/v1";
const OPERATIONS = ["CREATE", "UPDATE", "DELETE"] as const;

/** What somebody is about to do with an object. */
export interface Review {
  readonly uid: string;
  readonly operation: (typeof OPERATIONS)[number];
  /** `postgresql`, `OperatorConfiguration`, or `Scale` for a subresource. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** As it would be stored; absent for a deletion. */
  readonly object?: KubeObject;
  /** As it is stored; absent for a creation. */
  readonly oldObject?: KubeObject;
}

/** What is said to it. */
export interface Verdict {
  readonly warnings: readonly string[];
  /** Why the API server shall not store it; absent where it shall. */
  readonly refusal?: string;
}

/** Reads the body of a request; undefined where it is no review. */
export function reviewOf(text: string): Review | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(body) || body["apiVersion"] !== API_VERSION) return undefined;
  const request = body["request"];
  if (body["kind"] !== "AdmissionReview" || !isRecord(request)) return undefined;
  const { uid, operation, kind, object, oldObject } = request;
  const known = OPERATIONS.find((one) => one === operation);
  if (typeof uid !== "string" || uid === "" || known === undefined) return undefined;
  return {
    uid,
    operation: known,
    kind: isRecord(kind) ? textOf(kind["kind"]) : "",
    namespace: textOf(request["namespace"]),
    name: textOf(request["name"]) || nameOf(object),
    ...(isObject(object) ? { object } : {}),
    ...(isObject(oldObject) ? { oldObject } : {}),
  };
}

/** Most of a warning that the API server passes on, and of all of them, in characters. */
const MOST = { line: 250, lines: 12 } as const;

/** The body of an answer. */
export function answerTo({ uid }: Pick<Review, "uid">, { warnings, refusal }: Verdict): unknown {
  const lines = warnings.slice(0, MOST.lines).map(oneLine);
  const status = { code: 422, reason: "Invalid", message: refusal };
  return {
    apiVersion: API_VERSION,
    kind: "AdmissionReview",
    response: {
      uid,
      allowed: refusal === undefined,
      ...(refusal === undefined ? {} : { status }),
      ...(lines.length === 0 ? {} : { warnings: lines }),
    },
  };
}

/** Printable characters alone: a header holds nothing else. */
function oneLine(text: string): string {
  const plain = text.replace(/[\p{C}\s]+/gu, " ").trim();
  const characters = [...plain];
  if (characters.length <= MOST.line) return plain;
  return `${characters.slice(0, MOST.line - 1).join("")}…`;
}

function nameOf(object: unknown): string {
  return isRecord(object) && isRecord(object["metadata"]) ? textOf(object["metadata"]["name"]) : "";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isObject(value: unknown): value is KubeObject {
  return isRecord(value) && isRecord(value["metadata"]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
