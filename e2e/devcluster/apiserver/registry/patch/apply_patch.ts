/** PATCH: the four kinds of patch on one object. */
import { ApiError, badRequest, notFound, unsupportedMediaType } from "../../model/api_error.ts";
import { decodeBody } from "../decode_body.ts";
import { isObject, type Json, type JsonObject, type KubeObject } from "../../model/json.ts";
import { serverSideApply } from "./server_side_apply.ts";
import { subjectOf } from "../../model/resource_type.ts";
import type { Schema } from "../../model/schema.ts";
import { updateObject } from "../write.ts";
import type { Write } from "../write_request.ts";
import { jsonPatch } from "./json_patch.ts";
import { mergePatch } from "./merge_patch.ts";
import { strategicMerge } from "./strategic_merge.ts";
import { present } from "../versions.ts";
import type { PatchRequest } from "./request.ts";

const KINDS = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
];

/** A document with a patch of any kind but apply; without a schema, strategic is merge. */
export function applyPatchTo(
  target: JsonObject,
  request: { contentType: string; patch: Json },
  schema: Schema = {},
): JsonObject {
  const { patch } = request;
  let result: Json;
  if (request.contentType === "application/json-patch+json") {
    result = jsonPatch(target, patch);
  } else if (!isObject(patch)) {
    throw badRequest(
      "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
    );
  } else if (request.contentType === "application/merge-patch+json") {
    result = mergePatch(target, patch);
  } else {
    result = strategicMerge(target, patch, schema);
  }
  if (!isObject(result)) throw badRequest("the patch does not leave an object");
  return structuredClone(result);
}

function patched(write: Write, request: PatchRequest, current: KubeObject): KubeObject {
  const target = present(write.type, current);
  return decodeBody(write, applyPatchTo(target, request, write.type.schema));
}

/** Applies a patch. @throws ApiError 400, 404, 409, 415, 422. */
export function applyPatch(
  write: Write,
  request: PatchRequest,
): { object: KubeObject; created: boolean } {
  const { type } = write;
  if (!KINDS.includes(request.contentType) || (type.custom && request.contentType === KINDS[2])) {
    if (!KINDS.includes(request.contentType)) {
      throw new ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {
        details: {},
      });
    }
    const accepted = KINDS.filter((kind) => kind !== KINDS[2]);
    throw unsupportedMediaType(
      `the body of the request was in an unknown format - accepted media types include: ${
        accepted.join(", ")
      }`,
    );
  }
  if (request.contentType === KINDS[3]) return serverSideApply(write, request);
  if (request.force) {
    throw new ApiError(
      422,
      "Invalid",
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    );
  }
  const { name, subresource } = request;
  if (!write.store.get(type.storageKey, write.namespace || undefined, name)) {
    throw notFound(subjectOf(type, name));
  }
  const change = (current: KubeObject) => patched(write, request, current);
  return {
    object: updateObject(write, { name, subresource, change, patched: true }),
    created: false,
  };
}
