/** Reads custom resources: unknown fields dropped (and reported), defaults filled in. */
import { badRequest } from "../../model/api_error.ts";
import type { JsonObject } from "../../model/json.ts";
import { decodeBuiltin, type Decoded } from "../../kubernetes/decode.ts";
import type { ResourceType } from "../../model/resource_type.ts";
import { OBJECT_META, REF_PREFIX } from "../../model/schema.ts";
import { applyDefaults, prune } from "./structural.ts";

/** Decodes a custom resource by its version's schema. @throws ApiError 400 for malformed metadata. */
export function decodeCustom(object: JsonObject, type: ResourceType): Decoded {
  const unknown: string[] = [];
  const pruned = prune(structuredClone(object), type.schema, unknown) as JsonObject;
  pruned["metadata"] = decodeMetadata(pruned);
  applyDefaults(pruned, type.schema);
  return { object: pruned, unknown };
}

function decodeMetadata(object: JsonObject): JsonObject {
  const metadata = object["metadata"] as JsonObject;
  try {
    return decodeBuiltin(metadata, { $ref: REF_PREFIX + OBJECT_META }).object;
  } catch (error) {
    throw badRequest(
      `unable to decode "${String(object["kind"])}" metadata: ${
        (error as Error).message.replace(/^.*json: /, "json: ")
      }`,
    );
  }
}
