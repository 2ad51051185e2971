/**
 * Every value of the chart counts: each one is changed alone, and exactly the places that are to follow
 * it change. Both targets of the configuration are read by the operator's own reader without a warning.
 */
import assert from "node:assert/strict";
import { configFromConfigMap } from "../src/config/from_configmap.ts";
import { configFromCrd } from "../src/config/from_crd.ts";
import { CRD_ONLY } from "../codegen/emit/chart.ts";
import type { ConfigParameter } from "../codegen/emit/config_keys.ts";
import { flipped, PARAMETERS, pathOf, sectionOf, VALUES } from "./flips.ts";
import { CHART } from "./helm.ts";
import {
  differences,
  leaves,
  nameOf,
  render,
  type Rendered,
  type Values,
  valuesAt,
} from "./rendering.ts";

const CONFIGURATION = "OperatorConfiguration operators/postgres-operator: configuration";
const DEPLOYMENT = "Deployment operators/postgres-operator: spec";
const CHECKSUM = `${DEPLOYMENT}.template.metadata.annotations.checksum/config`;
const CONTAINER = `${DEPLOYMENT}.template.spec.containers.0`;
const CONTEXT = { operatorNamespace: "operators" };

const WEBHOOK = "ValidatingWebhookConfiguration postgres-operator-admission-operators";
/** Helm makes another certificate for each rendering, so here somebody else does. */
const ADMISSION: Values = { admission: { enabled: true, certificate: { from: "secret" } } };

/** Objects that follow a parameter, besides the configuration. */
const FOLLOWERS: Readonly<Record<string, readonly string[]>> = {
  api_port: [
    `${CONTAINER}.ports.0.containerPort`,
    "Service operators/postgres-operator: spec.ports.0.port",
  ],
  kubernetes_use_configmaps: ["ClusterRole postgres-operator:", "ClusterRole postgres-pod:"],
  enable_crd_registration: ["ClusterRole postgres-operator:"],
  storage_resize_mode: ["ClusterRole postgres-operator:"],
};

/** Whether every path starts with one of the wanted, and every one of those occurs. */
function assertPaths(paths: readonly string[], wanted: readonly string[], what: string): void {
  const strange = paths.filter((path) => !wanted.some((start) => path.startsWith(start)));
  const missing = wanted.filter((start) => !paths.some((path) => path.startsWith(start)));
  assert.deepEqual({ strange, missing }, { strange: [], missing: [] }, what);
}

/** Helm needs most of its time for itself, so a few of them share the processors. */
const AT_ONCE = 4;

async function checkParameter(parameter: ConfigParameter, base: readonly Rendered[]) {
  const value = flipped(parameter);
  assert.notEqual(value, undefined, parameter.key);
  const changed = await render({ values: valuesAt([sectionOf(parameter), parameter.key], value) });
  const path = pathOf(parameter);
  const wanted = [`${CONFIGURATION}.${path}`, CHECKSUM, ...FOLLOWERS[parameter.key] ?? []];
  assertPaths(differences(base, changed), wanted, parameter.key);
  const object = changed.find(({ kind }) => kind === "OperatorConfiguration");
  const written = path.split(".").reduce<unknown>(
    (inner, name) => (inner as Values)[name],
    object?.["configuration"],
  );
  const isMap = typeof value === "object" && !Array.isArray(value);
  // Helm merges a map with the chart's own.
  if (isMap) assert.deepEqual({ ...written as object, ...value }, written, parameter.key);
  else assert.deepEqual(written, value, parameter.key);
}

Deno.test("each parameter changes its own place in the configuration and what follows it", async () => {
  const base = await render();
  for (let at = 0; at < PARAMETERS.length; at += AT_ONCE) {
    const some = PARAMETERS.slice(at, at + AT_ONCE);
    await Promise.all(some.map((parameter) => checkParameter(parameter, base)));
  }
});

/** A value's path, another value, the places that change, and the values around it. */
type Flip = readonly [
  path: string,
  value: unknown,
  wanted: readonly string[],
  around?: Values,
];

const OTHERS: readonly Flip[] = [
  ["image.registry", "example.org", [`${CONTAINER}.image`]],
  ["image.repository", "other", [`${CONTAINER}.image`]],
  ["image.tag", "v7", [`${CONTAINER}.image`]],
  ["image.pullPolicy", "Always", [`${CONTAINER}.imagePullPolicy`]],
  ["imagePullSecrets", [{ name: "registry" }], [
    `${DEPLOYMENT}.template.spec.imagePullSecrets.0.name`,
  ]],
  ["podAnnotations", { a: "b" }, [`${DEPLOYMENT}.template.metadata.annotations.a`]],
  ["podLabels", { a: "b" }, [`${DEPLOYMENT}.template.metadata.labels.a`]],
  ["replicaCount", 2, [
    `${DEPLOYMENT}.replicas`,
    `${DEPLOYMENT}.strategy`,
    `${CONTAINER}.args.0`,
  ]],
  ["leaderElection.enabled", true, [`${CONTAINER}.args.0`]],
  ["enableJsonLogging", true, [`${CONTAINER}.env.1`]],
  ["extraArgs", ["--v=8"], [`${CONTAINER}.args.0`]],
  ["extraEnvs", [{ name: "A", value: "b" }], [`${CONTAINER}.env.1`]],
  ["enableStreams", true, ["ClusterRole postgres-operator:"]],
  ["rbac.createAggregateClusterRoles", true, [
    "ClusterRole postgres-operator:users:admin:",
    "ClusterRole postgres-operator:users:edit:",
    "ClusterRole postgres-operator:users:view:",
  ]],
  ["rbac.create", false, [
    "ClusterRole postgres-operator:",
    "ClusterRole postgres-pod:",
    "ClusterRoleBinding postgres-operator:",
  ]],
  ["rbac.scope", "namespace", [
    "ClusterRole postgres-operator:",
    "ClusterRole postgres-pod:",
    "ClusterRoleBinding postgres-operator:",
    "Role operators/postgres-operator:",
    "Role operators/postgres-pod:",
    "RoleBinding operators/postgres-operator:",
    "PriorityClass postgres-operator-pod:",
    `${CONFIGURATION}.enable_crd_registration`,
    `${CONFIGURATION}.kubernetes.watched_namespace`,
    `${CONFIGURATION}.kubernetes.pod_service_account_role_binding_definition`,
    CHECKSUM,
  ]],
  ["serviceAccount.create", false, ["ServiceAccount operators/postgres-operator:"]],
  ["serviceAccount.name", "other", [
    "ServiceAccount operators/",
    "ClusterRole ",
    "ClusterRoleBinding ",
    `${DEPLOYMENT}.template.spec.serviceAccountName`,
  ]],
  ["podServiceAccount.name", "other", [
    "ClusterRole postgres-pod:",
    "ClusterRole other:",
    `${CONFIGURATION}.kubernetes.pod_service_account_name`,
    CHECKSUM,
  ]],
  ["priorityClassName", "other", [`${DEPLOYMENT}.template.spec.priorityClassName`]],
  ["podPriorityClassName.create", false, ["PriorityClass postgres-operator-pod:"]],
  ["podPriorityClassName.name", "other", [
    "PriorityClass postgres-operator-pod:",
    "PriorityClass other:",
    `${CONFIGURATION}.kubernetes.pod_priority_class_name`,
    CHECKSUM,
  ]],
  ["podPriorityClassName.priority", 1234567, ["PriorityClass postgres-operator-pod: value"]],
  ["resources.limits.memory", "1Gi", [`${CONTAINER}.resources.limits.memory`]],
  ["resources.requests.cpu", "1", [`${CONTAINER}.resources.requests.cpu`]],
  ["resources.requests.memory", "1Gi", [`${CONTAINER}.resources.requests.memory`]],
  ["podSecurityContext", { fsGroup: 7 }, [`${DEPLOYMENT}.template.spec.securityContext.fsGroup`]],
  ["securityContext.runAsUser", 7, [`${CONTAINER}.securityContext.runAsUser`]],
  ["securityContext.runAsNonRoot", false, [`${CONTAINER}.securityContext.runAsNonRoot`]],
  ["securityContext.readOnlyRootFilesystem", false, [
    `${CONTAINER}.securityContext.readOnlyRootFilesystem`,
  ]],
  ["securityContext.allowPrivilegeEscalation", true, [
    `${CONTAINER}.securityContext.allowPrivilegeEscalation`,
  ]],
  ["securityContext.capabilities.drop", ["KILL"], [
    `${CONTAINER}.securityContext.capabilities.drop.0`,
  ]],
  ["securityContext.seccompProfile.type", "Unconfined", [
    `${CONTAINER}.securityContext.seccompProfile.type`,
  ]],
  ...["initialDelaySeconds", "periodSeconds"].map((
    field,
  ): Flip => [`readinessProbe.${field}`, 77, [`${CONTAINER}.readinessProbe.${field}`]]),
  ...["initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold"].map((
    field,
  ): Flip => [`livenessProbe.${field}`, 77, [`${CONTAINER}.livenessProbe.${field}`]]),
  ["networkPolicy.enabled", true, ["NetworkPolicy operators/postgres-operator:"]],
  ["networkPolicy.from", [{ podSelector: {} }], [
    "NetworkPolicy operators/postgres-operator: spec.ingress",
  ], { networkPolicy: { enabled: true } }],
  ["monitoring.serviceMonitor.enabled", true, ["ServiceMonitor operators/postgres-operator:"]],
  ["monitoring.serviceMonitor.labels", { release: "prometheus" }, [
    "ServiceMonitor operators/postgres-operator: metadata.labels.release",
  ], { monitoring: { serviceMonitor: { enabled: true } } }],
  ["monitoring.serviceMonitor.interval", "15s", [
    "ServiceMonitor operators/postgres-operator: spec.endpoints.0.interval",
  ], { monitoring: { serviceMonitor: { enabled: true } } }],
  ["monitoring.prometheusRule.enabled", true, ["PrometheusRule operators/postgres-operator:"]],
  ["monitoring.prometheusRule.labels", { release: "prometheus" }, [
    "PrometheusRule operators/postgres-operator: metadata.labels.release",
  ], { monitoring: { prometheusRule: { enabled: true } } }],
  ["monitoring.dashboard.enabled", true, ["ConfigMap operators/postgres-operator-dashboard:"]],
  ["monitoring.dashboard.labels", { folder: "databases" }, [
    "ConfigMap operators/postgres-operator-dashboard: metadata.labels.folder",
  ], { monitoring: { dashboard: { enabled: true } } }],
  ["admission.enabled", true, [
    `${CONTAINER}.args.0`,
    `${CONTAINER}.ports.1`,
    `${CONTAINER}.volumeMounts.0`,
    `${DEPLOYMENT}.template.spec.volumes.0`,
    "Secret operators/postgres-operator-admission:",
    "Service operators/postgres-operator-admission:",
    `${WEBHOOK}:`,
  ]],
  [
    "admission.port",
    7443,
    [`${CONTAINER}.args.0`, `${CONTAINER}.ports.1.containerPort`],
    ADMISSION,
  ],
  ["admission.refuse", true, [`${CONTAINER}.args.1`], ADMISSION],
  ["admission.timeoutSeconds", 7, [`${WEBHOOK}: webhooks.0.timeoutSeconds`], ADMISSION],
  ["admission.certificate.from", "cert-manager", [
    "Certificate operators/postgres-operator-admission:",
    "Issuer operators/postgres-operator-admission:",
    `${WEBHOOK}: metadata.annotations.cert-manager.io/inject-ca-from`,
  ], ADMISSION],
  ["admission.certificate.secretName", "other", [
    `${DEPLOYMENT}.template.spec.volumes.0.secret.secretName`,
  ], ADMISSION],
  ["admission.certificate.issuerRef", { kind: "ClusterIssuer", name: "company" }, [
    "Certificate operators/postgres-operator-admission: spec.issuerRef.kind",
    "Certificate operators/postgres-operator-admission: spec.issuerRef.name",
    "Issuer operators/postgres-operator-admission:",
  ], { admission: { enabled: true, certificate: { from: "cert-manager" } } }],
  ["admission.certificate.caBundle", "eA==", [
    `${WEBHOOK}: webhooks.0.clientConfig.caBundle`,
  ], ADMISSION],
  ["podDisruptionBudget.enabled", true, ["PodDisruptionBudget operators/postgres-operator:"]],
  ["podDisruptionBudget.maxUnavailable", 2, [
    "PodDisruptionBudget operators/postgres-operator: spec.maxUnavailable",
  ], { podDisruptionBudget: { enabled: true } }],
  ["podDisruptionBudget.minAvailable", 1, [
    "PodDisruptionBudget operators/postgres-operator: spec.maxUnavailable",
    "PodDisruptionBudget operators/postgres-operator: spec.minAvailable",
  ], { podDisruptionBudget: { enabled: true } }],
  ["affinity", { nodeAffinity: {} }, [`${DEPLOYMENT}.template.spec.affinity.nodeAffinity`]],
  ["nodeSelector", { a: "b" }, [`${DEPLOYMENT}.template.spec.nodeSelector.a`]],
  ["tolerations", [{ key: "a" }], [`${DEPLOYMENT}.template.spec.tolerations.0.key`]],
  ["controllerID.create", true, [`${CONTAINER}.env.1`]],
  ["controllerID.name", "other", [`${CONTAINER}.env.1.value`], {
    controllerID: { create: true },
  }],
  ["configTarget", "ConfigMap", [
    "ConfigMap operators/postgres-operator:",
    "OperatorConfiguration operators/postgres-operator:",
    `${CONTAINER}.env.0.name`,
    CHECKSUM,
  ]],
  ["configMapPodResources", true, [
    "ConfigMap operators/postgres-operator: data.default_cpu_limit",
    "ConfigMap operators/postgres-operator: data.default_cpu_request",
    "ConfigMap operators/postgres-operator: data.default_memory_limit",
    "ConfigMap operators/postgres-operator: data.default_memory_request",
    "ConfigMap operators/postgres-operator: data.min_cpu_limit",
    "ConfigMap operators/postgres-operator: data.min_memory_limit",
    CHECKSUM,
  ], { configTarget: "ConfigMap" }],
];

/** Values that name everything: nothing keeps its name. */
const NAMING = ["nameOverride", "fullnameOverride"] as const;

/** `flip` on top of `base`, map by map. */
function overlaid(base: Values, flip: Values): Values {
  const isMap = (value: unknown): value is Values =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const entries = Object.entries(flip).map(([key, value]) => {
    const under = base[key];
    return [key, isMap(under) && isMap(value) ? overlaid(under, value) : value];
  });
  return { ...base, ...Object.fromEntries(entries) };
}

for (const [path, value, wanted, base = {}] of OTHERS) {
  Deno.test(`value ${path} changes exactly what is to follow it`, async () => {
    const flip = valuesAt(path.split("."), value);
    const before = await render({ values: base });
    assertPaths(differences(before, await render({ values: overlaid(base, flip) })), wanted, path);
  });
}

for (const name of NAMING) {
  Deno.test(`value ${name} names what is called after the release`, async () => {
    const before = (await render()).map(nameOf);
    const after = (await render({ values: { [name]: "other" } })).map(nameOf);
    const kept = before.filter((one) => after.includes(one));
    // The pods' ServiceAccount has a name of its own.
    assert.deepEqual(kept, ["ClusterRole postgres-pod"]);
    assert.ok(after.every((one) => /other|postgres-pod/.test(one)), after.join());
  });
}

Deno.test("every value of values.yaml and of its schema is flipped by one of these tests", () => {
  const covered = [...OTHERS.map(([path]) => path), ...NAMING];
  const sections = new Set(PARAMETERS.map(sectionOf));
  const isCovered = (path: string) =>
    covered.some((one) => one === path || one.startsWith(`${path}.`) || path.startsWith(`${one}.`));
  const paths = new Set<string>();
  const walk = (value: unknown, path: string[]): void => {
    if (path.length === 1 && sections.has(path[0]!)) return;
    const inner = typeof value === "object" && value !== null ? Object.entries(value) : [];
    if (inner.length === 0) paths.add(path.join("."));
    for (const [key, item] of inner) walk(item, [...path, key]);
  };
  walk(VALUES, []);
  const schema = JSON.parse(Deno.readTextFileSync(`${CHART}/values.schema.json`)) as {
    properties: Record<string, { properties?: Record<string, unknown> }>;
  };
  for (const [key, { properties = {} }] of Object.entries(schema.properties)) {
    if (key === "global" || sections.has(key)) continue;
    const inner = Object.keys(properties).map((name) => `${key}.${name}`);
    for (const path of inner.length > 0 ? inner : [key]) paths.add(path);
  }
  assert.deepEqual([...paths].filter((path) => !isCovered(path)), []);
  assert.ok(covered.length + PARAMETERS.length >= 208, "fewer values than the Zalando chart has");
});

/** Values with every parameter changed at once. */
function allFlipped(
  skip: ReadonlySet<string> = new Set(),
): Record<string, Record<string, unknown>> {
  const values: Record<string, Record<string, unknown>> = {};
  for (const parameter of PARAMETERS.filter(({ key }) => !skip.has(key))) {
    (values[sectionOf(parameter)] ??= {})[parameter.key] = flipped(parameter);
  }
  return values;
}

/** The configuration of a rendering, as the operator reads it. */
async function load(values: Values) {
  const objects = await render({ values });
  const crd = objects.find(({ kind }) => kind === "OperatorConfiguration");
  if (crd) return configFromCrd(crd["configuration"], CONTEXT);
  const map = objects.find(({ kind }) => kind === "ConfigMap");
  const data = map?.["data"] as Record<string, string>;
  for (const [key, value] of Object.entries(data)) assert.equal(typeof value, "string", key);
  return configFromConfigMap(data, CONTEXT);
}

Deno.test("both targets are read by the operator without a warning, as they are and changed", async () => {
  for (const configTarget of ["OperatorConfigurationCRD", "ConfigMap"]) {
    const skipped = configTarget === "ConfigMap" ? CRD_ONLY : new Set<string>();
    for (const changed of [{}, allFlipped(skipped)]) {
      const { warnings } = await load({ ...changed, configTarget, configMapPodResources: true });
      // These are told for the values themselves, wherever they are written.
      const strange = warnings.filter((text) => !/is raised from|is deprecated/.test(text));
      assert.deepEqual(strange, [], configTarget);
    }
  }
});

Deno.test("changed parameters are the same in both targets", async () => {
  const values = { ...allFlipped(CRD_ONLY), configMapPodResources: true, rbac: { create: true } };
  const crd = await load(values);
  const map = await load({ ...values, configTarget: "ConfigMap" });
  const shown = (config: object) => JSON.parse(JSON.stringify(config)) as Record<string, unknown>;
  const [one, other] = [shown(crd.config), shown(map.config)];
  const differing = Object.keys({ ...one, ...other }).filter((key) =>
    JSON.stringify(one[key]) !== JSON.stringify(other[key])
  );
  assert.deepEqual(differing, []);
});

Deno.test("numbers and switches may be written as text, and text as a number", async () => {
  const values = {
    configKubernetes: { storage_resize_mode: false },
    configGeneral: { workers: "9", enable_shm_volume: "false", max_instances: 1000000 },
    configPostgresPodResources: { default_cpu_limit: 2 },
    configMajorVersionUpgrade: { target_major_version: 18 },
  };
  const found = leaves(await render({ values }));
  assert.equal(found.get(`${CONFIGURATION}.workers`), 9);
  // What YAML makes of an unquoted off.
  assert.equal(found.get(`${CONFIGURATION}.kubernetes.storage_resize_mode`), "off");
  assert.equal(found.get(`${CONFIGURATION}.enable_shm_volume`), false);
  assert.equal(found.get(`${CONFIGURATION}.postgres_pod_resources.default_cpu_limit`), "2");
  assert.equal(found.get(`${CONFIGURATION}.major_version_upgrade.target_major_version`), "18");
  const map = leaves(await render({ values: { ...values, configTarget: "ConfigMap" } }));
  assert.equal(map.get("ConfigMap operators/postgres-operator: data.max_instances"), "1000000");
});

Deno.test("values may be templates in both targets", async () => {
  const values = {
    global: { domain: "db.example.net", workers: 3 },
    configLoadBalancer: { db_hosted_zone: "{{ .Values.global.domain }}" },
    configGeneral: { workers: "{{ .Values.global.workers }}" },
  };
  for (const configTarget of ["OperatorConfigurationCRD", "ConfigMap"]) {
    const { config } = await load({ ...values, configTarget });
    assert.equal(config.dbHostedZone, "db.example.net");
    assert.equal(config.workers, 3);
  }
});

const REFUSED: readonly [what: string, values: Values, said: RegExp][] = [
  ["a parameter that does not exist", { configGeneral: { worker: 1 } }, /'worker' not allowed/],
  ["a value that does not exist", { podAnotations: {} }, /'podAnotations' not allowed/],
  ["a number that is a word", { configGeneral: { workers: "many" } }, /configGeneral\/workers/],
  [
    "an unknown choice",
    { configKubernetes: { storage_resize_mode: "grow" } },
    /storage_resize_mode/,
  ],
  ["no such target", { configTarget: "Secret" }, /configTarget/],
  [
    "a liveness probe in a ConfigMap",
    { configTarget: "ConfigMap", configKubernetes: { liveness_probe: { httpGet: { port: 1 } } } },
    /configKubernetes\.liveness_probe cannot be set in a ConfigMap/,
  ],
  [
    "a comma inside of an item in a ConfigMap",
    { configTarget: "ConfigMap", configUsers: { additional_owner_roles: ["a,b"] } },
    /configUsers\.additional_owner_roles holds "a,b"/,
  ],
  [
    "an image with a tag in a map of a ConfigMap",
    { configTarget: "ConfigMap", configGeneral: { sidecar_docker_images: { a: "b:c" } } },
    /configGeneral\.sidecar_docker_images holds "a": "b:c"/,
  ],
  [
    "two infrastructure roles in a ConfigMap",
    {
      configTarget: "ConfigMap",
      configKubernetes: {
        infrastructure_roles_secrets: [{ secretname: "a" }, { secretname: "b" }],
      },
    },
    /holds 2 items/,
  ],
  [
    "another namespace with the rights in one",
    { rbac: { scope: "namespace" }, configKubernetes: { watched_namespace: "others" } },
    /configKubernetes\.watched_namespace is others/,
  ],
];

for (const [what, values, said] of REFUSED) {
  Deno.test(`the chart refuses ${what} and says where`, async () => {
    await assert.rejects(render({ values }), (error: Error) => {
      assert.match(error.message, said);
      return true;
    });
  });
}
