/** What passes ask of nodes, kept apart: to copy whole nodes in every pass would cost too much. */

import type { Caches } from "../clients/kube/caches/cache.ts";
import { nodeTraits } from "../cluster/observed/nodes.ts";
import type { Node } from "../kubernetes/types.gen.ts";
import { known, type Observation, unknown } from "../ports/observation.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import { isOf } from "../ports/typed.ts";

/** Follows the nodes that the caches see; unknown until they are listed, and where they may not be. */
export function followNodes(
  caches: Pick<Caches, "onChange" | "sizes">,
): () => Observation<readonly Node[]> {
  const nodes = new Map<string, Node>();
  caches.onChange(({ type, object }) => {
    if (!isOf(RESOURCES.Node, object)) return;
    const { name = "" } = object.metadata;
    if (type === "delete") nodes.delete(name);
    else nodes.set(name, nodeTraits(object));
  });
  return () => {
    const state = caches.sizes().find(({ kind }) => kind === "Node")?.state ?? "starting";
    return state === "synced"
      ? known([...nodes.values()])
      : unknown(`nodes cannot be followed: ${state}`);
  };
}
