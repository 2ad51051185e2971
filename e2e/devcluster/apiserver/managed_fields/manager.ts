import type { KubeObject } from "../json.ts";
import type { Write } from "../write.ts";
export interface TrackedWrite extends Write {
  object: KubeObject;
  current?: KubeObject;
  subresource: string;
}
export function trackUpdate(write: TrackedWrite): KubeObject {
  return write.object;
}
