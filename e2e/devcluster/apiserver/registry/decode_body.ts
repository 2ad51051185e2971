/** Request body to object: kind and version checked, unknown fields dropped or refused as asked. */
import { badRequest } from "../model/api_error.ts";
import { decodeCustom } from "./custom_resources/decode.ts";
import { isObject, type Json, type JsonObject, type KubeObject } from "../model/json.ts";
import { decodeBuiltin, type Decoded } from "../kubernetes/decode.ts";
import { groupVersion, type ResourceType } from "../model/resource_type.ts";
import type { Write } from "./write_request.ts";

/** Decodes a body as an object of the written resource. @throws ApiError 400 where it cannot be one. */
export function decodeBody(write: Write, body: JsonObject): KubeObject {
  const { type } = write;
  const apiVersion = groupVersion(type);
  const given = { apiVersion: body["apiVersion"] || apiVersion, kind: body["kind"] || type.kind };
  if (type.custom && (!body["apiVersion"] || !body["kind"])) {
    throw badRequest(`Object 'Kind' is missing in '${JSON.stringify(body).slice(0, 200)}'`);
  }
  if (given.apiVersion !== apiVersion || given.kind !== type.kind) {
    throw badRequest(mismatch(type, given.apiVersion, given.kind));
  }
  const object: JsonObject = { ...body, ...given };
  if (
    object["metadata"] !== undefined && object["metadata"] !== null && !isObject(object["metadata"])
  ) {
    throw badRequest(
      `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: metadata`,
    );
  }
  object["metadata"] ??= {};
  const decoded = type.custom ? decodeCustom(object, type) : decodeBuiltin(object, type.schema);
  reportUnknown(write, decoded);
  return decoded.object as KubeObject;
}

function mismatch(type: ResourceType, apiVersion: Json, kind: Json): string {
  if (type.custom || kind === type.kind) {
    return `the API version in the data (${
      String(apiVersion)
    }) does not match the expected API version ` +
      `(${groupVersion(type)})`;
  }
  const version = String(apiVersion).split("/").at(-1);
  const internal = type.group.split(".")[0] || "core";
  return `${
    String(kind)
  } in version "${version}" cannot be handled as a ${type.kind}: converting ` +
    `(${version}.${String(kind)}) to (${internal}.${type.kind}): unknown conversion`;
}

function reportUnknown(write: Write, decoded: Decoded): void {
  if (decoded.unknown.length === 0 || write.fieldValidation === "Ignore") return;
  const { type } = write;
  const paths = type.custom ? decoded.unknown.toSorted() : decoded.unknown;
  const texts = paths.map((path) => `unknown field "${path}"`);
  if (write.fieldValidation === "Warn") {
    write.warnings.push(...texts);
    return;
  }
  throw badRequest(
    `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: strict decoding ` +
      `error: ${texts.join(", ")}`,
  );
}
