/** Which operator a manifest belongs to. Zalando: pkg/controller/util.go, hasOwnership */

import type { KubeObject } from "../kubernetes/types.gen.ts";

const CONTROLLER_ANNOTATION = "acid.zalan.do/controller";

/** True when the manifest names this operator, or names none and this one has no id. */
export function owns(controllerId: string, object: KubeObject): boolean {
  return (object.metadata.annotations?.[CONTROLLER_ANNOTATION] ?? "") === controllerId;
}
