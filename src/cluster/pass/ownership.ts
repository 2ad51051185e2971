/** Which operator a manifest belongs to, and which manifests may meet in other namespaces. */

import type { Postgresql } from "../../api/types.gen.ts";
import { validate, type ValidationSettings } from "../../api/validate.ts";
import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { CONTROLLER_ANNOTATION } from "../effective/controller.ts";

/**
 * True when the manifest names this operator, or names none and this one has no id.
 * Zalando: pkg/controller/util.go, hasOwnership
 */
export function owns(controllerId: string, object: KubeObject): boolean {
  return (object.metadata.annotations?.[CONTROLLER_ANNOTATION] ?? "") === controllerId;
}

/** Manifests that have the name of another one in other namespaces, as far as they can be used. */
export function namesakesOf(
  manifests: readonly Postgresql[],
  of: { readonly namespace: string; readonly name: string },
  settings: ValidationSettings,
): readonly Postgresql[] {
  const others = manifests.filter(({ metadata }) =>
    metadata.name === of.name && metadata.namespace !== of.namespace
  );
  return usable(others, settings);
}

/** Those of some manifests that roles can be made of. */
export function usable(
  manifests: readonly Postgresql[],
  settings: ValidationSettings,
): readonly Postgresql[] {
  return manifests.filter((cr) => validate(cr, settings).length === 0);
}
