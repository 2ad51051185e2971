import { unknownResource } from "./api_error.ts";
import type { ResourceRequest } from "./resource_handler.ts";
export function handleSubresource(_request: ResourceRequest): Promise<Response> {
  throw unknownResource();
}
