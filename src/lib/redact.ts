/** Takes secrets out of objects that people get to see: plans, the debug API, diffs. */

export const REDACTED = "[redacted]";

/** Words in the name of a variable or field that tell of a secret behind it. */
const SECRET_NAME = /pass(word|wd)?|secret|token|credential|(access|account|api|private)_?key/i;

/** Names that match by a word but hold no secret. */
const HARMLESS_NAME =
  /(secret_?name|secretRotation|secret_?namespace|secretKeyRef|secretRef|_path|_file|_user|version|type)$/i;

/** True when a value of this name must not be shown. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !HARMLESS_NAME.test(name);
}

/**
 * A copy of an object in which no secret is readable: text fields with a telling name, values of
 * such environment variables, and the data of Secrets.
 */
export function redacted<T>(value: T): T {
  return redact(value) as T;
}

function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== "object" || value === null) return value;
  const record = value as Record<string, unknown>;
  const hidden = hiddenFields(record);
  return Object.fromEntries(
    Object.entries(record).map(([key, field]) => [key, hide(key, field, hidden) ?? redact(field)]),
  );
}

/** Fields of an object that are secret because of what the object is. */
function hiddenFields(record: Record<string, unknown>): readonly string[] {
  if (record["kind"] === "Secret") return ["data", "stringData"];
  return typeof record["name"] === "string" && isSecretName(record["name"]) ? ["value"] : [];
}

function hide(key: string, field: unknown, hidden: readonly string[]): unknown {
  if (hidden.includes(key)) return typeof field === "string" ? REDACTED : redactedValues(field);
  return typeof field === "string" && field !== "" && isSecretName(key) ? REDACTED : undefined;
}

function redactedValues(field: unknown): unknown {
  if (typeof field !== "object" || field === null) return field;
  return Object.fromEntries(Object.keys(field).map((key) => [key, REDACTED]));
}
