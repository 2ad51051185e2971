/**
 * CEL rules of CRDs (`x-kubernetes-validations`): evaluated with `self` and, for transition rules,
 * `oldSelf`. Of Kubernetes' extra CEL functions only those of the CEL standard are there: a CRD with
 * a rule that does not parse is refused, one that fails at run time is a violation that says so.
 */
import { Environment } from "@marcbachmann/cel-js";
import type { Cause } from "../../model/api_error.ts";
import { isObject, type Json } from "../../model/json.ts";
import type { Schema } from "../../model/schema.ts";

const environment = new Environment({ unlistedVariablesAreDyn: true });

type Compiled = (context: Record<string, unknown>) => unknown;
const compiled = new Map<string, Compiled>();

function compile(rule: string): Compiled {
  let program = compiled.get(rule);
  if (!program) compiled.set(rule, program = environment.parse(rule) as unknown as Compiled);
  return program;
}

/** The reason why a rule cannot be compiled, or undefined. */
export function ruleProblem(rule: string): string | undefined {
  try {
    compile(rule);
    return undefined;
  } catch (error) {
    return (error as Error).message.split("\n")[0];
  }
}

/** CEL tells integers and doubles apart: the schema says which a number is. */
function celValue(value: Json | undefined, schema: Schema | undefined): unknown {
  if (typeof value === "number") {
    return schema?.type === "number" || !Number.isInteger(value) ? value : BigInt(value);
  }
  if (Array.isArray(value)) return value.map((item) => celValue(item, schema?.items));
  if (!isObject(value)) return value ?? null;
  const rest = typeof schema?.additionalProperties === "object"
    ? schema.additionalProperties
    : undefined;
  return Object.fromEntries(
    Object.entries(value).filter(([, item]) => item !== undefined).map((
      [key, item],
    ) => [key, celValue(item, schema?.properties?.[key] ?? rest)]),
  );
}

interface Rule {
  rule: string;
  message?: string;
  messageExpression?: string;
  reason?: string;
  fieldPath?: string;
  optionalOldSelf?: boolean;
}

/** Violations of the rules of a schema and of all schemas inside it. */
export function validateRules(
  value: Json | undefined,
  old: Json | undefined,
  schema: Schema,
  field: string,
): Cause[] {
  if (value === undefined || value === null) return [];
  const causes: Cause[] = [];
  for (const rule of (schema["x-kubernetes-validations"] ?? []) as Rule[]) {
    const cause = violation(rule, value, old, schema, field);
    if (cause) causes.push(cause);
  }
  if (Array.isArray(value) && schema.items) {
    value.forEach((item, index) =>
      causes.push(...validateRules(item, undefined, schema.items!, `${field}[${index}]`))
    );
  }
  if (!isObject(value)) return causes;
  const rest = typeof schema.additionalProperties === "object"
    ? schema.additionalProperties
    : undefined;
  for (const [key, item] of Object.entries(value)) {
    const property = schema.properties?.[key] ?? rest;
    const before = isObject(old) ? old[key] : undefined;
    if (property) {
      causes.push(...validateRules(item, before, property, field ? `${field}.${key}` : key));
    }
  }
  return causes;
}

function violation(
  rule: Rule,
  value: Json,
  old: Json | undefined,
  schema: Schema,
  field: string,
): Cause | undefined {
  const transition = /\boldSelf\b/.test(rule.rule);
  if (transition && old === undefined && !rule.optionalOldSelf) return undefined;
  const context = { self: celValue(value, schema), oldSelf: celValue(old, schema) };
  const at = field + (rule.fieldPath ?? "");
  const fail = (why: string): Cause => {
    const type = JSON.stringify(schema.type ?? "object");
    return {
      reason: rule.reason ?? "FieldValueInvalid",
      message: `Invalid value: ${type}: ${why}`,
      field: at || "<nil>",
    };
  };
  try {
    if (compile(rule.rule)(context) === true) return undefined;
    const computed = rule.messageExpression
      ? String(compile(rule.messageExpression)(context))
      : undefined;
    return fail(computed ?? rule.message ?? `failed rule: ${rule.rule}`);
  } catch (error) {
    return fail(
      `rule "${rule.rule}" cannot be evaluated: ${(error as Error).message.split("\n")[0]}`,
    );
  }
}
