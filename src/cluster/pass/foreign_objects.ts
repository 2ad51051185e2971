/** Asks whose the names are that a cluster needs: of objects, and of manifests that come to them too. */

import type { Postgresql } from "../../api/types.gen.ts";
import type { Config } from "../../config/config.ts";
import { ownValue } from "../../lib/own_value.ts";
import type { KubeReader } from "../../ports/ports.ts";
import { RESOURCES } from "../../ports/resources.gen.ts";
import type { Namespaced } from "../../ports/typed.ts";
import { rivalNames } from "../desired/own_objects.ts";
import { observedOf } from "../observed/cluster.ts";
import { readRivals } from "../observed/read_rivals.ts";
import {
  type Claimant,
  foreignObjectsOf,
  isPodless,
  objectsOfRivals,
} from "../plan/steps/ownership.ts";
import type { ForeignObject } from "../plan/steps/foreign_object.ts";
import { usable } from "./ownership.ts";

interface OwnershipTools {
  readonly kube: KubeReader;
  readonly config: Config;
  /** Manifests of the same name in other namespaces, as far as they can be used. */
  readonly namesakes?: (of: Namespaced) => readonly Postgresql[];
}

/** Whoever has names of a cluster, or will have; a cluster without pods asks other manifests too. */
export async function foreignObjectsFor(
  { kube }: OwnershipTools,
  claimant: Claimant,
  signal: AbortSignal,
): Promise<readonly ForeignObject[]> {
  const present = foreignObjectsOf(claimant);
  if (!isPodless(claimant)) return present;
  const { namespace, name } = claimant.effective.identity;
  const rivals = await readRivals(kube, namespace, rivalNames(name), signal);
  if (!rivals.known) throw new Error(`whether another cluster has its names: ${rivals.reason}`);
  const told = new Set(present.map(({ reason }) => reason));
  const claimed = objectsOfRivals(claimant, rivals.value).filter(({ reason }) => !told.has(reason));
  return [...present, ...claimed];
}

/**
 * Manifests whose Secrets may meet those of a cluster: of the same name, where a Secret is in
 * another namespace, and those that a Secret of ours has the label of.
 */
export async function secretRivals(
  { kube, config, namesakes }: OwnershipTools,
  { cr, desired, observed }: Claimant,
  signal: AbortSignal,
): Promise<readonly Postgresql[]> {
  const { namespace = "", name = "" } = cr.metadata;
  const places = desired.credentials.map(({ secret }) => secret);
  const abroad = places.some((secret) => secret.namespace !== namespace);
  const labels = places.flatMap((secret) => {
    const found = observedOf(observed.objects, RESOURCES.Secret, secret);
    const labels = found.known ? found.value?.metadata.labels : undefined;
    return ownValue(labels, config.clusterNameLabel) ?? [];
  });
  const others = [...new Set(labels)].filter((label) => label !== name);
  const named = await readRivals(kube, namespace, others, signal);
  if (!named.known) throw new Error(`whose Secrets there are: ${named.reason}`);
  return [
    ...(abroad ? namesakes?.({ namespace, name }) ?? [] : []),
    ...usable(named.value, config),
  ];
}
