import assert from "node:assert/strict";
import type { PostgresqlSpec } from "../../../api/types.gen.ts";
import type { EnvVar } from "../../../kubernetes/types.gen.ts";
import { known } from "../../../ports/observation.ts";
import { cluster, inputs } from "../../../testing/cluster_fixture.ts";
import { config } from "../../../testing/config_fixture.ts";
import { operatorVariables } from "../../effective/pod/environment.ts";
import { resolveSpec } from "../../effective/spec.ts";
import { appendMissing, operatorEnvironment, postgresEnvironment } from "./environment.ts";

type Settings = NonNullable<Parameters<typeof config>[0]>;

const NOW = new Date("2026-01-14T12:00:00Z");

function environment(spec: Partial<PostgresqlSpec>, settings: Settings = {}): EnvVar[] {
  const resolved = resolveSpec(
    cluster({ spec }),
    config(settings),
    inputs({
      podEnvironmentSecretKeys: known(["SHARED", "FROM_SECRET"]),
      podEnvironment: known({ SHARED: "map", FROM_MAP: "m", LOG_S3_BUCKET: "map" }),
    }),
    NOW,
  );
  return postgresEnvironment(resolved.spec, config(settings));
}

/** The variables behind those of the operator, as `NAME=value` or `NAME<secret/key`. */
function added(spec: Partial<PostgresqlSpec>, settings: Settings = {}): string[] {
  const variables = environment(spec, settings);
  const last = variables.findIndex(({ name }) => name === "KUBERNETES_USE_CONFIGMAPS");
  return variables.slice(last + 1).map(({ name, value = "", valueFrom }) => {
    const secret = valueFrom?.secretKeyRef;
    return secret ? `${name}<${secret.name}/${secret.key}` : `${name}=${value}`;
  });
}

Deno.test("operatorEnvironment sets exactly the names that the manifest cannot change", () => {
  const variants: Settings[] = [
    {},
    { enableSpiloWalPathCompat: true, enablePgversionEnvVar: false },
    { kubernetesUseConfigmaps: false, enablePodDisruptionBudget: undefined },
    { etcdHost: "etcd:2379" },
  ];
  for (const settings of variants) {
    const { spec } = resolveSpec(cluster(), config(settings), inputs(), NOW);
    const names = operatorEnvironment(spec, config(settings)).map(({ name }) => name);
    assert.deepEqual(names, operatorVariables(config(settings), spec.patroni.store));
  }
});

Deno.test("postgresEnvironment lets the manifest win over Secret, ConfigMap and configuration", () => {
  const settings = { podEnvironmentSecret: "extra", logS3Bucket: "config" };
  assert.deepEqual(
    added({ env: [{ name: "from_map", value: "own" }, { name: "OWN", value: "1" }] }, settings),
    [
      "from_map=own",
      "OWN=1",
      "FROM_SECRET<extra/FROM_SECRET",
      "SHARED<extra/SHARED",
      "LOG_S3_BUCKET=map",
      "LOG_BUCKET_SCOPE_SUFFIX=/c3a9f0de-0000-4000-8000-000000000001",
      "LOG_BUCKET_SCOPE_PREFIX=",
    ],
  );
});

Deno.test("postgresEnvironment appends clone variables as they are, duplicates included", () => {
  const names = environment({
    env: [{ name: "CLONE_METHOD", value: "own" }],
    clone: { cluster: "acid-old" },
  }).filter(({ name }) => name === "CLONE_METHOD");
  assert.deepEqual(names.map(({ value }) => value), ["own", "CLONE_WITH_BASEBACKUP"]);
});

Deno.test("postgresEnvironment clones the running source with its own replication password", () => {
  const variables = added({ clone: { cluster: "acid-old" } }, { irsaRoleArn: "arn:x" });
  assert.deepEqual(variables.slice(0, 8), [
    "CLONE_SCOPE=acid-old",
    "CLONE_METHOD=CLONE_WITH_BASEBACKUP",
    "CLONE_HOST=acid-old",
    "CLONE_PORT=5432",
    "CLONE_USER=standby",
    "CLONE_PASSWORD<standby.acid-old.credentials.postgresql.acid.zalan.do/password",
    "CLONE_AWS_ROLE_ARN=arn:x",
    "CLONE_AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
  ]);
});

Deno.test("postgresEnvironment clones from an archive up to a moment", () => {
  const clone = {
    cluster: "acid-old",
    uid: "u-0",
    timestamp: "2026-01-01T00:00:00+00:00",
    s3_endpoint: "https://s3",
    s3_access_key_id: "id",
    s3_secret_access_key: "key",
    s3_force_path_style: false,
  };
  const tail = [
    "CLONE_METHOD=CLONE_WITH_WALE",
    "CLONE_TARGET_TIME=2026-01-01T00:00:00+00:00",
    "CLONE_WAL_BUCKET_SCOPE_PREFIX=",
    "CLONE_AWS_ENDPOINT=https://s3",
    "CLONE_WALE_S3_ENDPOINT=https://s3",
    "CLONE_AWS_ACCESS_KEY_ID=id",
    "CLONE_AWS_SECRET_ACCESS_KEY=key",
    "CLONE_AWS_S3_FORCE_PATH_STYLE=0",
  ];
  const bucketed = added({ clone }, { walGsBucket: "g", gcpCredentials: "/key" });
  assert.deepEqual(bucketed.slice(0, 12), [
    "CLONE_SCOPE=acid-old",
    "CLONE_WAL_GS_BUCKET=g",
    "CLONE_GOOGLE_APPLICATION_CREDENTIALS=/key",
    "CLONE_WAL_BUCKET_SCOPE_SUFFIX=/u-0",
    ...tail,
  ]);
  const pathed = added({ clone: { ...clone, s3_wal_path: "s3://p" } }, { walS3Bucket: "s" });
  assert.deepEqual(pathed.slice(0, 10), [
    "CLONE_SCOPE=acid-old",
    "CLONE_WALE_S3_PREFIX=s3://p",
    ...tail,
  ]);
});

Deno.test("postgresEnvironment tells a standby its source", () => {
  const rows = [
    {
      standby: { s3_wal_path: "s3://p", gs_wal_path: "gs://p" },
      want: [
        "STANDBY_WALE_S3_PREFIX=s3://p",
        "STANDBY_METHOD=STANDBY_WITH_WALE",
        "STANDBY_WAL_BUCKET_SCOPE_PREFIX=",
      ],
    },
    {
      standby: { standby_host: "far", standby_port: "9876", standby_primary_slot_name: "s" },
      want: ["STANDBY_HOST=far", "STANDBY_PORT=9876", "STANDBY_PRIMARY_SLOT_NAME=s"],
    },
    {
      standby: { gs_wal_path: "gs://p", standby_port: "9876" },
      want: [
        "STANDBY_WALE_GS_PREFIX=gs://p",
        "STANDBY_METHOD=STANDBY_WITH_WALE",
        "STANDBY_WAL_BUCKET_SCOPE_PREFIX=",
      ],
    },
  ];
  for (const { standby, want } of rows) {
    const variables = added({ standby }).filter((text) => text.startsWith("STANDBY_"));
    assert.deepEqual(variables, want);
  }
});

Deno.test("postgresEnvironment names the files of TLS last", () => {
  const variables = added({ tls: { secretName: "cert", caFile: "ca.crt" } });
  assert.deepEqual(variables.slice(-3), [
    "SSL_CERTIFICATE_FILE=/tls/tls.crt",
    "SSL_PRIVATE_KEY_FILE=/tls/tls.key",
    "SSL_CA_FILE=/tls/ca.crt",
  ]);
});

Deno.test("appendMissing keeps the first of two names, whatever their case", () => {
  const present = [{ name: "A", value: "1" }];
  const appended = appendMissing(present, [
    { name: "a", value: "2" },
    { name: "B", value: "3" },
    { name: "b", value: "4" },
  ]);
  assert.deepEqual(appended, [{ name: "A", value: "1" }, { name: "B", value: "3" }]);
  assert.deepEqual(appendMissing(present, []), present);
});
