/** `kubectl pg status`: one screen, each part by itself. */

import type { CronJob, Deployment, Secret, StatefulSet } from "../../kubernetes/types.gen.ts";
import { known, unknown } from "../../ports/observation.ts";
import { RESOURCES } from "../../ports/resources.gen.ts";
import type { Postgresql } from "../../api/types.gen.ts";
import { ownValue } from "../../lib/own_value.ts";
import { attempt, readCluster, readObject, readPods } from "../read.ts";
import type { Session } from "../session.ts";
import { certificateOf } from "./certificate.ts";
import { statusText } from "./text.ts";
import { membersOf, type StatusParts } from "./view.ts";

/** Labels that the configuration may give other names; these are what they are called unasked. */
const ROLE_LABEL = "spilo-role";

/** Reads everything that the screen shows. */
export async function readStatus(session: Session, name: string): Promise<StatusParts> {
  const cr = await readCluster(session, name);
  const { namespace } = session;
  const set = await readObject<StatefulSet>(session, RESOURCES.StatefulSet, { namespace, name });
  const selector = set.known ? set.value?.spec?.selector?.matchLabels : undefined;
  const [pods, cronJobs, poolers, certificate] = await Promise.all([
    readPods(session, cr, selector),
    ofCluster<CronJob>(session, RESOURCES.CronJob, selector),
    ofCluster<Deployment>(session, RESOURCES.Deployment, selector),
    readCertificate(session, cr),
  ]);
  return { cr, pods, cronJobs, poolers, certificate, roleLabel: ROLE_LABEL };
}

/** Objects of a kind that carry the labels of the cluster, the application apart. */
function ofCluster<T>(
  { kube, namespace, signal }: Session,
  kind: { readonly apiVersion: string; readonly kind: string },
  selector: Readonly<Record<string, string>> | undefined,
) {
  return attempt(async () => {
    const { application: _spilo, ...labels } = selector ?? {};
    if (Object.keys(labels).length === 0) return [];
    const { items } = await kube.list(kind, { namespace, signal });
    return items.filter(({ metadata }) =>
      Object.entries(labels).every(([key, value]) => ownValue(metadata.labels, key) === value)
    ) as unknown as T[];
  });
}

async function readCertificate(
  session: Session,
  { spec, metadata: { namespace = "" } }: Postgresql,
): Promise<StatusParts["certificate"]> {
  const { secretName, certificateFile = "tls.crt" } = spec.tls ?? {};
  if (secretName === undefined || secretName === "") return known(undefined);
  const secret = await readObject<Secret>(session, RESOURCES.Secret, {
    namespace,
    name: secretName,
  });
  if (!secret.known) return secret;
  const { value } = secret;
  if (value === undefined) return unknown(`there is no Secret ${namespace}/${secretName}`);
  return await attempt(() => Promise.resolve().then(() => certificateOf(value, certificateFile)));
}

/** Prints the screen, or the same as data. */
export async function showStatus(
  session: Session,
  name: string,
  print: (value: unknown) => boolean,
): Promise<number> {
  const parts = await readStatus(session, name);
  if (!print(statusData(parts))) {
    session.terminal.print(statusText(parts, session.now()));
  }
  return 0;
}

/** Fields are added, never renamed. */
function statusData({ cr, pods, cronJobs, poolers, certificate, roleLabel }: StatusParts) {
  return {
    cluster: `${cr.metadata.namespace}/${cr.metadata.name}`,
    word: cr.status?.PostgresClusterStatus ?? "",
    generation: cr.metadata.generation,
    observedGeneration: cr.status?.observedGeneration,
    conditions: cr.status?.conditions ?? [],
    requests: cr.status?.requests ?? [],
    restarts: cr.status?.restarts ?? [],
    backups: cr.status?.backups,
    members: pods.known ? membersOf(pods.value, roleLabel) : { unknown: pods.reason },
    logicalBackups: cronJobs.known
      ? cronJobs.value.map(({ metadata, spec, status }) => ({
        name: metadata.name,
        schedule: spec?.schedule,
        lastSuccessfulTime: status?.lastSuccessfulTime,
        lastScheduleTime: status?.lastScheduleTime,
      }))
      : { unknown: cronJobs.reason },
    poolers: poolers.known
      ? poolers.value.map(({ metadata, spec, status }) => ({
        name: metadata.name,
        replicas: spec?.replicas,
        ready: status?.readyReplicas ?? 0,
      }))
      : { unknown: poolers.reason },
    certificate: certificate.known ? certificate.value : { unknown: certificate.reason },
  };
}
