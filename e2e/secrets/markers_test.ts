/**
 * Nothing secret is shown. A marker is put into every text field of a manifest's schema, into every
 * Secret that the operator reads, and into everything that peers say; then everything that the
 * operator says to anybody is searched for it: log lines of every level, Events, the status, plans,
 * and every page of the debug API. `MARKER_EVERY=1` tries every field, otherwise every fifth.
 */

import assert from "node:assert/strict";
import type { CatalogObservation } from "../../src/cluster/observed/catalog.ts";
import { known } from "../../src/ports/observation.ts";
import { encodeBase64 } from "../../src/lib/base64.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { config } from "../../src/testing/config_fixture.ts";
import { observeOperator, type OperatorParts } from "./observed_operator.ts";
import { textFields } from "./schema_fields.ts";

const EVERY = Number(Deno.env.get("MARKER_EVERY") ?? 5);

/** Last parts of the fields that hold names, kinds and choices, and may be shown. */
const DECLARED_HARMLESS = new RegExp(
  "(" + [
    ...["teamId", "cluster", "uid", "timestamp", "version", "size", "storageClass", "volume.type"],
    ...["dockerImage", "image", "imagePullPolicy", "mode", "schema", "connectionPooler.user"],
    ...[
      "databases\\.\\*",
      "extensions\\.\\*",
      "allowedSourceRanges\\[\\]",
      "maintenanceWindows\\[\\]",
    ],
    ...["logicalBackupRetention", "logicalBackupSchedule", "podPriorityClassName", "schedulerName"],
    ...["name", "apiVersion", "fieldPath", "volumeName", "containerName", "resource"],
    ...["(KeyRef|tolerations\\[\\]|matchExpressions\\[\\]|matchFields\\[\\])\\.key"],
    ...["mountPath", "mountPropagation", "port", "protocol", "scheme", "restartPolicy", "operator"],
    ...["terminationMessagePath", "terminationMessagePolicy", "(Profile|seLinuxOptions)\\.type"],
    ...["tls\\.secretName", "tls\\.caSecretName", "effect", "topologyKey", "whenUnsatisfiable"],
    ...["internalTrafficPolicy", "ipFamilies\\[\\]", "ipFamilyPolicy", "loadBalancerClass"],
    ...["secretNamespace"],
    ...["matchLabels\\.\\*", "volume\\.selector\\.matchExpressions\\[\\]\\.values\\[\\]", "plugin"],
  ].join("|") + ")$",
);

/** Streams name their slots of replication after these: a recording has slots by name. */
const NAMES_SLOTS = /^spec\.streams\[\]\.(database|applicationId)$/;

let searched = 0;

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** Where a marker was found, with the words around it. */
type Hits = readonly string[];

async function hitsOf(
  parts: OperatorParts,
  specs: readonly Record<string, unknown>[],
): Promise<Hits> {
  const operator = observeOperator(parts);
  const hits: string[] = [];
  for (const spec of specs) {
    await operator.apply(manifest(spec));
    for (const [place, text] of await operator.said()) {
      searched++;
      for (const [found] of text.matchAll(/.{0,80}zq7x.{0,20}/g)) hits.push(`${place}: ${found}`);
    }
  }
  await operator.stop();
  assert.deepEqual(operator.unequal, []);
  return hits;
}

function manifest(spec: Record<string, unknown>): KubeObject {
  const metadata = { namespace: "default", name: "acid-shop", uid: "uid-shop" };
  return { apiVersion: "acid.zalan.do/v1", kind: "postgresql", metadata, spec } as KubeObject;
}

Deno.test("no text of a manifest is shown but names, kinds and choices", async () => {
  const fields = textFields();
  assert.ok(fields.length > 250, `the schema has only ${fields.length} text fields`);
  const shown: string[] = [];
  const secret = fields.filter(({ path }) => !DECLARED_HARMLESS.test(path));
  for (const { path, specWith } of secret.filter((_, index) => index % EVERY === 0)) {
    const all = await hitsOf({ config: config() }, [specWith("zq7xa"), specWith("zq7xb")]);
    const hits = all.filter((hit) => !(hit.startsWith("recordings") && NAMES_SLOTS.test(path)));
    if (hits.length > 0) shown.push(`${path} in ${hits[0]}`);
  }
  assert.deepEqual(shown, []);
  const tried = Math.ceil(secret.length / EVERY);
  print(`${tried} of ${secret.length} fields, ${searched} places searched: 0 markers found`);
});

/** What people have asked about: each of them was shown in plain text once. */
const KNOWN_LEAKS: Record<string, unknown> = {
  teamId: "acid",
  numberOfInstances: 2,
  volume: { size: "1Gi" },
  postgresql: {
    version: "17",
    parameters: {
      "ext.api_password": "zq7x",
      archive_command: "curl zq7x",
      primary_conninfo: "host=a password=zq7x",
      image: "zq7x",
    },
  },
  patroni: { pg_hba: ["host all all all ldap ldapbindpasswd=zq7x"], initdb: { pwfile: "zq7x" } },
  env: [{ name: "DATABASE_URL", value: "postgres://u:zq7x@h/d" }, {
    name: "RESTIC_PW",
    value: "zq7x",
  }],
  sidecars: [{
    name: "a",
    image: "a",
    command: ["sh", "-c", "zq7x"],
    env: [{ name: "PIN", value: "zq7x" }],
  }],
  podAnnotations: { "vault.example/token": "zq7x" },
  serviceAnnotations: { name: "zq7x" },
  clone: {
    cluster: "acid-old",
    uid: "efd12e58-5786-11e8-b5a7-06148230260c",
    timestamp: "2026-01-01T00:00:00+00:00",
    s3_access_key_id: "zq7x",
    s3_secret_access_key: "zq7x",
    s3_endpoint: "https://u:zq7x@s3",
    s3_wal_path: "s3://zq7x",
  },
};

/** The same with every marker changed, so that each field is told as a difference. */
function changed(spec: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(spec).replaceAll("zq7x", "zq7xx"));
}

Deno.test("variables, parameters, rules, commands, annotations and keys are told by their place alone", async () => {
  const hits = await hitsOf({ config: config() }, [KNOWN_LEAKS, changed(KNOWN_LEAKS)]);
  assert.deepEqual(hits, []);
});

Deno.test("a change of them still reads like a sentence", async () => {
  const operator = observeOperator({ config: config() });
  await operator.apply(manifest(KNOWN_LEAKS));
  await operator.said();
  await operator.apply(manifest(changed(KNOWN_LEAKS)));
  const said = await operator.said();
  assert.match(said.get("admission") ?? "", /this change restarts 2 pods/);
  const log = said.get("log") ?? "";
  await operator.stop();
  assert.match(log, /env\[DATABASE_URL\]\.value: changed \(value not shown\)/);
  assert.match(log, /parameters\.archive_command: changed \(value not shown\)/);
});

function secret(name: string, data: Readonly<Record<string, string>>): KubeObject {
  const labels = { application: "spilo", "cluster-name": "acid-shop" };
  const encoded = Object.entries(data).map(([key, value]) => [key, encodeBase64(value)]);
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: "default", name, labels },
    data: Object.fromEntries(encoded),
  } as KubeObject;
}

const CREDENTIALS = ["postgres", "standby", "owner", "pooler"].map((role) =>
  secret(`${role}.acid-shop.credentials.postgresql.acid.zalan.do`, {
    username: role,
    password: "zq7xpassword",
  })
);
const ENVIRONMENT = secret("environment", { AWS_KEY: "zq7xa", DATABASE_URL: "zq7xb" });
const ROLES = secret("roles", { user1: "robot", password1: "zq7xc", inrole1: "owner" });

/** A server that has nothing yet, so that every role and database is made. */
const EMPTY_CATALOG: CatalogObservation = known({
  serverVersion: 170005,
  passwordEncryption: "scram-sha-256",
  roles: new Map(),
  databases: new Map(),
  contents: new Map(),
});

Deno.test("nothing of a Secret is shown", async () => {
  const parts: OperatorParts = {
    config: config({
      podEnvironmentSecret: "environment",
      logicalBackupCronjobEnvironmentSecret: "environment",
      infrastructureRolesSecretName: { namespace: "default", name: "roles" },
    }),
    objects: [...CREDENTIALS, ENVIRONMENT, ROLES],
    catalog: () => EMPTY_CATALOG,
  };
  const spec = {
    teamId: "acid",
    numberOfInstances: 2,
    volume: { size: "1Gi" },
    postgresql: { version: "17" },
    users: { owner: ["createdb"] },
    databases: { shop: "owner" },
    enableConnectionPooler: true,
    enableLogicalBackup: true,
  };
  assert.deepEqual(await hitsOf(parts, [spec, { ...spec, numberOfInstances: 3 }]), []);
});
