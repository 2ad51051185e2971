/**
 * `values.schema.json` of the chart: the hand-written part from `inputs/chart_values_schema.yaml`, and
 * the sections of parameters from the schema of OperatorConfiguration. A parameter may also be a
 * template, since the chart expands them, and empty, which means left out.
 */
import { parse } from "yaml";
import type { Schema } from "../openapi/model.ts";
import { CHART_SECTIONS } from "./chart.ts";
import type { ConfigParameter } from "./config_keys.ts";

/** Emits the schema as JSON. */
export function emitChartSchema(
  parameters: readonly ConfigParameter[],
  handWritten: string,
): string {
  const { properties, ...rest } = parse(handWritten) as Record<string, object>;
  const sections = Object.entries(CHART_SECTIONS).map(([group, section]) => {
    const rows = parameters.filter((one) => one.group === group);
    const inner = Object.fromEntries(rows.map((one) => [one.key, parameterSchema(one.schema)]));
    return [section, { type: "object", additionalProperties: false, properties: inner }];
  });
  const all = { ...properties, ...Object.fromEntries(sections) };
  return JSON.stringify({ ...rest, properties: all }, null, 2);
}

/** Matches a text that is a template of Helm. */
const TEMPLATE = "\\{\\{";

/** What one parameter may be; the description is for editors. */
function parameterSchema(schema: Schema): object {
  const { description } = schema;
  const anyOf = [valueSchema(schema), { type: "null" }, { type: "string", pattern: TEMPLATE }];
  return { ...(description ? { description } : {}), anyOf };
}

function valueSchema(schema: Schema): object {
  switch (schema.type) {
    case "boolean":
      return { enum: [true, false, "true", "false"] };
    case "integer":
      return integerSchema(schema);
    case "string":
      return textSchema(schema);
    default:
      return withoutExtensions(schema);
  }
}

/** A number, or its digits as text, which is how a ConfigMap holds it. */
function integerSchema({ minimum, maximum }: Schema): object {
  const bounds = {
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  };
  return { type: ["integer", "string"], pattern: "^-?[0-9]+$", ...bounds };
}

/** A text, or a number that the chart writes as text, or false for an unquoted `off`. */
function textSchema({ enum: values, pattern }: Schema): object {
  if (values !== undefined) {
    const numbers = values.filter((value) => /^\d+$/.test(String(value))).map(Number);
    return { enum: [...values, ...numbers, ...values.includes("off") ? [false] : []] };
  }
  return { type: ["string", "number"], ...(pattern === undefined ? {} : { pattern }) };
}

/** The keywords that JSON schema knows, all the way down. */
function withoutExtensions(value: unknown): object {
  const plain = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(plain);
    if (typeof inner !== "object" || inner === null) return inner;
    const entries = Object.entries(inner).filter(([key]) => !SKIPPED.test(key));
    return Object.fromEntries(entries.map(([key, item]) => [key, plain(item)]));
  };
  return plain(value) as object;
}

const SKIPPED = /^(x-kubernetes-.*|default|description|format|nullable)$/;
