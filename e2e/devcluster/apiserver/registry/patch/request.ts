/** What a PATCH asks for. */
import type { Json } from "../../model/json.ts";

export interface PatchRequest {
  name: string;
  subresource: string;
  contentType: string;
  patch: Json;
  force: boolean;
  fieldManager: string;
}
