/** Which objects a pass has to read: those that are built, and those that must be absent. */

import type { KubeObject } from "../../kubernetes/types.gen.ts";
import type { DesiredCluster } from "../desired/cluster.ts";
import { describeRef, type ObjectRef, refOf } from "../../ports/requests.ts";
import { RESOURCES } from "../../ports/resources.gen.ts";
import { refTo } from "../../ports/typed.ts";

/** Every object that `desired` names, each once. */
export function refsOf(desired: DesiredCluster): ObjectRef[] {
  const objects: (KubeObject | undefined)[] = [
    desired.serviceAccount,
    desired.roleBinding,
    desired.services.primary,
    desired.services.replica,
    desired.endpoints,
    desired.statefulSet,
    desired.disruptionBudgets.primary,
    desired.disruptionBudgets.criticalOperation,
    desired.logicalBackup,
    ...desired.poolers.flatMap(({ deployment, service }) => [deployment, service]),
  ];
  const secrets = [
    ...desired.credentials.map(({ secret }) => secret),
    ...desired.poolers.map(({ authSecret: { namespace = "", name = "" } }) => ({
      namespace,
      name,
    })),
  ].map((secret) => refTo(RESOURCES.Secret, secret));
  const refs = [
    ...objects.flatMap((object) => object === undefined ? [] : [refOf(object)]),
    ...secrets,
    ...desired.patroniObjects.refs,
    ...desired.absent,
  ];
  return [...new Map(refs.map((ref) => [describeRef(ref), ref])).values()];
}
