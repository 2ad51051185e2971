import assert from "node:assert/strict";
import type { PostgresqlSpec } from "../../api/types.gen.ts";
import type { Config } from "../../config/config.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import { DNS_NAME_ANNOTATION, type Exposure, resolveExposure } from "./exposure.ts";

interface Case {
  readonly why: string;
  readonly spec?: Partial<PostgresqlSpec>;
  readonly config?: Partial<Config>;
  readonly service: keyof Exposure;
  readonly want: unknown;
}

const OFF = { enableMasterLoadBalancer: false };

const CASES: readonly Case[] = [
  { why: "closed by default", config: OFF, service: "primary", want: { type: "ClusterIP" } },
  {
    why: "a load balancer without ranges is closed",
    service: "primary",
    want: {
      type: "LoadBalancer",
      sourceRanges: ["127.0.0.1/32"],
      externalTrafficPolicy: "Cluster",
      dns: "acid-orders.shop.db.example.com,orders.acid.db.example.com",
    },
  },
  {
    why: "the manifest's switch outranks the configuration's",
    spec: { enableMasterLoadBalancer: false },
    service: "primary",
    want: { type: "ClusterIP" },
  },
  {
    why: "a node port outranks a load balancer and has no name in DNS",
    spec: { enableMasterNodePort: true, masterNodePort: 30123, enableMasterLoadBalancer: true },
    service: "primary",
    want: { type: "NodePort", nodePort: 30123, externalTrafficPolicy: "Cluster" },
  },
  {
    why: "a port of the manifest counts only with its switch",
    spec: { masterNodePort: 30123 },
    config: { enableMasterNodePort: true },
    service: "primary",
    want: { type: "NodePort", externalTrafficPolicy: "Cluster" },
  },
  {
    why: "port 0 leaves the choice to Kubernetes",
    spec: { enableReplicaNodePort: true, replicaNodePort: 0 },
    service: "replica",
    want: { type: "NodePort", externalTrafficPolicy: "Cluster" },
  },
  {
    why: "ranges and traffic policy as given",
    spec: { enableReplicaLoadBalancer: true, allowedSourceRanges: ["10.0.0.0/8"] },
    config: { externalTrafficPolicy: "Local" },
    service: "replica",
    want: {
      type: "LoadBalancer",
      sourceRanges: ["10.0.0.0/8"],
      externalTrafficPolicy: "Local",
      dns: "acid-orders-repl.shop.db.example.com,orders-repl.acid.db.example.com",
    },
  },
  {
    why: "ranges of null are none",
    spec: { enableReplicaLoadBalancer: true, allowedSourceRanges: null, teamId: "other" },
    service: "replica",
    want: {
      type: "LoadBalancer",
      sourceRanges: ["127.0.0.1/32"],
      externalTrafficPolicy: "Cluster",
      dns: "acid-orders-repl.shop.db.example.com",
    },
  },
  {
    why: "the team counts without regard to case, the name is in lower case",
    spec: { teamId: "ACID" },
    service: "primary",
    want: {
      type: "LoadBalancer",
      sourceRanges: ["127.0.0.1/32"],
      externalTrafficPolicy: "Cluster",
      dns: "acid-orders.shop.db.example.com,orders.acid.db.example.com",
    },
  },
  {
    why: "poolers have switches of their own and no legacy name",
    spec: { enableReplicaPoolerLoadBalancer: true },
    service: "replicaPooler",
    want: {
      type: "LoadBalancer",
      sourceRanges: ["127.0.0.1/32"],
      externalTrafficPolicy: "Cluster",
      dns: "acid-orders-pooler-repl.shop.db.example.com",
    },
  },
  {
    why: "a pooler's node port",
    spec: { enableMasterPoolerNodePort: true, masterPoolerNodePort: 30500 },
    service: "primaryPooler",
    want: { type: "NodePort", nodePort: 30500, externalTrafficPolicy: "Cluster" },
  },
  { why: "no pooler is exposed by default", service: "primaryPooler", want: { type: "ClusterIP" } },
];

Deno.test("resolveExposure settles type, port, ranges, policy and name of every service", () => {
  for (const { why, spec, config: overrides, service, want } of CASES) {
    const exposure = resolveExposure(cluster({ spec: spec ?? {} }), config(overrides));
    const { annotations, ...rest } = exposure[service];
    const dns = annotations[DNS_NAME_ANNOTATION];
    assert.deepEqual(dns === undefined ? rest : { ...rest, dns }, want, why);
  }
});

Deno.test("annotations of a service go from general to special", () => {
  const exposure = resolveExposure(
    cluster({
      spec: {
        enableMasterLoadBalancer: false,
        serviceAnnotations: { b: "manifest", c: "manifest" },
        masterServiceAnnotations: { c: "primary" },
        replicaServiceAnnotations: { c: "replica" },
      },
    }),
    config({ customServiceAnnotations: { a: "configuration", b: "configuration" } }),
  );
  assert.deepEqual(exposure.primary.annotations, {
    a: "configuration",
    b: "manifest",
    c: "primary",
  });
  assert.deepEqual(exposure.replica.annotations, {
    a: "configuration",
    b: "manifest",
    c: "replica",
  });
});

Deno.test("people cannot replace the name in DNS of a load balancer", () => {
  const exposure = resolveExposure(
    cluster({ spec: { serviceAnnotations: { [DNS_NAME_ANNOTATION]: "mine.example.com" } } }),
    config(),
  );
  assert.match(exposure.primary.annotations[DNS_NAME_ANNOTATION] ?? "", /^acid-orders\.shop/);
  assert.equal(exposure.replica.annotations[DNS_NAME_ANNOTATION], "mine.example.com");
});

Deno.test("a name longer than services allow has no legacy name", () => {
  const name = `acid-${"x".repeat(60)}`;
  const exposure = resolveExposure(cluster({ metadata: { namespace: "shop", name } }), config());
  const dns = exposure.primary.annotations[DNS_NAME_ANNOTATION];
  assert.equal(dns, `${name}.shop.db.example.com`);
});
