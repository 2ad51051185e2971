/** Kubernetes with the rights of whoever asks: each user has a client of their own. */

import type { KubeClient } from "../clients/kube/client.ts";
import type { KubeConnection } from "../clients/kube/connection/connection.ts";
import {
  createUserClient,
  type Rights,
  type UserClientTools,
} from "../clients/kube/user_client.ts";
import type { Identity } from "./identity.ts";

/** Makes clients over one connection, which carries no rights of its own in the mode `token`. */
export type KubeAccess = (identity: Identity) => KubeClient;

/** Makes the access. */
export function createKubeAccess(
  connection: KubeConnection,
  tools: Pick<UserClientTools, "logger" | "onRequest">,
): KubeAccess {
  return (identity) => createUserClient(connection, rightsOf(identity), tools);
}

function rightsOf(identity: Identity): Rights {
  switch (identity.kind) {
    case "token":
      return { kind: "token", token: identity.token };
    case "proxy":
      return { kind: "impersonated", user: identity.user, groups: identity.groups };
    case "teams":
      return { kind: "own" };
  }
}
