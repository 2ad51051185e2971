import { unsupportedMediaType } from "./api_error.ts";
import type { JsonObject } from "./json.ts";
export function decodeProtobuf(_bytes: Uint8Array): JsonObject {
  throw unsupportedMediaType("protobuf");
}
