import { unknownResource } from "../api_error.ts";
import type { KubeObject } from "../json.ts";
import type { ResourceRequest } from "../resource_handler.ts";
export function relayToKubelet(_request: ResourceRequest, _pod: KubeObject): Promise<Response> {
  throw unknownResource();
}
