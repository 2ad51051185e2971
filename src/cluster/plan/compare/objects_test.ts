/** Comparisons of the objects beside the StatefulSet: what they see, and what they tolerate. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import type { Postgresql } from "../../../api/types.gen.ts";
import type {
  CronJob,
  Deployment,
  KubeObject,
  PodDisruptionBudget,
  Secret,
  Service,
} from "../../../kubernetes/types.gen.ts";
import { encodeBase64 } from "../../../lib/base64.ts";
import { known } from "../../../ports/observation.ts";
import { Sensitive } from "../../../lib/sensitive.ts";
import { cluster, inputs } from "../../../testing/cluster_fixture.ts";
import { config as settings } from "../../../testing/config_fixture.ts";
import { desiredCluster } from "../../desired/desired_cluster.ts";
import { DNS_NAME_ANNOTATION } from "../../effective/exposure.ts";
import { resolveSpec } from "../../effective/spec.ts";
import { compareCronJob } from "./cron_job.ts";
import { comparePoolerDeployment } from "./deployment.ts";
import { describeMismatch, type Difference } from "./difference.ts";
import { compareForeignContent } from "./endpoints.ts";
import { compareEventStream, streamOf } from "./event_stream.ts";
import { comparePodDisruptionBudget } from "./pod_disruption_budget.ts";
import { compareCredentialMetadata, compareUserList, USER_LIST_KEY } from "./secret.ts";
import { compareService } from "./service.ts";

const TESTDATA = new URL("../../desired/testdata/objects/", import.meta.url);

const CONFIG = settings({
  inheritedAnnotations: ["owner"],
  inheritedLabels: ["env"],
  enableOwnerReferences: true,
  enablePodAntiaffinity: true,
  additionalSecretMount: "cloud-key",
  additionalSecretMountPath: "/key",
  kubeIamRole: "db-role",
  logicalBackupCronjobEnvironmentSecret: "backup-env",
});

const DESIRED = (() => {
  const manifest = parse(Deno.readTextFileSync(new URL("everything.manifest.yaml", TESTDATA)));
  const { metadata, spec } = manifest as Postgresql;
  const found = inputs({
    logicalBackupSecretKeys: known(["TOKEN"]),
    infrastructureRoles: known([{
      name: "monitor",
      password: new Sensitive("m"),
      flags: [],
      memberOf: [],
      parameters: {},
    }]),
  });
  const now = new Date("2026-01-14T12:00:00Z");
  const { spec: effective } = resolveSpec(cluster({ metadata, spec }), CONFIG, found, now);
  return desiredCluster(effective, CONFIG);
})();

const [POOLER] = DESIRED.poolers;

type Compare = (desired: never, observed: never) => readonly Difference[];

const everything = (desired: Deployment, observed: Deployment) =>
  comparePoolerDeployment(desired, observed, { config: CONFIG, scope: "everything" });

const KINDS: readonly { object: KubeObject; compare: Compare; unseen: RegExp }[] = [
  {
    object: DESIRED.services.primary,
    compare: ((a: Service, b: Service) => compareService(a, b, CONFIG)) as Compare,
    unseen: /^$/,
  },
  {
    object: DESIRED.disruptionBudgets.primary,
    compare:
      ((a: PodDisruptionBudget, b: PodDisruptionBudget) =>
        comparePodDisruptionBudget(a, b, CONFIG)) as Compare,
    unseen: /^$/,
  },
  {
    object: DESIRED.disruptionBudgets.criticalOperation,
    compare:
      ((a: PodDisruptionBudget, b: PodDisruptionBudget) =>
        comparePodDisruptionBudget(a, b, CONFIG)) as Compare,
    unseen: /^$/,
  },
  {
    object: DESIRED.logicalBackup as KubeObject,
    compare: ((a: CronJob, b: CronJob) => compareCronJob(a, b, CONFIG)) as Compare,
    // Constant, and no field that the operator changes later.
    unseen: /template\.(metadata\.namespace|spec\.restartPolicy)$/,
  },
  {
    object: POOLER?.deployment as KubeObject,
    compare: everything as Compare,
    // Labels are part of the selector, which cannot change; Kubernetes ignores the namespace.
    unseen: /^(metadata\.labels|spec\.selector|spec\.template\.metadata\.(labels|namespace))/,
  },
  {
    object: DESIRED.eventStreams[0] as KubeObject,
    compare: ((a: never, b: never) => compareEventStream(a, b, CONFIG)) as Compare,
    // The key by which a stream is found again.
    unseen: /^(spec\.applicationId|metadata\.generateName)$/,
  },
];

/** All leaves of a value with their paths. */
function* leaves(value: unknown, path: readonly (string | number)[] = []): Generator<
  readonly (string | number)[]
> {
  if (typeof value !== "object" || value === null) return yield path;
  for (const [key, part] of Object.entries(value)) {
    yield* leaves(part, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

function changed(object: KubeObject, path: readonly (string | number)[]): KubeObject {
  const copy = structuredClone(JSON.parse(JSON.stringify(object)));
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key];
  const last = path.at(-1) ?? "";
  const value = at[last];
  at[last] = typeof value === "number"
    ? value + 1
    : typeof value === "boolean"
    ? !value
    : `${value}x`;
  return copy;
}

Deno.test("an object is equal to itself", () => {
  for (const { object, compare } of KINDS) {
    assert.deepEqual(compare(object as never, structuredClone(object) as never), [], object.kind);
  }
});

Deno.test("every field that a builder sets is compared, or it is said why not", () => {
  for (const { object, compare, unseen } of KINDS) {
    for (const path of leaves(JSON.parse(JSON.stringify(object)))) {
      const name = path.join(".");
      if (/^(apiVersion|kind|metadata\.(name|namespace))$/.test(name)) continue;
      const found = compare(object as never, changed(object, path) as never);
      assert.equal(found.length > 0, !unseen.test(name), `${object.kind} ${name}`);
    }
  }
});

Deno.test("what others add to an object is tolerated", () => {
  for (const { object, compare } of KINDS) {
    const observed = structuredClone(object);
    observed.metadata.annotations = { ...observed.metadata.annotations, "foreign.io/a": "1" };
    observed.metadata.labels = { ...observed.metadata.labels, "foreign.io/l": "1" };
    observed.metadata.resourceVersion = "1";
    observed.status = { any: "thing" };
    assert.deepEqual(compare(object as never, observed as never), [], object.kind);
  }
});

Deno.test("a service keeps what the API server gave it", () => {
  const desired = DESIRED.services.primary;
  const observed = structuredClone(desired);
  Object.assign(observed.spec ?? {}, {
    clusterIP: "10.0.0.1",
    clusterIPs: ["10.0.0.1"],
    sessionAffinity: "None",
    internalTrafficPolicy: "Cluster",
    allocateLoadBalancerNodePorts: true,
    ports: desired.spec?.ports?.map((port) => ({ ...port, protocol: "TCP", nodePort: 31000 })),
    loadBalancerSourceRanges: desired.spec?.loadBalancerSourceRanges?.toReversed(),
  });
  assert.deepEqual(compareService(desired, observed, CONFIG), []);
});

Deno.test("a service that is no load balancer any more loses ranges, policy and name", () => {
  const observed = DESIRED.services.primary;
  const { loadBalancerSourceRanges: _, externalTrafficPolicy: __, ...spec } = observed.spec ?? {};
  const { [DNS_NAME_ANNOTATION]: ___, ...annotations } = observed.metadata.annotations ?? {};
  const desired: Service = {
    ...observed,
    metadata: { ...observed.metadata, annotations },
    spec: { ...spec, type: "ClusterIP" },
  };
  const found = compareService(desired, observed, CONFIG).map((
    { path, desired },
  ) => [path, desired]);
  assert.deepEqual(found, [
    [`metadata.annotations["${DNS_NAME_ANNOTATION}"]`, undefined],
    ["spec.type", "ClusterIP"],
    ["spec.loadBalancerSourceRanges", undefined],
    ["spec.externalTrafficPolicy", undefined],
  ]);
});

Deno.test("a requested node port is compared, one that nobody asked for is not", () => {
  const withPort = (nodePort?: number): Service => {
    const service = structuredClone(DESIRED.services.replica);
    service.spec = {
      ...service.spec,
      ports: [{
        name: "postgresql",
        port: 5432,
        targetPort: 5432,
        ...(nodePort ? { nodePort } : {}),
      }],
    };
    return service;
  };
  assert.deepEqual(compareService(withPort(), withPort(30001), CONFIG), []);
  assert.deepEqual(
    compareService(withPort(30002), withPort(30001), CONFIG).map(describeMismatch),
    ["spec.ports[postgresql].nodePort: 30001 → 30002"],
  );
});

Deno.test("ignored annotations are never compared", () => {
  const ignoring = settings({ ...CONFIG, ignoredAnnotations: ["owner"] });
  const desired = DESIRED.services.replica;
  const observed = structuredClone(desired);
  observed.metadata.annotations = { ...observed.metadata.annotations, owner: "somebody" };
  assert.deepEqual(compareService(desired, observed, ignoring), []);
});

Deno.test("a pooler is not rolled out for what the reference leaves until the manifest changes", () => {
  const desired = POOLER?.deployment as Deployment;
  const lagging = structuredClone(desired);
  const pod = lagging.spec?.template.spec;
  const env = pod?.containers[0]?.env?.find(({ name }) => name === "CONNECTION_POOLER_MODE");
  if (env) env.value = "transaction";
  if (pod) pod.tolerations = [{ key: "old", operator: "Exists", effect: "NoSchedule" }];
  const compare = (scope: "everything" | "triggers", observed = lagging) =>
    comparePoolerDeployment(desired, observed, { config: CONFIG, scope })
      .map(({ path, effect }) => `${effect} ${path}`);
  assert.deepEqual(compare("triggers"), []);
  const container = "spec.template.spec.containers[connection-pooler]";
  assert.deepEqual(compare("everything"), [
    `rollout ${container}.env[CONNECTION_POOLER_MODE].value`,
    "rollout spec.template.spec.tolerations[0].key",
  ]);
  if (pod?.containers[0]) pod.containers[0].image = "old:1";
  assert.deepEqual(compare("triggers"), [
    `rollout ${container}.image`,
    `rollout ${container}.env[CONNECTION_POOLER_MODE].value`,
    "rollout spec.template.spec.tolerations[0].key",
  ]);
});

Deno.test("the number of poolers changes without a roll-out", () => {
  const desired = POOLER?.deployment as Deployment;
  const observed = structuredClone(desired);
  if (observed.spec) observed.spec.replicas = 9;
  assert.deepEqual(everything(desired, observed).map(({ effect }) => effect), ["patch"]);
});

Deno.test("the order of infrastructure roles and a restart by hand do not roll out a pooler", () => {
  const desired = structuredClone(POOLER?.deployment as Deployment);
  const observed = structuredClone(desired);
  const list = (deployment: Deployment, value: string) => {
    const env = deployment.spec?.template.spec?.containers[0]?.env ?? [];
    const roles = env.find(({ name }) => name === "INFRASTRUCTURE_ROLES");
    if (roles) roles.value = value;
  };
  list(desired, "a,b");
  list(observed, "b,a");
  const metadata = observed.spec?.template.metadata;
  if (metadata) {
    metadata.annotations = { ...metadata.annotations, "kubectl.kubernetes.io/restartedAt": "x" };
  }
  assert.deepEqual(everything(desired, observed), []);
});

Deno.test("a pooler that is taken over by its name gets the labels that it is found by", () => {
  const desired = POOLER?.deployment as Deployment;
  const named = structuredClone(desired);
  const { "cluster-name": _, ...others } = desired.metadata.labels ?? {};
  named.metadata.labels = { app: "mine" };
  assert.deepEqual(
    everything(desired, named).map(({ path, desired }) => [path, desired]),
    Object.entries(desired.metadata.labels ?? {}).map(([key, value]) => [
      key.includes("/") ? `metadata.labels["${key}"]` : `metadata.labels.${key}`,
      value,
    ]),
  );
  named.metadata.labels = { "cluster-name": desired.metadata.labels?.["cluster-name"] ?? "" };
  assert.ok(Object.keys(others).length > 0);
  assert.deepEqual(everything(desired, named), [], "one that is found is left as it was made");
});

Deno.test("pod annotations that are no longer wanted are removed from templates", () => {
  const desired = POOLER?.deployment as Deployment;
  const observed = structuredClone(desired);
  const metadata = observed.spec?.template.metadata;
  if (metadata) metadata.annotations = { ...metadata.annotations, stale: "1" };
  assert.deepEqual(everything(desired, observed).map(describeMismatch), [
    'spec.template.metadata.annotations.stale: "1" → (none)',
  ]);
});

Deno.test("inherited keys that the manifest lost go from budgets, which the reference recreates", () => {
  const desired = DESIRED.disruptionBudgets.primary;
  const { annotations: _, ...bare } = desired.metadata;
  const found = comparePodDisruptionBudget({ ...desired, metadata: bare }, desired, CONFIG);
  assert.deepEqual(found.map(({ path, desired }) => [path, desired]), [
    ["metadata.annotations.owner", undefined],
  ]);
});

Deno.test("the order of event streams has no meaning, and they are found by application", () => {
  const [desired] = DESIRED.eventStreams;
  assert.ok(desired);
  const { eventStreams } = desired.spec;
  const spec = { ...desired.spec, eventStreams: eventStreams.toReversed() };
  assert.deepEqual(compareEventStream(desired, { ...desired, spec }, CONFIG), []);
  assert.equal(streamOf(desired.spec.applicationId, [{ ...desired, spec }])?.spec, spec);
  assert.equal(streamOf("other", [desired]), undefined);
});

Deno.test("of what others fill only owners and inherited annotations are compared", () => {
  const { metadata } = DESIRED.patroniObjects;
  const observed = { ...metadata, labels: { any: "thing" }, name: "acid-orders-config" };
  assert.deepEqual(compareForeignContent(metadata, observed, CONFIG), []);
  const found = compareForeignContent(metadata, {}, CONFIG).map(({ path }) => path);
  assert.deepEqual(found, ["metadata.ownerReferences", "metadata.annotations.owner"]);
});

Deno.test("a user list is compared as a set of lines and never shown", () => {
  const desired = { metadata: {}, userList: new Sensitive('"a" "secret"\n"b" "2"\n') };
  const observed = (text: string): Secret => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: {},
    data: { [USER_LIST_KEY]: encodeBase64(text) },
  });
  assert.deepEqual(compareUserList(desired, observed('"b" "2"\n"a" "secret"\n'), CONFIG), []);
  const [found] = compareUserList(desired, observed('"a" "other"\n'), CONFIG);
  assert.ok(found);
  assert.equal(describeMismatch(found), 'data["userlist.txt"]: changed (value not shown)');
  assert.ok(!JSON.stringify(found).includes("secret"));
});

Deno.test("labels of a credential Secret stay as they are", () => {
  const [credential] = DESIRED.credentials;
  assert.ok(credential);
  const { labels: _, ...metadata } = credential.metadata;
  assert.deepEqual(compareCredentialMetadata(credential.metadata, metadata, CONFIG), []);
});
