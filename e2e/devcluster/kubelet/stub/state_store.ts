/**
 * The Kubernetes objects in which Patroni keeps a cluster's state (stub runtime): annotations of
 * `<scope>-config` and of `<scope>-leader` (ConfigMaps) or `<scope>` (Endpoints, whose subset is
 * the leader's address).
 */
import { alreadyExists, ApiError, type KubeClient } from "../../client/client.ts";
import { configMaps, endpoints, type Resource, services } from "../../client/resources.ts";
import type { KubeObject } from "../../objects/meta.ts";
import type { Config } from "./dynamic_config.ts";
import type { Spilo } from "./spilo.ts";

export interface StateStore {
  /** The configuration kept from before, if there is any. */
  read(): Promise<Config | undefined>;
  writeConfig(config: Config): Promise<void>;
  writeLeader(leader: Spilo, transitions: number): Promise<void>;
}

const NOTHING: StateStore = {
  read: () => Promise.resolve(undefined),
  writeConfig: () => Promise.resolve(),
  writeLeader: () => Promise.resolve(),
};

/** The store of one cluster; with etcd nothing shows in Kubernetes. */
export function stateStore(client: KubeClient, spilo: Spilo): StateStore {
  if (spilo.store === "etcd") return NOTHING;
  const { namespace, scope, labels } = spilo;
  const resource = spilo.store === "endpoints" ? endpoints : configMaps;
  const leaderName = spilo.store === "endpoints" ? scope : `${scope}-leader`;

  /** Changes an object's annotations, or makes the object. */
  async function annotate(
    name: string,
    annotations: Record<string, string>,
    content: Record<string, unknown> = {},
  ): Promise<void> {
    const metadata = { name, namespace, labels, annotations };
    const object = { apiVersion: "v1", kind: resource.kind, metadata, ...content };
    if (await client.get(resource, { namespace, name })) {
      await client.patch(resource, { namespace, name }, { metadata: { annotations }, ...content });
    } else await client.create<KubeObject>(resource, object);
  }

  return {
    async read() {
      const name = `${scope}-config`;
      const object = await client.get<KubeObject>(resource, { namespace, name });
      const text = object?.metadata.annotations?.config;
      return text ? JSON.parse(text) as Config : undefined;
    },
    async writeConfig(config) {
      await annotate(`${scope}-config`, {
        config: JSON.stringify(config),
        initialize: SYSTEM_ID,
        history: "[]",
      });
      if (spilo.store === "endpoints") await createConfigService(client, spilo);
    },
    async writeLeader({ pod, ip, uid }, transitions) {
      const now = new Date().toISOString();
      const annotations = {
        leader: pod,
        ttl: "30",
        acquireTime: now,
        renewTime: now,
        transitions: String(transitions - 1),
        optime: "100663296",
      };
      const targetRef = { kind: "Pod", namespace, name: pod, uid };
      const ports = [{ name: "postgresql", port: 5432, protocol: "TCP" }];
      const subsets = [{ addresses: [{ ip, targetRef }], ports }];
      if (spilo.store === "configMaps") return await annotate(leaderName, annotations);
      try {
        await annotate(leaderName, annotations, { subsets });
      } catch (error) {
        // A real API server takes no loopback address; the leader shows in the annotations still.
        if (!(error instanceof ApiError && error.status === 422)) throw error;
        await annotate(leaderName, annotations);
      }
    },
  };
}

/** The database system identifier that every cluster here has. */
const SYSTEM_ID = "7400000000000000001";

/** Patroni makes a Service so that nobody removes its Endpoints as left over. */
async function createConfigService(client: KubeClient, spilo: Spilo): Promise<void> {
  const { namespace, scope, labels } = spilo;
  const metadata = { name: `${scope}-config`, namespace, labels };
  const service = { apiVersion: "v1", kind: "Service", metadata, spec: { clusterIP: "None" } };
  await createUnlessThere(client, services, service);
}

async function createUnlessThere(client: KubeClient, resource: Resource, object: KubeObject) {
  try {
    await client.create(resource, object);
  } catch (error) {
    if (!alreadyExists(error)) throw error;
  }
}
