/** Addresses, traffic and class of Services: what is asked for, and what Kubernetes does not change. */

import assert from "node:assert/strict";
import type { PostgresqlSpec } from "../../../api/types.gen.ts";
import type { Service, ServiceSpec } from "../../../kubernetes/types.gen.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { planContext } from "../../../testing/plan_fixture.ts";
import { planPooler } from "./pooler.ts";
import { planServices } from "./objects.ts";

/** What the API server makes of a Service that says nothing. */
const DEFAULTS: ServiceSpec = {
  internalTrafficPolicy: "Cluster",
  ipFamilies: ["IPv4"],
  ipFamilyPolicy: "SingleStack",
};
const BALANCER = { enableMasterLoadBalancer: true, enableReplicaLoadBalancer: true };
const PLAIN = { enableMasterLoadBalancer: false, enableReplicaLoadBalancer: false };

interface Row {
  readonly asked: Partial<PostgresqlSpec>;
  /** What Services have beside what the manifest without the new fields leads to. */
  readonly present?: ServiceSpec;
  readonly want: readonly (ServiceSpec | RegExp)[];
}

const ROWS: readonly Row[] = [
  { asked: {}, want: [] },
  {
    asked: {},
    present: { ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv6", "IPv4"] },
    want: [],
  },
  { asked: { internalTrafficPolicy: "Cluster" }, want: [] },
  { asked: { internalTrafficPolicy: "Local" }, want: [{ internalTrafficPolicy: "Local" }] },
  { asked: { ipFamilyPolicy: "PreferDualStack" }, want: [{ ipFamilyPolicy: "PreferDualStack" }] },
  { asked: { ipFamilies: ["IPv4"] }, present: { ipFamilies: ["IPv4", "IPv6"] }, want: [] },
  { asked: { ipFamilies: ["IPv4", "IPv6"] }, want: [{ ipFamilies: ["IPv4", "IPv6"] }] },
  { asked: { ipFamilies: ["IPv6"] }, want: [/^spec\.ipFamilies: Service \S+ keeps IPv4; /] },
  {
    asked: { ...BALANCER, loadBalancerClass: "example.org/inner" },
    want: [/^spec\.loadBalancerClass: Service \S+ keeps the default class; /],
  },
  {
    asked: { ...BALANCER, loadBalancerClass: "example.org/inner" },
    present: { loadBalancerClass: "example.org/inner" },
    want: [],
  },
  { asked: { ...BALANCER }, present: { loadBalancerClass: "somebody.example.org/own" }, want: [] },
  { asked: { ...PLAIN, loadBalancerClass: "example.org/inner" }, want: [] },
];

for (const { asked, present, want } of ROWS) {
  const given = `${JSON.stringify(asked)} and ${JSON.stringify(present ?? {})} there`;
  Deno.test(`Services given ${given}`, () => {
    const { internalTrafficPolicy: _a, ipFamilies: _b, ipFamilyPolicy: _c, ...old } = asked;
    const { loadBalancerClass: _d, ...plain } = old;
    const before = planContext({ cr: cluster({ spec: plain }) }).desired.services;
    const objects = Object.values(before).map((service) => ({
      ...service,
      spec: { ...DEFAULTS, ...service.spec, ...present },
    }));
    const plan = planServices(planContext({ cr: cluster({ spec: asked }), objects }));
    const specs = plan.steps.flatMap(({ action }) =>
      action.kind === "patch" ? [(action.request.body as Service).spec] : []
    );
    const texts = want.filter((one) => one instanceof RegExp);
    assert.deepEqual(
      specs,
      want.filter((one) => !(one instanceof RegExp)).flatMap((one) => [one, one]),
    );
    assert.equal(plan.held.length, 2 * texts.length);
    for (const { kind, reason } of plan.held) {
      assert.equal(kind, "left");
      assert.match(reason, texts[0]!);
    }
  });
}

Deno.test("a load balancer that is switched on gets its class with its type", () => {
  const plain = planContext({ cr: cluster({ spec: PLAIN }) });
  const objects = Object.values(plain.desired.services);
  const spec = { ...BALANCER, loadBalancerClass: "example.org/inner" };
  const plan = planServices(planContext({ cr: cluster({ spec }), objects }));
  assert.equal(plan.steps.length, 2);
  for (const { action } of plan.steps) {
    const patched = action.kind === "patch" ? (action.request.body as Service).spec : undefined;
    assert.equal(patched?.type, "LoadBalancer");
    assert.equal(patched?.loadBalancerClass, "example.org/inner");
  }
  assert.deepEqual(plan.held, []);
});

Deno.test("new Services, those of poolers too, get what the manifest asks for", () => {
  const spec: Partial<PostgresqlSpec> = {
    ...BALANCER,
    enableConnectionPooler: true,
    enableMasterPoolerLoadBalancer: true,
    internalTrafficPolicy: "Local",
    ipFamilies: ["IPv6", "IPv4"],
    ipFamilyPolicy: "RequireDualStack",
    loadBalancerClass: "example.org/inner",
  };
  const context = planContext({ cr: cluster({ spec }), config: { enableDatabaseAccess: false } });
  const made = [planServices(context), planPooler(context)].flatMap(({ steps }) => steps)
    .flatMap(({ action }) => action.kind === "create" ? [action.object as Service] : [])
    .filter(({ kind }) => kind === "Service");
  assert.deepEqual(made.map(({ metadata }) => metadata.name), [
    "acid-orders",
    "acid-orders-repl",
    "acid-orders-pooler",
  ]);
  for (const service of made) {
    const { internalTrafficPolicy, ipFamilies, ipFamilyPolicy, loadBalancerClass } = service.spec!;
    assert.deepEqual([internalTrafficPolicy, ipFamilies, ipFamilyPolicy, loadBalancerClass], [
      "Local",
      ["IPv6", "IPv4"],
      "RequireDualStack",
      "example.org/inner",
    ]);
  }
});
