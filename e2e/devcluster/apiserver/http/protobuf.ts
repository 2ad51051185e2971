/**
 * Request bodies in protobuf, which kubectl and helm send for built-in kinds. Field numbers come from
 * the recorded Go types, so every built-in kind can be read. Answers are always JSON.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
 */
import { badRequest } from "../model/api_error.ts";
import { isObject, type Json, type JsonObject } from "../model/json.ts";
import { schemaName, wireType } from "../kubernetes/builtin.ts";
import { definition, refName, resolve, type Schema } from "../model/schema.ts";

const MAGIC = [0x6b, 0x38, 0x73, 0x00];
const META = "io.k8s.apimachinery.pkg.apis.meta.v1.";

type Field = { number: number; value: bigint | Uint8Array };

function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let result = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw badRequest("unexpected EOF in protobuf body");
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    const wire = tag & 7;
    if (wire === 0) yield { number, value: varint() };
    else if (wire === 2) {
      const length = Number(varint());
      yield { number, value: bytes.subarray(at, at + length) };
      at += length;
    } else if (wire === 1 || wire === 5) {
      const size = wire === 1 ? 8 : 4;
      yield { number, value: bytes.slice(at, at + size) };
      at += size;
    } else throw badRequest(`protobuf wire type ${wire} is not known`);
  }
}

function text(value: Field["value"] | undefined): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : "";
}

function signed(value: Field["value"] | undefined): number {
  return typeof value === "bigint" ? Number(BigInt.asIntN(64, value)) : 0;
}

function byNumber(bytes: Uint8Array): Map<number, Field["value"]> {
  return new Map([...fields(bytes)].map(({ number, value }) => [number, value]));
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** Messages whose JSON form is not an object of their fields. */
const SPECIAL: Record<string, (bytes: Uint8Array) => Json> = {
  [`${META}Time`]: timeOf,
  [`${META}MicroTime`]: timeOf,
  [`${META}FieldsV1`]: (bytes) => JSON.parse(text(byNumber(bytes).get(1)) || "{}"),
  "io.k8s.apimachinery.pkg.runtime.RawExtension": (bytes) =>
    JSON.parse(text(byNumber(bytes).get(1)) || "{}"),
  "io.k8s.apimachinery.pkg.api.resource.Quantity": (bytes) => text(byNumber(bytes).get(1)),
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": (bytes) => {
    const parts = byNumber(bytes);
    return signed(parts.get(1)) === 1 ? text(parts.get(3)) : signed(parts.get(2));
  },
};

function timeOf(bytes: Uint8Array): Json {
  const parts = byNumber(bytes);
  const seconds = signed(parts.get(1));
  const nanos = signed(parts.get(2));
  if (seconds === 0 && nanos === 0) return null;
  // The zero time of Go is the year 1: it stands for "no time".
  if (seconds < -60_000_000_000) return null;
  const iso = new Date(seconds * 1000).toISOString();
  if (nanos === 0) return iso.replace(/\.\d+Z$/, "Z");
  return iso.replace(/\.\d+Z$/, `.${String(Math.floor(nanos / 1000)).padStart(6, "0")}Z`);
}

function fieldNames(type: string): Map<number, string> {
  return new Map(
    Object.entries(wireType(type)?.fields ?? {}).map(([name, [number]]) => [number, name]),
  );
}

/** Reads a message into `result`; embedded types share the object. */
function readMessage(
  bytes: Uint8Array,
  type: string,
  schema: Schema | undefined,
  result: JsonObject,
): JsonObject {
  const names = fieldNames(type);
  const inline = new Map(wireType(type)?.inline ?? []);
  for (const { number, value } of fields(bytes)) {
    const embedded = inline.get(number);
    const name = names.get(number);
    if (embedded && value instanceof Uint8Array) readMessage(value, embedded, schema, result);
    else if (name && schema?.properties?.[name]) {
      addField(result, name, value, schema.properties[name]);
    }
  }
  return result;
}

function addField(result: JsonObject, name: string, value: Field["value"], property: Schema): void {
  const schema = resolve(property);
  if (schema?.type === "array") {
    const list = (result[name] ??= []) as Json[];
    list.push(readValue(value, schema.items ?? {}));
  } else if (
    schema?.type === "object" && schema.additionalProperties && value instanceof Uint8Array
  ) {
    const entry = byNumber(value);
    const map = (result[name] ??= {}) as JsonObject;
    const inner = typeof schema.additionalProperties === "object"
      ? schema.additionalProperties
      : {};
    map[text(entry.get(1))] = readValue(entry.get(2) ?? new Uint8Array(), inner);
  } else {
    result[name] = readValue(value, property);
  }
}

function readValue(value: Field["value"], property: Schema): Json {
  const name = refName(property);
  if (name && SPECIAL[name] && value instanceof Uint8Array) return SPECIAL[name](value);
  const schema = resolve(property);
  if (typeof value === "bigint") return schema?.type === "boolean" ? value !== 0n : signed(value);
  switch (schema?.type) {
    case "string":
      return schema.format === "byte" ? base64(value) : text(value);
    case "number":
      return new DataView(value.buffer, value.byteOffset).getFloat64(0, true);
    case "object":
      return name ? readMessage(value, name, definition(name), {}) : {};
    default:
      return text(value);
  }
}

/** The JSON form of a protobuf body. @throws ApiError 400 for what is not one. */
export function decodeProtobuf(bytes: Uint8Array): JsonObject {
  if (!MAGIC.every((byte, index) => bytes[index] === byte)) {
    throw badRequest(
      "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]",
    );
  }
  const envelope = byNumber(bytes.subarray(4));
  const meta = byNumber(envelope.get(1) as Uint8Array ?? new Uint8Array());
  const apiVersion = text(meta.get(1));
  const kind = text(meta.get(2));
  const raw = envelope.get(2);
  const name = kind === "DeleteOptions" ? `${META}DeleteOptions` : schemaName(apiVersion, kind);
  if (!name) throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}"`);
  const object = readMessage(
    raw instanceof Uint8Array ? raw : new Uint8Array(),
    name,
    definition(name),
    {},
  );
  return isObject(object) ? { ...object, apiVersion, kind } : { apiVersion, kind };
}
