import type { JsonObject } from "../json.ts";
import type { Decoded } from "../kubernetes/decode.ts";
import type { ResourceType } from "../resource_type.ts";
export function decodeCustom(object: JsonObject, _type: ResourceType): Decoded {
  return { object: structuredClone(object), unknown: [] };
}
