/** Where a expected pass reads from: the documents of files, and behind them a live cluster. */

import type { KubeObject, Pod } from "../kubernetes/types.gen.ts";
import type { KubeReader, PatroniApi, PatroniMember } from "../ports/ports.ts";
import { typedReader } from "../ports/client.gen.ts";
import { describeRef, type PodRef, refOf } from "../ports/requests.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import { refTo } from "../ports/typed.ts";
import { isMember, roleOf } from "../cluster/observed/pods.ts";
import type { Config } from "../config/config.ts";
import { startedVersion } from "./simulated/patroni.ts";
import { known, type Observation } from "../ports/observation.ts";
import { ownValue } from "../lib/own_value.ts";

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
        ownValue(metadata.labels, clusterNameLabel) === query.cluster
      );
      const others = await live?.listOfCluster(query, signal) ?? known([]);
      if (!others.known) return others;
      const left = others.value.filter((object) => !found.has(describeRef(refOf(object))));
      return known([...structuredClone(ours), ...left]);
    },
  };
}

/** A value that has to be there. @throws where it is unknown or absent */
function present<T>(read: Observation<T | undefined>, described: string): T {
  if (!read.known) throw new Error(read.reason);
  if (read.value === undefined) throw new Error(`${described} does not exist`);
  return read.value;
}

/**
 * What Patroni keeps in Kubernetes: its dynamic configuration in an annotation of `<cluster>-config`,
 * the state of each member in one of its pod. So no pod has to be reachable; with etcd as the store
 * nothing is there to be read.
 */
export function storedPatroni(reader: KubeReader, config: Config): Omit<PatroniApi, "send"> {
  const { configMaps, endpoints, pods } = typedReader(reader);
  const clusterOf = ({ name }: PodRef) => name.replace(/-\d+$/, "");
  return {
    async getConfig(pod, signal) {
      const [store, resource] = config.kubernetesUseConfigmaps
        ? [configMaps, RESOURCES.ConfigMap]
        : [endpoints, RESOURCES.Endpoints];
      const name = { namespace: pod.namespace, name: `${clusterOf(pod)}-config` };
      const described = describeRef(refTo(resource, name));
      const read: Observation<KubeObject | undefined> = await store.read(name, signal);
      const { metadata } = present(read, described);
      const text = metadata.annotations?.["config"];
      if (text === undefined) throw new Error(`${described} holds no configuration`);
      return JSON.parse(text);
    },
    async getCluster(pod, signal) {
      const ours = { namespace: pod.namespace, cluster: clusterOf(pod) };
      const members = await pods.ofCluster(ours, signal);
      if (!members.known) throw new Error(members.reason);
      return members.value.filter((one) => isMember(one, config.podRoleLabel))
        .map((one) => memberOf(one, config.podRoleLabel));
    },
    async getMember({ namespace, name }, signal) {
      const read = await pods.read({ namespace, name }, signal);
      const pod = present(read, describeRef(refTo(RESOURCES.Pod, { namespace, name })));
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
