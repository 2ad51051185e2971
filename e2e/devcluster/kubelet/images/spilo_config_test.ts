import assert from "node:assert/strict";
import { stringify } from "yaml";
import { assertGolden } from "./golden.fixture.ts";
import { imageRequest, machine, MINIMAL_ENV } from "./image_request.fixture.ts";
import { spiloConfiguration } from "./spilo_config.ts";

type Tree = { [key: string]: Tree };

function configure(env: Record<string, string>, machineChanges = {}) {
  const request = imageRequest("spilo-17:4.0", { ...MINIMAL_ENV, ...env }, {
    machine: machine(machineChanges),
  });
  const { patroni, notes } = spiloConfiguration(request, "15");
  return { patroni: patroni as unknown as Tree, notes };
}

/** Reads `a.b.c`; a field may not hold a dot itself. */
function at(tree: Tree, path: string): unknown {
  return path.split(".").reduce<Tree | undefined>((node, key) => node?.[key], tree);
}

Deno.test("the minimal cluster's environment becomes this Patroni configuration", () => {
  assertGolden("patroni_minimal.yaml", stringify(configure({}).patroni));
});

Deno.test("a clone in Endpoints mode becomes this Patroni configuration", () => {
  const env = {
    KUBERNETES_USE_CONFIGMAPS: "",
    CLONE_SCOPE: "acid-source",
    CLONE_METHOD: "CLONE_WITH_BASEBACKUP",
    CLONE_HOST: "acid-source",
    CLONE_PORT: "5432",
    CLONE_USER: "standby",
    CLONE_PASSWORD: "a:b\\c",
    ALLOW_NOSSL: "true",
    PAM_OAUTH2: "",
  };
  assertGolden("patroni_clone.yaml", stringify(configure(env).patroni));
});

Deno.test("a standby cluster from an archive, with one of its own, becomes this configuration", () => {
  const env = {
    WAL_S3_BUCKET: "wal",
    WAL_BUCKET_SCOPE_PREFIX: "",
    WAL_BUCKET_SCOPE_SUFFIX: "/u-1",
    USE_WALG_BACKUP: "true",
    STANDBY_METHOD: "STANDBY_WITH_WALE",
    STANDBY_WALE_S3_PREFIX: "s3://wal/spilo/source/u-2/wal/17",
  };
  assertGolden("patroni_archive.yaml", stringify(configure(env).patroni));
});

Deno.test("a clone from an archive is made by the image's script up to its moment", () => {
  const { patroni } = configure({
    CLONE_METHOD: "CLONE_WITH_WALE",
    CLONE_SCOPE: "source",
    CLONE_WAL_S3_BUCKET: "wal",
    CLONE_TARGET_TIME: "2026-05-01T12:00:00+00:00",
  });
  assert.deepEqual(at(patroni, "bootstrap.clone_with_wale"), {
    command: 'envdir "/run/etc/wal-e.d/env-clone-source" /scripts/clone_with_wale.py ' +
      '--recovery-target-time="2026-05-01T12:00:00+00:00"',
  });
  assert.equal(at(patroni, "bootstrap.method"), "clone_with_wale");
});

const dcs = (value: unknown) => ({
  SPILO_CONFIGURATION: JSON.stringify({ bootstrap: { dcs: value } }),
});

const rows: { name: string; env: Record<string, string>; path: string; want: unknown }[] = [
  {
    name: "the manifest's ttl wins over the machine's",
    env: dcs({ ttl: 60 }),
    path: "bootstrap.dcs.ttl",
    want: 60,
  },
  {
    name: "what the manifest leaves out keeps the machine's value",
    env: dcs({ ttl: 60 }),
    path: "bootstrap.dcs.loop_wait",
    want: 2,
  },
  {
    name: "cluster parameters are merged one by one",
    env: dcs({ postgresql: { parameters: { max_connections: "42" } } }),
    path: "bootstrap.dcs.postgresql.parameters.max_connections",
    want: "42",
  },
  {
    name: "a list of the manifest replaces the image's list",
    env: { SPILO_CONFIGURATION: '{"postgresql":{"pg_hba":["local all all trust"]}}' },
    path: "postgresql.pg_hba",
    want: ["local all all trust"],
  },
  {
    name: "no manifest setting can make a pod listen on another address",
    env: { SPILO_CONFIGURATION: '{"postgresql":{"listen":"*:5432"}}' },
    path: "postgresql.listen",
    want: "127.20.1.1:5432",
  },
  {
    name: "a standby cluster follows its host",
    env: { STANDBY_HOST: "source.prod", STANDBY_PORT: "5433" },
    path: "bootstrap.dcs.standby_cluster",
    want: {
      create_replica_methods: ["basebackup_fast_xlog"],
      host: "source.prod",
      port: 5433,
    },
  },
  {
    name: "certificate files of the manifest are used",
    env: { SSL_CERTIFICATE_FILE: "/tls/tls.crt", SSL_PRIVATE_KEY_FILE: "/tls/tls.key" },
    path: "postgresql.parameters.ssl_key_file",
    want: "/tls/tls.key",
  },
  {
    name: "labels that are no JSON fall back to the image's",
    env: { KUBERNETES_LABELS: "nonsense" },
    path: "kubernetes.labels",
    want: { application: "spilo" },
  },
  {
    name: "the default namespace is not named",
    env: { POD_NAMESPACE: "default" },
    path: "namespace",
    want: undefined,
  },
];

for (const { name, env, path, want } of rows) {
  Deno.test(`spiloConfiguration: ${name}`, () => {
    assert.deepEqual(at(configure(env).patroni, path), want);
  });
}

Deno.test("a locale that the machine lacks becomes C.UTF-8, and the log says so", () => {
  const initdb = [{ encoding: "UTF8" }, { locale: "en_US.UTF-8" }, "data-checksums"];
  const env = { SPILO_CONFIGURATION: JSON.stringify({ bootstrap: { initdb } }) };
  const { patroni, notes } = configure(env);
  assert.deepEqual(at(patroni, "bootstrap.initdb"), [
    { encoding: "UTF8" },
    { locale: "C.UTF-8" },
    "data-checksums",
  ]);
  assert.ok(notes.some((note) => note.includes("en_US.UTF-8")), notes.join("\n"));
  const there = configure(env, { locales: new Set(["en_US.utf8"]) });
  assert.deepEqual((at(there.patroni, "bootstrap.initdb") as unknown[])[1], {
    locale: "en_US.UTF-8",
  });
});

Deno.test("a module that the machine lacks is not preloaded, and the log says so", () => {
  const env = {
    SPILO_CONFIGURATION:
      '{"postgresql":{"parameters":{"shared_preload_libraries":"timescaledb,auto_explain"}}}',
  };
  const { patroni, notes } = configure(env);
  assert.equal(at(patroni, "postgresql.parameters.shared_preload_libraries"), "auto_explain");
  assert.ok(notes.some((note) => note.includes("timescaledb")), notes.join("\n"));
});

Deno.test("SPILO_CONFIGURATION that is no object is refused by its name", () => {
  assert.throws(() => configure({ SPILO_CONFIGURATION: "[1]" }), /cannot read SPILO_CONFIGURATION/);
});
