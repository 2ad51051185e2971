/** JSON patch (RFC 6902) with the errors of the Go library that Kubernetes uses. */
import { ApiError, badRequest } from "../../model/api_error.ts";
import { isObject, type Json, jsonEqual, type JsonObject } from "../../model/json.ts";

function pointer(path: Json | undefined): string[] {
  if (typeof path !== "string" || (path !== "" && !path.startsWith("/"))) {
    throw unprocessable(`add operation does not apply: doc is missing path: "${String(path)}"`);
  }
  return path.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Kubernetes keeps to itself which operation failed and why. */
function unprocessable(_why: string): ApiError {
  return new ApiError(
    422,
    "Invalid",
    "the server rejected our request due to an error in our request",
    { details: {} },
  );
}

function missing(operation: string, path: string): ApiError {
  return unprocessable(`${operation} operation does not apply: doc is missing path: ${path}`);
}

function child(container: Json | undefined, key: string): Json | undefined {
  if (Array.isArray(container)) return container[index(container, key, false)];
  return isObject(container) ? container[key] : undefined;
}

function index(list: Json[], key: string, insert: boolean): number {
  if (insert && key === "-") return list.length;
  const number = Number(key);
  if (!/^-?\d+$/.test(key)) return -1;
  return number < 0 ? list.length + number : number;
}

function lookup(document: Json, path: string[]): Json | undefined {
  return path.reduce<Json | undefined>(child, document);
}

function addAt(document: Json, path: string[], value: Json, text: string): Json {
  if (path.length === 0) return value;
  const container = lookup(document, path.slice(0, -1));
  const key = path.at(-1)!;
  if (Array.isArray(container)) {
    const at = index(container, key, true);
    if (at < 0 || at > container.length) throw missing("add", text);
    container.splice(at, 0, value);
  } else if (isObject(container)) {
    container[key] = value;
  } else {
    throw missing("add", text);
  }
  return document;
}

function removeAt(document: Json, path: string[], text: string): void {
  const container = lookup(document, path.slice(0, -1));
  const key = path.at(-1) ?? "";
  if (Array.isArray(container)) {
    const at = index(container, key, false);
    if (at < 0 || at >= container.length) throw missing("remove", text);
    container.splice(at, 1);
  } else if (isObject(container) && container[key] !== undefined) {
    delete container[key];
  } else {
    throw missing("remove", text);
  }
}

function replaceAt(document: Json, path: string[], value: Json, text: string): Json {
  if (path.length === 0) return value;
  const container = lookup(document, path.slice(0, -1));
  const key = path.at(-1)!;
  if (Array.isArray(container)) {
    const at = index(container, key, false);
    if (at < 0 || at >= container.length) throw missing("replace", text);
    container[at] = value;
  } else if (isObject(container) && container[key] !== undefined) {
    container[key] = value;
  } else {
    throw missing("replace", text);
  }
  return document;
}

function applyOperation(document: Json, operation: JsonObject): Json {
  const text = String(operation["path"]);
  const path = pointer(operation["path"]);
  const value = structuredClone(operation["value"] ?? null);
  switch (operation["op"]) {
    case "add":
      return addAt(document, path, value, text);
    case "remove":
      removeAt(document, path, text);
      return document;
    case "replace":
      return replaceAt(document, path, value, text);
    case "test":
      if (!jsonEqual(lookup(document, path) ?? null, value)) {
        throw unprocessable(`testing value ${text} failed: test failed`);
      }
      return document;
    case "copy":
    case "move": {
      const from = pointer(operation["from"]);
      const moved = lookup(document, from);
      if (moved === undefined) throw missing(operation["op"], String(operation["from"]));
      if (operation["op"] === "move") removeAt(document, from, String(operation["from"]));
      return addAt(document, path, structuredClone(moved), text);
    }
    default:
      throw badRequest(`Unexpected kind: ${String(operation["op"])}`);
  }
}

/** The document after all operations. @throws ApiError 422 when one does not apply, 400 when malformed. */
export function jsonPatch(document: Json, patch: Json): Json {
  if (!Array.isArray(patch)) {
    throw badRequest(
      "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
    );
  }
  let result = structuredClone(document);
  for (const operation of patch) {
    if (!isObject(operation)) throw badRequest("error decoding patch: operation is not an object");
    result = applyOperation(result, operation);
  }
  return result;
}
