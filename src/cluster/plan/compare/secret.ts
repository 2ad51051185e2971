/**
 * Compares Secrets: what surrounds credentials, and the user list of a pooler. Values never show up
 * in a difference.
 *
 * Zalando: pkg/cluster/sync.go, updateSecret; pkg/cluster/connection_pooler.go,
 * syncConnectionPoolerWorker
 */

import type { ObjectMeta, Secret } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import { RESOURCES } from "../../../ports/resources.gen.ts";
import { decodeBase64 } from "../../../lib/base64.ts";
import { Sensitive } from "../../../lib/sensitive.ts";
import { sameUserList } from "./user_list.ts";
import type { Difference } from "./difference.ts";
import { fieldPath } from "./difference.ts";
import { compareMetadata } from "./metadata.ts";
import { ownValue } from "../../../lib/own_value.ts";

/** Key of the user list in a pooler's Secret. */
export const USER_LIST_KEY = "userlist.txt";

/**
 * What surrounds a credential Secret and is not as it should be. Labels are set only when a Secret
 * is made. One that others made gets no owner, and keeps those that it has: they would otherwise lose
 * it, or the garbage collector would take it along with the cluster.
 */
export function compareCredentialMetadata(
  desired: ObjectMeta,
  observed: ObjectMeta,
  config: Config,
): Difference[] {
  const differences = compareMetadata(desired, observed, {
    config,
    labels: "leave",
    stale: "leave",
  });
  const cluster = ownValue(desired.labels, config.clusterNameLabel);
  return carries(observed.labels, cluster, config) && !hasStrangeController(desired, observed)
    ? differences
    : differences.filter(({ path }) => path !== "metadata.ownerReferences");
}

/** True for a Secret that somebody else keeps, such as a controller of external Secrets. */
function hasStrangeController(desired: ObjectMeta, observed: ObjectMeta): boolean {
  const controller = observed.ownerReferences?.find(({ controller }) => controller === true);
  if (controller === undefined || controller.kind === RESOURCES.Postgresql.kind) return false;
  return desired.ownerReferences?.some(({ uid }) => uid === controller.uid) !== true;
}

/** What of a pooler's user list is not as it should be. */
export function compareUserList(
  desired: { readonly metadata: ObjectMeta; readonly userList: Sensitive },
  observed: Secret,
  config: Config,
): Difference[] {
  const metadata = compareMetadata(desired.metadata, observed.metadata, {
    config,
    labels: "keep",
    stale: "leave",
  });
  if (holdsUserList(observed, desired.userList)) return metadata;
  return [...metadata, {
    path: fieldPath("data", USER_LIST_KEY),
    desired: desired.userList,
    observed: undefined,
    effect: "patch",
    sensitive: true,
  }];
}

/** True for a Secret with this list of users, in any order. */
export function holdsUserList(secret: Secret, list: Sensitive): boolean {
  const present = decodeBase64(secret.data?.[USER_LIST_KEY] ?? "");
  return present !== undefined && sameUserList(new Sensitive(present), list);
}

function carries(
  labels: Readonly<Record<string, string>> | undefined,
  cluster: string | undefined,
  config: Config,
): boolean {
  return cluster !== undefined && ownValue(labels, config.clusterNameLabel) === cluster;
}
