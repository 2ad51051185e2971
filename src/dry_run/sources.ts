/** Where a foreseen pass reads from: the documents of files, and behind them a live cluster. */

import type { KubeObject, Pod } from "../kubernetes/types.gen.ts";
import type { KubeReader, PatroniApi, PatroniMember } from "../ports/ports.ts";
import { describeRef, type ObjectRef, type PodRef, refOf } from "../ports/requests.ts";
import { isMember, roleOf } from "../cluster/observed/pods.ts";
import type { Config } from "../config/config.ts";
import { startedVersion } from "./simulated/patroni.ts";
import { known } from "../ports/observation.ts";

/** A reader of `documents`; what none of them is comes from `live`, or does not exist. */
export function documentReader(
  documents: readonly KubeObject[],
  live: KubeReader | undefined,
  clusterNameLabel: string,
): KubeReader {
  const found = new Map(documents.map((object) => [describeRef(refOf(object)), object]));
  return {
    async read(ref, signal) {
      const document = found.get(describeRef(ref));
      if (document !== undefined) return known(structuredClone(document));
      return await live?.read(ref, signal) ?? known(undefined);
    },
    async listOfCluster(query, signal) {
      const ours = documents.filter(({ kind, metadata }) =>
        kind === query.kind && metadata.namespace === query.namespace &&
        metadata.labels?.[clusterNameLabel] === query.cluster
      );
      const others = await live?.listOfCluster(query, signal) ?? known([]);
      if (!others.known) return others;
      const left = others.value.filter((object) => !found.has(describeRef(refOf(object))));
      return known([...structuredClone(ours), ...left]);
    },
  };
}

/**
 * What Patroni keeps in Kubernetes: its dynamic configuration in an annotation of `<cluster>-config`,
 * the state of each member in one of its pod. So no pod has to be reachable; with etcd as the store
 * nothing is there to be read.
 */
export function storedPatroni(reader: KubeReader, config: Config): Omit<PatroniApi, "send"> {
  const clusterOf = ({ name }: PodRef) => name.replace(/-\d+$/, "");
  const read = async (ref: ObjectRef, signal: AbortSignal): Promise<KubeObject> => {
    const found = await reader.read(ref, signal);
    if (!found.known) throw new Error(found.reason);
    if (found.value === undefined) throw new Error(`${describeRef(ref)} does not exist`);
    return found.value;
  };
  const podOf = async ({ namespace, name }: PodRef, signal: AbortSignal) =>
    await read({ apiVersion: "v1", kind: "Pod", namespace, name }, signal) as Pod;
  return {
    async getConfig(pod, signal) {
      const kind = config.kubernetesUseConfigmaps ? "ConfigMap" : "Endpoints";
      const name = `${clusterOf(pod)}-config`;
      const ref = { apiVersion: "v1", kind, namespace: pod.namespace, name };
      const object = await read(ref, signal);
      const text = object.metadata.annotations?.["config"];
      if (text === undefined) throw new Error(`${describeRef(ref)} holds no configuration`);
      return JSON.parse(text);
    },
    async getCluster(pod, signal) {
      const query = { apiVersion: "v1", kind: "Pod", namespace: pod.namespace };
      const pods = await reader.listOfCluster({ ...query, cluster: clusterOf(pod) }, signal);
      if (!pods.known) throw new Error(pods.reason);
      const members = pods.value as Pod[];
      return members.filter((one) => isMember(one, config.podRoleLabel))
        .map((one) => memberOf(one, config.podRoleLabel));
    },
    async getMember(ref, signal) {
      const pod = await podOf(ref, signal);
      const state = memberStatus(pod);
      // Nobody but Patroni knows the version of the data: what the pod was started for is likeliest.
      const serverVersion = startedVersion(pod);
      return {
        state: String(state["state"] ?? "running"),
        role: String(state["role"] ?? ""),
        pendingRestart: state["pending_restart"] === true,
        ...(serverVersion === undefined ? {} : { serverVersion }),
      };
    },
  };
}

function memberOf(pod: Pod, roleLabel: string): PatroniMember {
  const leads = roleOf(pod, roleLabel) === "primary";
  return {
    name: pod.metadata.name ?? "",
    role: leads ? "leader" : "replica",
    state: String(memberStatus(pod)["state"] ?? "running"),
  };
}

function memberStatus(pod: Pod): Record<string, unknown> {
  try {
    return JSON.parse(pod.metadata.annotations?.["status"] ?? "{}");
  } catch {
    return {};
  }
}
