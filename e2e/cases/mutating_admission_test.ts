/**
 * Policies and other controllers that change objects of running clusters: pods and StatefulSets are
 * made once, and the status says what is not fought over.
 */
import assert from "node:assert/strict";
import { mutated, MUTATIONS } from "../admission/mutations.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { type Play, scenario } from "../support/scenario.ts";
import { type PolicyProxy, startPolicyProxy } from "../support/policy_proxy.ts";
import { isReady, isRunning, MINIMAL, minimalCluster, podsOf, statefulSetOf } from "./clusters.ts";

const LIMIT_MS = 90_000;
const QUIET_MS = 4_000;

/** What the dev cluster has not, so that pods would wait for ever, or what it refuses. */
const MISSING = [
  "another type of Service",
  "a priority class",
  "another scheduler",
  "a node affinity",
  "a mounted volume",
  "a storage class",
  "much of the pod spec that the operator does not set",
  "probes, hooks and more variables of containers",
];
/** Pods are made by the StatefulSet controller, which does not go through the proxy. */
const POLICIES = MUTATIONS.filter(({ name, kinds }) =>
  !MISSING.includes(name) && (!kinds.includes("Pod") || kinds.length > 1)
);
const nameOf = (index: number) => `acid-m${String(index).padStart(2, "0")}`;

const SPEC = {
  numberOfInstances: 1,
  enableConnectionPooler: true,
  connectionPooler: { numberOfInstances: 1 },
  enableLogicalBackup: true,
  resources: {
    requests: { cpu: "10m", memory: "100Mi" },
    limits: { cpu: "500m", memory: "500Mi" },
  },
  tolerations: [{ key: "postgres", operator: "Exists", effect: "NoSchedule" }],
  users: {},
  databases: {},
  preparedDatabases: {},
};

function policy(object: KubeObject): KubeObject {
  const cluster = object.metadata.labels?.["cluster-name"];
  const mutation = POLICIES[Number(/^acid-m(\d\d)$/.exec(cluster ?? "")?.[1])];
  return mutation === undefined ? object : mutated(mutation, object);
}

/** Counts what is created from now on: by kind and name, each uid once. */
function countCreations({ cluster }: Play): (kind: string, name: string) => number {
  const uids = new Map<string, Set<string>>();
  cluster.view.onChange(({ type, object }) => {
    if (type !== "apply") return;
    const key = `${object.kind} ${object.metadata.name}`;
    uids.set(key, (uids.get(key) ?? new Set()).add(object.metadata.uid ?? ""));
  });
  return (kind, name) => uids.get(`${kind} ${name}`)?.size ?? 0;
}

function synced(play: Play, name: string) {
  const found = play.cluster.view.get("Postgresql", play.namespace, name) as {
    status?: { conditions?: { type: string; status: string; message: string }[] };
  } | undefined;
  return found?.status?.conditions?.find(({ type }) => type === "Synced");
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

scenario("under policies everything is made once", { operator: { wait: "no" } }, async (play) => {
  const { cluster, namespace, until, operator } = play;
  await operator.stop();
  const created = countCreations(play);
  const proxy = await startPolicyProxy(cluster.connection, cluster.directory, policy);
  try {
    const { kubeconfig } = proxy;
    const first = await cluster.operator({ kubeconfig });
    for (const index of POLICIES.keys()) {
      await cluster.create(minimalCluster(namespace, SPEC, nameOf(index)));
    }
    const late = () =>
      POLICIES.flatMap(({ name }, index) =>
        isRunning(play, nameOf(index)) ? [] : [`${name}: ${synced(play, nameOf(index))?.message}`]
      );
    await until("all clusters run", () => late().length === 0, LIMIT_MS).catch((error) => {
      throw new Error(`late: ${late().join(", ")}: ${error}`);
    });
    await pause(QUIET_MS);
    assertMadeOnce(play, created);
    await first.stop();
    const second = await cluster.operator({ kubeconfig });
    await pause(QUIET_MS);
    assertMadeOnce(play, created);
    await second.stop();
  } finally {
    await stopProxy(proxy);
  }
});

async function stopProxy(proxy: PolicyProxy): Promise<void> {
  await proxy.stop();
}

function assertMadeOnce(play: Play, created: (kind: string, name: string) => number): void {
  const unexpected = POLICIES.flatMap(({ name: policy, overrides }, index) => {
    const name = nameOf(index);
    const made = { pods: created("Pod", `${name}-0`), sets: created("StatefulSet", name) };
    const { status, message } = synced(play, name) ?? {};
    const want = overrides ? "False" : "True";
    return made.pods === 1 && made.sets === 1 && status === want
      ? []
      : [{ policy, ...made, status, message }];
  });
  assert.deepEqual(unexpected, []);
}

scenario("a StatefulSet changed by others is set back and restarts nothing", {}, async (play) => {
  const { cluster, namespace, until } = play;
  await cluster.create(minimalCluster(namespace));
  await until("the cluster runs", () => isRunning(play) && podsOf(play).every(isReady));
  const uids = () => podsOf(play).map(({ metadata }) => metadata.uid).sort().join();
  const before = uids();
  const set = statefulSetOf(play);
  assert.ok(set);
  const containers = set.spec?.template.spec?.containers.map((container) =>
    container.name === "postgres"
      ? { ...container, env: [...container.env ?? [], { name: "FOO", value: "bar" }] }
      : container
  );
  await cluster.patch(set, {
    spec: {
      template: {
        metadata: { annotations: { "reloader.stakater.com/last-reloaded-from": "x" } },
        spec: { containers },
      },
    },
  });
  const text = () => JSON.stringify(statefulSetOf(play)?.spec?.template);
  await until("it is set back", () => !text().includes('"FOO"') && !text().includes("reloader"));
  await pause(QUIET_MS);
  assert.equal(uids(), before);
});

scenario("images of pods that a mirror rewrote restart nothing", {}, async (play) => {
  const { cluster, namespace, until, operator } = play;
  await cluster.create(minimalCluster(namespace));
  await until("the cluster runs", () => isRunning(play) && podsOf(play).every(isReady));
  for (const pod of podsOf(play)) {
    const containers = pod.spec?.containers.map((one) => ({
      ...one,
      image: `mirror.local/${one.image}`,
    }));
    await cluster.patch(pod, { spec: { containers } });
  }
  const uids = () => podsOf(play).map(({ metadata }) => metadata.uid).sort().join();
  const before = uids();
  await cluster.patch(minimalCluster(namespace), { spec: { podAnnotations: { a: "b" } } });
  await until(
    "the annotation is there",
    () => podsOf(play).every(({ metadata }) => metadata.annotations?.["a"] === "b"),
  );
  await operator.stop();
  await cluster.operator();
  await pause(QUIET_MS);
  assert.equal(uids(), before);
});

scenario("replicas and annotations of a pooler that others set stay", {}, async (play) => {
  const { cluster, namespace, until } = play;
  await cluster.create(minimalCluster(namespace, SPEC));
  await until("the cluster runs", () => isRunning(play));
  const pooler = () => cluster.view.get("Deployment", namespace, `${MINIMAL}-pooler`);
  const { baseUrl, httpClient } = cluster.connection;
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${MINIMAL}-pooler`;
  const send = async (part: string, manager: string, body: unknown) => {
    const answer = await fetch(`${baseUrl}${path}${part}?fieldManager=${manager}`, {
      method: "PATCH",
      client: httpClient,
      headers: {
        ...await cluster.connection.headers(new AbortController().signal),
        "content-type": "application/merge-patch+json",
      },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, await answer.text());
  };
  await send("/scale", "kube-controller-manager", { spec: { replicas: 3 } });
  await send("", "reloader", {
    spec: { template: { metadata: { annotations: { "reloader/last": "x" } } } },
  });
  await until("both are seen", () => JSON.stringify(pooler()).includes("reloader/last"));
  await pause(QUIET_MS);
  const { spec } = pooler() as {
    spec?: {
      replicas?: number;
      template?: { metadata?: { annotations?: Record<string, string> } };
    };
  };
  assert.equal(spec?.replicas, 3);
  assert.equal(spec?.template?.metadata?.annotations?.["reloader/last"], "x");
});
