import type { Json, KubeObject } from "../json.ts";
import type { ResourceType } from "../resource_type.ts";
export function builtinCells(_type: ResourceType, object: KubeObject, _now: Date): Json[] {
  return [object.metadata.name!];
}
