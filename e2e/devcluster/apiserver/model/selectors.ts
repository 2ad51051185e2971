/** Label and field selectors: query strings and LabelSelector objects to predicates. */
import { badRequest } from "./api_error.ts";
import {
  isObject,
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  objectsAt,
  stringAt,
  valueAt,
} from "./json.ts";

export type Labels = Record<string, Json | undefined>;
export type LabelPredicate = (labels: Labels) => boolean;
export type ObjectPredicate = (object: JsonObject) => boolean;

const TOKEN = /\s*(\(|\)|,|==|=|!=|!|<|>|[^\s(),=!<>]+)/gy;

/** Parses the `labelSelector` query parameter. @throws ApiError 400 where it does not parse. */
export function parseLabelSelector(text: string): LabelPredicate {
  const tokens = tokenize(text);
  const predicates: LabelPredicate[] = [];
  let at = 0;
  const fail = (found: string | undefined): never => {
    throw badRequest(
      `unable to parse requirement: found '${found ?? ""}', expected: identifier or operator`,
    );
  };
  while (at < tokens.length) {
    const negated = tokens[at] === "!";
    if (negated) at++;
    const key = tokens[at++];
    if (key === undefined || /^[(),=!<>]/.test(key)) fail(key);
    const operator = tokens[at];
    if (negated) {
      predicates.push((labels) => labels[key!] === undefined);
    } else if (operator === undefined || operator === ",") {
      predicates.push((labels) => labels[key!] !== undefined);
    } else if (operator === "in" || operator === "notin") {
      const [values, next] = parseValues(tokens, at + 1, fail);
      at = next;
      predicates.push(setPredicate(key!, operator, values));
    } else {
      const value = tokens[at + 1];
      const empty = value === undefined || value === ",";
      at += empty ? 1 : 2;
      predicates.push(comparison(key!, operator, empty ? "" : value) ?? fail(operator));
    }
    if (at < tokens.length && tokens[at++] !== ",") fail(tokens[at - 1]);
  }
  return (labels) => predicates.every((predicate) => predicate(labels));
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const trimmed = text.trim();
  for (let match = TOKEN.exec(trimmed); match; match = TOKEN.exec(trimmed)) tokens.push(match[1]!);
  return tokens;
}

function parseValues(
  tokens: string[],
  start: number,
  fail: (found: string | undefined) => never,
): [Set<string>, number] {
  if (tokens[start] !== "(") fail(tokens[start]);
  const end = tokens.indexOf(")", start);
  if (end < 0) fail(undefined);
  return [new Set(tokens.slice(start + 1, end).filter((token) => token !== ",")), end + 1];
}

function setPredicate(key: string, operator: "in" | "notin", values: Set<string>): LabelPredicate {
  return operator === "in"
    ? (labels) => typeof labels[key] === "string" && values.has(labels[key])
    : (labels) => !(typeof labels[key] === "string" && values.has(labels[key]));
}

function comparison(key: string, operator: string, value: string): LabelPredicate | undefined {
  switch (operator) {
    case "=":
    case "==":
      return (labels) => labels[key] === value;
    case "!=":
      return (labels) => labels[key] !== value;
    case ">":
      return (labels) => Number(labels[key]) > Number(value);
    case "<":
      return (labels) => Number(labels[key]) < Number(value);
    default:
      return undefined;
  }
}

/** Predicate of a LabelSelector object; an absent selector matches nothing, an empty one everything. */
export function labelSelectorPredicate(selector: Json | undefined): LabelPredicate {
  if (!isObject(selector)) return () => false;
  const wanted = Object.entries(objectAt(selector, "matchLabels"));
  const expressions = objectsAt(selector, "matchExpressions").map(expressionPredicate);
  return (labels) =>
    wanted.every(([key, value]) => labels[key] === value) &&
    expressions.every((predicate) => predicate(labels));
}

function expressionPredicate(expression: JsonObject): LabelPredicate {
  const key = stringAt(expression, "key");
  const values = new Set(listAt(expression, "values").map(String));
  switch (stringAt(expression, "operator")) {
    case "In":
      return setPredicate(key, "in", values);
    case "NotIn":
      return setPredicate(key, "notin", values);
    case "Exists":
      return (labels) => labels[key] !== undefined;
    default:
      return (labels) => labels[key] === undefined;
  }
}

/** Fields other than metadata.name and metadata.namespace that a kind can be selected by. */
const SELECTABLE: Record<string, string[]> = {
  "/pods": [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
  ],
  "/secrets": ["type"],
  "/namespaces": ["status.phase"],
  "/nodes": ["spec.unschedulable"],
  "/events": [
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
  "batch/jobs": ["status.successful"],
  "apps/replicasets": ["status.replicas"],
  "/replicationcontrollers": ["status.replicas"],
  "/services": ["spec.clusterIP", "spec.type"],
};

/**
 * Parses the `fieldSelector` query parameter of a resource.
 * @throws ApiError 400 for a field that the resource cannot be selected by.
 */
export function parseFieldSelector(
  text: string,
  storageKey: string,
  customFields: string[] = [],
): ObjectPredicate {
  const known = new Set([
    "metadata.name",
    "metadata.namespace",
    ...SELECTABLE[storageKey] ?? [],
    ...customFields,
  ]);
  const predicates = text.split(",").filter((part) => part.trim()).map((part) => {
    const match = part.match(/^\s*([^=!]+)(==|=|!=)(.*)$/);
    if (!match) {
      throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    }
    const [, field, operator, value] = match as unknown as [string, string, string, string];
    if (!known.has(field)) throw badRequest(`field label not supported: ${field}`);
    return (object: JsonObject) => (fieldText(object, field) === value) === (operator !== "!=");
  });
  return (object) => predicates.every((predicate) => predicate(object));
}

function fieldText(object: JsonObject, field: string): string {
  if (field === "source") return stringAt(objectAt(object, "source"), "component");
  const value = valueAt(object, ...field.split("."));
  if (value === undefined || value === null) {
    return field === "spec.unschedulable" || field === "spec.hostNetwork" ? "false" : "";
  }
  return String(value);
}
