import assert from "node:assert/strict";
import type { Endpoints, Service } from "../objects/network.ts";
import { hostsFile, serviceNames } from "./names.ts";

const service: Service = {
  metadata: { name: "demo", namespace: "prod" },
  spec: { clusterIP: "127.20.100.7", ports: [{ port: 5432 }] },
};
const behind: Endpoints = {
  metadata: { name: "demo", namespace: "prod" },
  subsets: [{
    addresses: [{ ip: "127.20.1.1", hostname: "demo-0" }, { ip: "127.20.1.2" }],
    notReadyAddresses: [{ ip: "127.20.1.3", hostname: "demo-2" }],
  }],
};

Deno.test("a Service's name has its own address, its ready pods have theirs", () => {
  assert.deepEqual(serviceNames(service, behind), [
    { namespace: "prod", name: "demo", addresses: ["127.20.100.7"] },
    { namespace: "prod", name: "demo-0.demo", addresses: ["127.20.1.1"] },
  ]);
});

Deno.test("a headless Service's name has the addresses of its ready pods", () => {
  const headless = { ...service, spec: { clusterIP: "None" } };
  assert.deepEqual(serviceNames(headless, behind)[0]?.addresses, ["127.20.1.1", "127.20.1.2"]);
});

Deno.test("a headless Service without ready pods has no name", () => {
  assert.deepEqual(serviceNames({ ...service, spec: { clusterIP: "None" } }, undefined), []);
});

Deno.test("a pod finds its own namespace's Services by their short name, others by a longer", () => {
  const names = serviceNames(service, undefined);
  const owner = { hostname: "app-0", ip: "127.20.1.9" };
  const at = "127.20.100.7 demo.prod.svc.cluster.local demo.prod.svc demo.prod";
  assert.equal(
    hostsFile(names, { ...owner, namespace: "prod" }),
    `127.20.1.9 localhost app-0\n${at} demo\n`,
  );
  assert.equal(
    hostsFile(names, { ...owner, namespace: "other" }),
    `127.20.1.9 localhost app-0\n${at}\n`,
  );
});
