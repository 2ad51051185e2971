/** The chart of the web UI: every value changes its own places, and every way to sign in its rights. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { readSettings } from "../src/ui/settings.ts";
import { UI_CHART } from "./helm.ts";
import { differences, nameOf, render, type Rendered, type Values, valuesAt } from "./rendering.ts";

const NAME = "postgres-operator-ui";
const DEPLOYMENT = `Deployment operators/${NAME}: spec`;
const POD = `${DEPLOYMENT}.template.spec`;
const CONTAINER = `${POD}.containers.0`;
const SERVICE = `Service operators/${NAME}: `;
const TEAMS: Values = { signIn: { mode: "teams", proxyAddresses: ["10.0.0.0/8"] } };
const ROUTE: Values = { gatewayRoute: { enabled: true } };
/** Helm needs most of its time for itself, so a few of them share the processors. */
const AT_ONCE = 4;
const MONITORED: Values = { monitoring: { serviceMonitor: { enabled: true } } };
const INGRESS: Values = { ingress: { enabled: true } };

function rendered(values: Values = {}): Promise<Rendered[]> {
  return render({ chart: UI_CHART, release: NAME, values });
}

/** A value's path, another value, the places that change, and the values around it. */
const FLIPS: readonly (readonly [string, unknown, readonly string[], Values?])[] = [
  ["replicaCount", 2, [`${DEPLOYMENT}.replicas`]],
  ["image.registry", "r.example.org", [`${CONTAINER}.image`]],
  ["image.repository", "other", [`${CONTAINER}.image`]],
  ["image.tag", "v9", [`${CONTAINER}.image`]],
  ["image.pullPolicy", "Always", [`${CONTAINER}.imagePullPolicy`]],
  ["imagePullSecrets", [{ name: "a" }], [`${POD}.imagePullSecrets`]],
  ["rbac.create", false, [`ClusterRole ${NAME}`, `ClusterRoleBinding ${NAME}`], TEAMS],
  ["rbac.scope", "namespace", [
    `ClusterRole ${NAME}`,
    `ClusterRoleBinding ${NAME}`,
    `Role shop/${NAME}`,
    `RoleBinding shop/${NAME}`,
  ], { ...TEAMS, envs: { targetNamespace: "shop" } }],
  ["serviceAccount.create", false, [`ServiceAccount operators/${NAME}`]],
  ["serviceAccount.name", "other", [
    `ServiceAccount operators/${NAME}`,
    "ServiceAccount operators/other",
    `${POD}.serviceAccountName`,
  ]],
  ["serviceAccount.annotations", { a: "b" }, [
    `ServiceAccount operators/${NAME}: metadata.annotations`,
  ]],
  ["resources.limits.cpu", "1", [`${CONTAINER}.resources.limits.cpu`]],
  ["resources.limits.memory", "1Gi", [`${CONTAINER}.resources.limits.memory`]],
  ["resources.requests.cpu", "1", [`${CONTAINER}.resources.requests.cpu`]],
  ["resources.requests.memory", "1Gi", [`${CONTAINER}.resources.requests.memory`]],
  ["envs.appUrl", "http://ui", [`${CONTAINER}.env`]],
  ["envs.operatorApiUrl", "http://other", [`${CONTAINER}.env.0.value`]],
  ["envs.operatorClusterNameLabel", "version", [`${CONTAINER}.env.1.value`]],
  ["envs.resourcesVisible", "False", [`${CONTAINER}.env.2.value`]],
  ["envs.targetNamespace", "shop", [`${CONTAINER}.env.3.value`]],
  ["envs.teams", ["acid"], [`${CONTAINER}.env.4.value`]],
  ["envs.readOnly", false, [`${CONTAINER}.env.5.value`]],
  ["signIn.proxySecret.name", "a", [`${CONTAINER}.env`], TEAMS],
  ["signIn.proxyAddresses", ["10.1.0.0/16"], [`${CONTAINER}.env.7.value`], TEAMS],
  ["config", { docs_link: "https://docs" }, [`${CONTAINER}.env.7.value`]],
  ["templates", { small: "kind: postgresql" }, [
    `ConfigMap operators/${NAME}-templates`,
    `${CONTAINER}.env.8`,
    `${CONTAINER}.volumeMounts`,
    `${POD}.volumes`,
  ]],
  ["podAnnotations", { a: "b" }, [`${DEPLOYMENT}.template.metadata.annotations`]],
  ["podLabels", { a: "b" }, [`${DEPLOYMENT}.template.metadata.labels.a`]],
  ["extraEnvs", [{ name: "A", value: "b" }], [`${CONTAINER}.env.8`]],
  ["service.type", "NodePort", [`${SERVICE}spec.type`]],
  ["service.port", "8080", [`${SERVICE}spec.ports.0.port`]],
  ["service.nodePort", 32521, [`${SERVICE}spec.ports.0.nodePort`], {
    service: { type: "NodePort" },
  }],
  ["service.annotations", { a: "b" }, [`${SERVICE}metadata.annotations`]],
  ["ingress.enabled", true, [`Ingress operators/${NAME}`]],
  ["ingress.annotations", { a: "b" }, [`Ingress operators/${NAME}: metadata.annotations`], INGRESS],
  [
    "ingress.ingressClassName",
    "nginx",
    [`Ingress operators/${NAME}: spec.ingressClassName`],
    INGRESS,
  ],
  [
    "ingress.hosts",
    [{ host: "a.b", paths: ["/x"] }],
    [`Ingress operators/${NAME}: spec.rules`],
    INGRESS,
  ],
  [
    "ingress.tls",
    [{ secretName: "a", hosts: ["a.b"] }],
    [`Ingress operators/${NAME}: spec.tls`],
    INGRESS,
  ],
  ["gatewayRoute.enabled", true, [`HTTPRoute operators/${NAME}`]],
  [
    "gatewayRoute.annotations",
    { a: "b" },
    [`HTTPRoute operators/${NAME}: metadata.annotations`],
    ROUTE,
  ],
  [
    "gatewayRoute.parentRefs",
    [{ name: "a" }],
    [`HTTPRoute operators/${NAME}: spec.parentRefs`],
    ROUTE,
  ],
  ["gatewayRoute.hostnames", ["a.b"], [`HTTPRoute operators/${NAME}: spec.hostnames`], ROUTE],
  ["gatewayRoute.path", "/ui", [
    `HTTPRoute operators/${NAME}: spec.rules.0.matches`,
    `HTTPRoute operators/${NAME}: spec.rules.0.filters`,
  ], ROUTE],
  ["networkPolicy.enabled", true, [`NetworkPolicy operators/${NAME}`]],
  ["networkPolicy.from", [{ podSelector: {} }], [`NetworkPolicy operators/${NAME}: spec.ingress`], {
    networkPolicy: { enabled: true },
  }],
  ["monitoring.serviceMonitor.enabled", true, [`ServiceMonitor operators/${NAME}`]],
  ["monitoring.serviceMonitor.labels", { a: "b" }, [
    `ServiceMonitor operators/${NAME}: metadata.labels.a`,
  ], MONITORED],
  ["monitoring.serviceMonitor.interval", "30s", [
    `ServiceMonitor operators/${NAME}: spec.endpoints.0.interval`,
  ], MONITORED],
  ["priorityClassName", "high", [`${POD}.priorityClassName`]],
  ["podSecurityContext", { fsGroup: 1 }, [`${POD}.securityContext`]],
  ["securityContext.runAsUser", 1001, [`${CONTAINER}.securityContext.runAsUser`]],
  ["affinity", { nodeAffinity: { a: 1 } }, [`${POD}.affinity`]],
  ["nodeSelector", { a: "b" }, [`${POD}.nodeSelector`]],
  ["tolerations", [{ key: "a" }], [`${POD}.tolerations`]],
];

/** Values that cannot be meant, and what Helm says of each. */
const REFUSED: readonly (readonly [Values, RegExp])[] = [
  [{ replicas: 2 }, /additional properties 'replicas' not allowed/],
  [{ replicaCount: "two" }, /replicaCount/],
  [{ envs: { readonly: false } }, /'readonly' not allowed/],
  [{ envs: { readOnly: "false" } }, /readOnly/],
  [{ signIn: { mode: "none" } }, /mode/],
  [{ rbac: { scope: "team" } }, /scope/],
  [{ ingress: { hosts: ["a.b"] } }, /hosts/],
  [{ gatewayRoute: { path: "ui" } }, /path/],
  [{ service: { port: "http" } }, /port/],
  [{ extraEnvs: [{ value: "a" }] }, /extraEnvs/],
];

for (const [values, wanted] of REFUSED) {
  Deno.test(`the UI's chart refuses ${JSON.stringify(values)}`, async () => {
    await assert.rejects(rendered(values), wanted);
  });
}

Deno.test("the schema of the UI's chart has every value, and no other", async () => {
  const values = parse(await Deno.readTextFile(`${UI_CHART}/values.yaml`)) as Values;
  const { properties } = JSON.parse(
    await Deno.readTextFile(`${UI_CHART}/values.schema.json`),
  ) as { properties: object };
  const commented = ["fullnameOverride", "global", "imagePullSecrets", "nameOverride"];
  assert.deepEqual(
    Object.keys(properties).filter((key) => !commented.includes(key)).sort(),
    Object.keys(values).sort(),
  );
});

/** Both are laid over each other. */
function merged(a: Values, b: Values): Values {
  const inner = (value: unknown): value is Values =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  return Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((key) => {
      const [x, y] = [a[key], b[key]];
      return [key, inner(x) && inner(y) ? merged(x, y) : key in b ? y : x];
    }),
  );
}

Deno.test("each value of the UI's chart changes its own places", async () => {
  const check = async ([path, value, wanted, around = {}]: typeof FLIPS[number]) => {
    const base = await rendered(around);
    const changed = await rendered(merged(around, valuesAt(path.split("."), value)));
    const paths = differences(base, changed);
    const strange = paths.filter((each) => !wanted.some((start) => each.startsWith(start)));
    const missing = wanted.filter((start) => !paths.some((each) => each.startsWith(start)));
    assert.deepEqual({ strange, missing }, { strange: [], missing: [] }, path);
  };
  for (let at = 0; at < FLIPS.length; at += AT_ONCE) {
    await Promise.all(FLIPS.slice(at, at + AT_ONCE).map(check));
  }
});

Deno.test("no value of the UI's chart is without a test", async () => {
  const values = parse(await Deno.readTextFile(`${UI_CHART}/values.yaml`)) as Values;
  const leaves = (value: unknown, path: string): string[] =>
    typeof value === "object" && value !== null && !Array.isArray(value) &&
      Object.keys(value).length > 0
      ? Object.entries(value).flatMap(([key, each]) => leaves(each, path ? `${path}.${key}` : key))
      : [path];
  const tested = new Set(FLIPS.map(([path]) => path));
  const untested = leaves(values, "").filter((path) => !tested.has(path));
  assert.deepEqual(untested, [
    "signIn.mode",
    "signIn.proxySecret.key",
    "securityContext.runAsNonRoot",
    "securityContext.readOnlyRootFilesystem",
    "securityContext.allowPrivilegeEscalation",
    "securityContext.capabilities.drop",
    "securityContext.seccompProfile.type",
  ]);
});

Deno.test("a way to sign in gets the rights that it needs, and people's own tokens none", async () => {
  const verbs = async (mode: string) => {
    const values = { signIn: { mode, proxyAddresses: ["10.0.0.0/8"] } };
    const role = (await rendered(values)).find(({ kind }) => kind === "ClusterRole");
    const rules = (role?.["rules"] ?? []) as { resources: string[]; verbs: string[] }[];
    return rules.map((rule) => `${rule.verbs} ${rule.resources}`);
  };
  assert.deepEqual(await verbs("token"), []);
  assert.deepEqual(await verbs("proxy"), ["impersonate users,groups"]);
  assert.deepEqual(await verbs("teams"), [
    "create,delete,get,list,patch,watch postgresqls",
    "list pods,resourcequotas",
    "get services",
    "get deployments,statefulsets",
    "list namespaces",
  ]);
});

Deno.test("a role in one namespace needs one, and does not list namespaces", async () => {
  await assert.rejects(
    rendered(merged(TEAMS, { rbac: { scope: "namespace" } })),
    /needs one namespace in envs.targetNamespace/,
  );
  const values = merged(TEAMS, { rbac: { scope: "namespace" }, envs: { targetNamespace: "shop" } });
  const role = (await rendered(values)).find(({ kind }) => kind === "Role");
  assert.equal(JSON.stringify(role).includes("namespaces"), false);
});

Deno.test("the UI reads what the chart writes without a word", async () => {
  const values = merged(TEAMS, {
    envs: { teams: ["acid"], readOnly: false },
    config: { docs_link: "d" },
  });
  const objects = await rendered(values);
  const deployment = objects.find((object) => nameOf(object) === `Deployment operators/${NAME}`);
  const { spec } = deployment as unknown as {
    spec: {
      template: {
        spec: { containers: { args: string[]; env: { name: string; value: string }[] }[] };
      };
    };
  };
  const [container] = spec.template.spec.containers;
  assert.deepEqual(container!.args, ["ui"]);
  const variables = Object.fromEntries(container!.env.map(({ name, value }) => [name, value]));
  const { settings, warnings, problems } = readSettings(variables);
  assert.deepEqual([warnings, problems], [[], []]);
  assert.deepEqual(settings.teams, ["acid"]);
  assert.equal(settings.readOnly, false);
  assert.equal(settings.shown["docs_link"], "d");
});
