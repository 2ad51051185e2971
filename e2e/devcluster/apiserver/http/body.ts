/** Request bodies: JSON, YAML and the protobuf that kubectl and helm send for some kinds. */
import { parse } from "yaml";
import { badRequest, unsupportedMediaType } from "../model/api_error.ts";
import { isObject, type Json, type JsonObject } from "../model/json.ts";
import { decodeProtobuf } from "./protobuf.ts";

const LIMIT = 3 * 1024 * 1024;

/** Parses the body by its content type; an empty body is an empty object. @throws ApiError 400, 415. */
export async function readBody(request: Request): Promise<Json> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length === 0) return {};
  if (bytes.length > LIMIT) {
    throw badRequest("Request entity too large: limit is 3145728");
  }
  const type = (request.headers.get("content-type") ?? "application/json").split(";")[0]!.trim();
  if (type === "application/vnd.kubernetes.protobuf") return decodeProtobuf(bytes);
  const text = new TextDecoder().decode(bytes);
  if (/[/+]yaml$/.test(type)) return parseYaml(text);
  if (/[/+]json$/.test(type) || type === "*/*") return parseJson(text);
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ` +
      `application/json, application/yaml, application/vnd.kubernetes.protobuf`,
  );
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${(error as Error).message}`);
  }
}

function parseYaml(text: string): Json {
  try {
    return parse(text);
  } catch (error) {
    throw badRequest(`yaml: ${(error as Error).message}`);
  }
}

/** The body as an object. @throws ApiError 400. */
export function objectBody(body: Json): JsonObject {
  if (!isObject(body)) throw badRequest("couldn't get version/kind; json: not an object");
  return body;
}
