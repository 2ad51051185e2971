/**
 * `src/api/validator.gen.ts`: valibot schemas that say what the CRD says, for manifests that no API
 * server has checked. Where Kubernetes prunes null, null counts as absent.
 */
import type { CrdModel, Schema } from "../openapi/model.ts";
import { TYPE_NAMES } from "./api_names.ts";

const UUID = "^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$";

const PREAMBLE = `import * as v from "valibot";

/** One place where an object breaks the schema of its kind. */
export interface SchemaIssue {
  /** Such as \`spec.users.app[0]\`. */
  readonly path: string;
  /** What stands there, which may be a secret; undefined for a field that is missing. */
  readonly value: unknown;
  readonly rule: "required" | "type" | "enum" | "pattern" | "minimum" | "maximum" | "combination";
  /** What the schema asks for, such as \`"session" | "transaction"\`. */
  readonly expected: string;
}

const RULES: Readonly<Record<string, SchemaIssue["rule"]>> = {
  check: "combination",
  max_value: "maximum",
  min_value: "minimum",
  picklist: "enum",
  regex: "pattern",
};

function issueOf(issue: v.BaseIssue<unknown>): SchemaIssue {
  const value = issue.path?.at(-1)?.value ?? issue.input;
  const missing = issue.kind === "schema" && value === undefined;
  return {
    path: pathText(issue.path?.map((item) => item.key) ?? []),
    value,
    rule: missing ? "required" : RULES[issue.type] ?? "type",
    expected: missing ? "a value" : expectedText(issue),
  };
}

function expectedText(issue: v.BaseIssue<unknown>): string {
  if (issue.type === "check") return issue.message;
  if (issue.type === "integer") return "integer";
  return issue.expected?.replace(/^\\(|\\)$/g, "") ?? "";
}

function pathText(keys: readonly unknown[]): string {
  return keys.map((key) => typeof key === "number" ? \`[\${key}]\` : \`.\${key}\`).join("").replace(/^\\./, "");
}

/** Whether a value is an object with all of \`fields\`. */
function has(value: unknown, ...fields: string[]): boolean {
  return fields.every((field) => (value as Record<string, unknown>)[field] != null);
}
`;

/** Emits the function that checks what users write of a kind, and the schemas that it uses. */
export function emitValidator({ resource, schema }: CrdModel): string {
  const type = TYPE_NAMES[resource.kind]![""]!;
  const spec = schema.properties!.spec!;
  const shared = sharedSchemas(spec);
  const whole = `v.looseObject({ spec: ${shared.emit(spec)} })`;
  return `${PREAMBLE}
${shared.declarations.join("\n")}

const ${type}Schema = ${whole};

/** Every place where an object breaks the schema of ${resource.kind}. */
export function check${type}(object: unknown): SchemaIssue[] {
  const { issues = [] } = v.safeParse(${type}Schema, object);
  return issues.map(issueOf);
}
`;
}

/** Gives object schemas, and schemas with a rule, that occur more than once a constant of their own. */
function sharedSchemas(root: Schema) {
  const uses = new Map<string, number>();
  const constants = new Map<string, string>();
  const declarations: string[] = [];

  function count(schema: Schema): void {
    const key = keyOf(schema);
    const before = uses.get(key) ?? 0;
    uses.set(key, before + 1);
    if (before === 0) childrenOf(schema).forEach(count);
  }

  function emit(schema: Schema): string {
    const key = keyOf(schema);
    const hasRule = schema.properties ?? schema.pattern ?? schema.enum;
    if (!hasRule || uses.get(key) === 1) return expression(schema, emit);
    const known = constants.get(key);
    if (known) return known;
    const text = expression(schema, emit);
    const name = `shared${constants.size + 1}`;
    constants.set(key, name);
    declarations.push(`const ${name} = ${text};`);
    return name;
  }

  count(root);
  return { emit, declarations };
}

function childrenOf(schema: Schema): Schema[] {
  const values = typeof schema.additionalProperties === "object"
    ? [schema.additionalProperties]
    : [];
  return [
    ...Object.values(schema.properties ?? {}),
    ...(schema.items ? [schema.items] : []),
    ...values,
  ];
}

/** Equal for schemas that ask for the same, whatever their words and defaults. */
function keyOf(schema: Schema): string {
  return JSON.stringify(schema, (key, value) => {
    const isWord = (key === "description" || key === "default") && typeof value !== "object";
    return isWord ? undefined : value;
  });
}

function expression(schema: Schema, emit: (child: Schema) => string): string {
  if (schema["x-kubernetes-int-or-string"]) {
    return "v.union([v.string(), v.pipe(v.number(), v.integer())])";
  }
  if (schema.enum) return `v.picklist(${JSON.stringify(schema.enum)})`;
  switch (schema.type) {
    case "string":
      return withRules("v.string()", stringRules(schema));
    case "boolean":
      return "v.boolean()";
    case "integer":
      return withRules("v.number()", ["v.integer()", ...numberRules(schema)]);
    case "array":
      return `v.array(${emit(schema.items ?? {})})`;
    case "object":
      return objectExpression(schema, emit);
    default:
      return "v.unknown()";
  }
}

function withRules(base: string, rules: readonly string[]): string {
  return rules.length === 0 ? base : `v.pipe(${base}, ${rules.join(", ")})`;
}

function stringRules({ pattern, format }: Schema): string[] {
  const regex = pattern ?? (format === "uuid" ? UUID : undefined);
  return regex === undefined ? [] : [`v.regex(new RegExp(${JSON.stringify(regex)}))`];
}

function numberRules({ format, ...schema }: Schema): string[] {
  const minimum = schema.minimum ?? (format === "int32" ? -(2 ** 31) : undefined);
  const maximum = schema.maximum ?? (format === "int32" ? 2 ** 31 - 1 : undefined);
  return [
    ...(minimum === undefined ? [] : [`v.minValue(${minimum})`]),
    ...(maximum === undefined ? [] : [`v.maxValue(${maximum})`]),
  ];
}

function objectExpression(schema: Schema, emit: (child: Schema) => string): string {
  if (typeof schema.additionalProperties === "object") {
    return `v.record(v.string(), v.nullish(${emit(schema.additionalProperties)}))`;
  }
  const fields = Object.entries(schema.properties ?? {}).map(([name, child]) => {
    const required = schema.required?.includes(name) && child.default === undefined;
    const value = required ? emit(child) : `v.nullish(${emit(child)})`;
    return `${JSON.stringify(name)}: ${value}`;
  });
  return withRules(`v.looseObject({ ${fields.join(", ")} })`, combinationRules(schema));
}

/** `anyOf` and `not` of `required` lists, the only combinations that our CRDs have. */
function combinationRules({ anyOf, not }: Schema): string[] {
  const fields = (schema: Schema) =>
    schema.required!.map((name) => JSON.stringify(name)).join(", ");
  const words = (schema: Schema) => schema.required!.join(" and ");
  const rules: string[] = [];
  if (anyOf) {
    const tests = anyOf.map((one) => `has(value, ${fields(one)})`).join(" || ");
    rules.push(`v.check((value) => ${tests}, "one of ${anyOf.map(words).join(", ")}")`);
  }
  if (not) rules.push(`v.check((value) => !has(value, ${fields(not)}), "not both ${words(not)}")`);
  return rules;
}
