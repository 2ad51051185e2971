/** Secrets whose names are no names of volumes: pods can be made with them all the same. */

import assert from "node:assert/strict";
import { isDnsLabel } from "../../lib/dns_label.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { planContext } from "../../testing/plan_fixture.ts";

const NAMES = ["pg-tls", "wildcard.example.com", `${"a".repeat(60)}.example.com`];

for (const secretName of NAMES) {
  Deno.test(`pods, poolers and backups can mount the Secret ${secretName}`, () => {
    const spec = {
      tls: { secretName, caFile: "ca.crt", caSecretName: `ca.${secretName}` },
      enableConnectionPooler: true,
      enableReplicaConnectionPooler: true,
      enableLogicalBackup: true,
    };
    const config = {
      additionalSecretMount: `env.${secretName}`,
      additionalSecretMountPath: "/env",
    };
    const metadata = { namespace: "shop", name: "a".repeat(51), generation: 1 };
    const { desired } = planContext({ cr: cluster({ metadata, spec }), config });
    const pods = [
      desired.statefulSet.spec?.template.spec,
      ...desired.poolers.map(({ deployment }) => deployment.spec?.template.spec),
      desired.logicalBackup?.spec?.jobTemplate?.spec?.template?.spec,
    ];
    assert.equal(pods.length, 4);
    for (const pod of pods) {
      const volumes = pod?.volumes ?? [];
      const names = [...volumes.map(({ name }) => name), "pgdata"];
      for (const name of names) assert.ok(isDnsLabel(name), name);
      assert.equal(new Set(names).size, names.length);
      for (const container of pod?.containers ?? []) {
        for (const { name } of container.volumeMounts ?? []) assert.ok(names.includes(name), name);
      }
    }
    const secrets = pods[0]?.volumes?.flatMap(({ secret }) => secret?.secretName ?? []) ?? [];
    assert.ok(secrets.includes(secretName) && secrets.includes(`ca.${secretName}`));
  });
}
