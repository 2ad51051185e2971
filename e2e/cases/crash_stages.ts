/** The stages of which crash runs are made. */
import type { KubeObject, Pod } from "../../src/kubernetes/types.gen.ts";
import type { Guard, Scene, Stage } from "../support/crash_run.ts";
import {
  imageOf,
  isReady,
  isRunning,
  manifestOf,
  MINIMAL,
  minimalCluster,
  podsOf,
  roleOf,
} from "./clusters.ts";

/** A new cluster, with other values of its spec than the example's. */
export function creation(spec: Readonly<Record<string, unknown>> = {}): Stage {
  return {
    name: "creation",
    act: async ({ cluster, namespace }) => {
      await cluster.create(minimalCluster(namespace, spec));
    },
    ended: (scene) => isRunning(scene),
  };
}

/** A cluster is taken down. */
export function deletion(mode: "with finalizer" | "without finalizer"): Stage {
  return {
    name: `deletion ${mode}`,
    act: async (scene) => {
      const manifest = manifestOf(scene);
      if (manifest === undefined) throw new Error(`cannot delete ${MINIMAL}: it is not there`);
      await scene.cluster.delete(manifest as unknown as KubeObject);
    },
    ended: ({ cluster, namespace }) =>
      cluster.view.all(namespace).every(({ metadata }) =>
        metadata.labels?.["cluster-name"] !== MINIMAL && metadata.name !== MINIMAL
      ),
    ...(mode === "without finalizer" ? { startsUnseen: true as const } : {}),
  };
}

/** Another number of pods. */
export function scale(instances: number): Stage {
  return {
    name: `scale to ${instances}`,
    act: (scene) => change(scene, { numberOfInstances: instances }),
    ended: (scene) => isRunning(scene) && podsOf(scene).filter(isReady).length === instances,
  };
}

/** Another image, which takes a restart of every pod. */
export function imageChange(image: string): Stage {
  return {
    name: "image change",
    act: (scene) => change(scene, { dockerImage: image }),
    ended: (scene) =>
      isRunning(scene) && podsOf(scene).every((pod) => isReady(pod) && imageOf(pod) === image),
    guard: primariesStay,
    tolerance: { primary: "any" },
  };
}

async function change(scene: Scene, spec: Readonly<Record<string, unknown>>): Promise<void> {
  await scene.cluster.patch(minimalCluster(scene.namespace), { spec });
}

/** No primary is deleted while another pod could have taken over. */
export function primariesStay({ cluster, namespace }: Scene): Guard {
  const violations: string[] = [];
  const ending = new Set<string>();
  const stop = cluster.view.onChange(({ type, object }) => {
    if (object.kind !== "Pod" || object.metadata.namespace !== namespace) return;
    const { uid = "", name, deletionTimestamp } = object.metadata;
    if (ending.has(uid) || (type === "apply" && deletionTimestamp === undefined)) return;
    ending.add(uid);
    if (roleOf(object) !== "master") return;
    const others = podsOf({ cluster, namespace }).filter((pod: Pod) =>
      pod.metadata.uid !== uid && isReady(pod) && roleOf(pod) === "replica"
    );
    if (others.length === 0) return;
    violations.push(`primary ${name} was deleted while ${others[0]?.metadata.name} was ready`);
  });
  return { violations, stop };
}
