/** Object metadata rules that hold for every kind: names, labels, annotations, finalizers, owners. */
import type { Cause } from "../model/api_error.ts";
import {
  type Json,
  jsonEqual,
  type JsonObject,
  type KubeObject,
  objectAt,
  objectsAt,
  stringAt,
} from "../model/json.ts";
import type { Strategy } from "./strategy.ts";

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const DNS1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must " +
  "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and " +
  "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const DNS1035_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic " +
  "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for " +
  "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED_TEXT =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
  "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const QUALIFIED_NAME_TEXT = QUALIFIED_TEXT.replace("name part", "a qualified name") +
  " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must " +
  "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for " +
  "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** A validation error in Kubernetes' words; the value is shown as JSON. */
export function invalidValue(field: string, value: Json | undefined, why: string): Cause {
  return {
    reason: "FieldValueInvalid",
    message: `Invalid value: ${JSON.stringify(value ?? null)}: ${why}`,
    field,
  };
}

/** A missing field. */
export function required(field: string, why = ""): Cause {
  return { reason: "FieldValueRequired", message: `Required value${why ? `: ${why}` : ""}`, field };
}

/** A change or a value that is not allowed here. */
export function forbiddenValue(field: string, why: string): Cause {
  return { reason: "FieldValueForbidden", message: `Forbidden: ${why}`, field };
}

/** A value outside an enumeration. */
export function notSupported(field: string, value: Json | undefined, allowed: string[]): Cause {
  const list = allowed.map((item) => `"${item}"`).join(", ");
  return {
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${JSON.stringify(value ?? null)}: supported values: ${list}`,
    field,
  };
}

const RULES = {
  subdomain: { limit: 253, pattern: SUBDOMAIN, text: SUBDOMAIN_TEXT },
  label: { limit: 63, pattern: LABEL, text: LABEL_TEXT },
  dns1035: { limit: 63, pattern: DNS1035, text: DNS1035_TEXT },
};

/** Checks a name by one of Kubernetes' rules. */
export function validateName(
  name: string,
  field: string,
  rule: NonNullable<Strategy["nameIs"]>,
): Cause[] {
  if (rule === "path") {
    if (name === "." || name === "..") return [invalidValue(field, name, `may not be '${name}'`)];
    const found = ["/", "%"].filter((part) => name.includes(part));
    return found.map((part) => invalidValue(field, name, `may not contain '${part}'`));
  }
  const { limit, pattern, text } = RULES[rule];
  const causes: Cause[] = [];
  if (name.length > limit) {
    causes.push(
      invalidValue(
        field,
        name,
        `must be no more than ${limit} ${rule === "subdomain" ? "characters" : "characters"}`,
      ),
    );
  }
  if (!pattern.test(name)) {
    const dotted = rule === "label" && SUBDOMAIN.test(name);
    causes.push(invalidValue(field, name, dotted ? "must not contain dots" : text));
  }
  return causes;
}

function qualifiedNameProblem(key: string): string | undefined {
  if (key.split("/").length > 2) return QUALIFIED_NAME_TEXT;
  const slash = key.indexOf("/");
  const prefix = slash >= 0 ? key.slice(0, slash) : undefined;
  const name = key.slice(slash + 1);
  if (prefix !== undefined && (prefix === "" || !SUBDOMAIN.test(prefix))) {
    return `prefix part ${SUBDOMAIN_TEXT}`;
  }
  if (name === "") return "name part must be non-empty";
  if (name.length > 63) return "name part must be no more than 63 characters";
  return QUALIFIED.test(name) ? undefined : QUALIFIED_TEXT;
}

/** Checks label keys and values at a path. */
export function validateLabels(labels: JsonObject, field: string): Cause[] {
  const causes: Cause[] = [];
  for (const [key, value] of Object.entries(labels)) {
    const problem = qualifiedNameProblem(key);
    if (problem) causes.push(invalidValue(field, key, problem));
    const text = String(value);
    if (text.length > 63) {
      causes.push(invalidValue(field, text, "must be no more than 63 characters"));
    }
    if (!LABEL_VALUE.test(text)) causes.push(invalidValue(field, text, LABEL_VALUE_TEXT));
  }
  return causes;
}

function validateAnnotations(annotations: JsonObject, field: string): Cause[] {
  const causes: Cause[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    const problem = qualifiedNameProblem(key.toLowerCase());
    if (problem) causes.push(invalidValue(field, key, problem));
    size += key.length + String(value).length;
  }
  if (size > 262_144) {
    causes.push({
      reason: "FieldValueTooLong",
      message: "Too long: may not be more than 262144 bytes",
      field,
    });
  }
  return causes;
}

/** Checks labels and annotations of a template's or an object's metadata. */
export function validateLabelsAndAnnotations(metadata: JsonObject, field: string): Cause[] {
  return [
    ...validateLabels(objectAt(metadata, "labels"), `${field}.labels`),
    ...validateAnnotations(objectAt(metadata, "annotations"), `${field}.annotations`),
  ];
}

function validateOwners(metadata: JsonObject): Cause[] {
  const field = "metadata.ownerReferences";
  const owners = objectsAt(metadata, "ownerReferences");
  const causes = owners.flatMap((owner) =>
    ["apiVersion", "kind", "name", "uid"].filter((key) => !stringAt(owner, key)).map((key) =>
      invalidValue(`${field}.${key}`, "", "must not be empty")
    )
  );
  const controllers = owners.filter((owner) => owner["controller"] === true);
  if (controllers.length > 1) {
    causes.push(invalidValue(
      field,
      owners,
      `Only one reference can have Controller set to true. Found "true" in references for ` +
        `${controllers.map((owner) => stringAt(owner, "name")).join(" and ")}`,
    ));
  }
  return causes;
}

function validateFinalizers(metadata: JsonObject): Cause[] {
  const finalizers = (metadata["finalizers"] ?? []) as Json[];
  return finalizers.flatMap((finalizer) => {
    const problem = qualifiedNameProblem(String(finalizer));
    return problem ? [invalidValue("metadata.finalizers", finalizer, problem)] : [];
  });
}

/** Metadata of a new object. */
export function validateMetadata(object: KubeObject, strategy: Strategy): Cause[] {
  const metadata = object.metadata;
  const causes: Cause[] = [];
  if (!metadata.name) {
    causes.push(required("metadata.name", "name or generateName is required"));
  } else {
    causes.push(...validateName(metadata.name, "metadata.name", strategy.nameIs ?? "subdomain"));
  }
  return [
    ...causes,
    ...validateLabelsAndAnnotations(metadata, "metadata"),
    ...validateOwners(metadata),
    ...validateFinalizers(metadata),
  ];
}

/** Metadata of a changed object: the same, and what must not change while it is being deleted. */
export function validateMetadataUpdate(
  object: KubeObject,
  old: KubeObject,
  strategy: Strategy,
): Cause[] {
  const causes = validateMetadata(object, strategy);
  if (old.metadata.deletionTimestamp) {
    const added = (object.metadata.finalizers ?? []).filter((name) =>
      !(old.metadata.finalizers ?? []).includes(name)
    );
    if (added.length > 0) {
      const cause = forbiddenValue(
        "metadata.finalizers",
        `no new finalizers can be added if the object is being deleted, found new finalizers []string{${
          added.map((name) => `"${name}"`).join(", ")
        }}`,
      );
      // Kubernetes checks this twice and says so twice.
      causes.push(cause, cause);
    }
  }
  return causes;
}

/** "field is immutable" where two values differ. */
export function immutable(field: string, value: Json | undefined, old: Json | undefined): Cause[] {
  return jsonEqual(value, old) ? [] : [invalidValue(field, value, "field is immutable")];
}
