import { unsupportedMediaType } from "../api_error.ts";
import type { KubeObject } from "../json.ts";
import type { PatchRequest } from "../patch/apply_patch.ts";
import type { Write } from "../write.ts";
export function serverSideApply(
  _w: Write,
  _r: PatchRequest,
): { object: KubeObject; created: boolean } {
  throw unsupportedMediaType("apply");
}
