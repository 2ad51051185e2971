/** Only what is known to be harmless is left of what people get to see. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { harmlessRule, isSecretName } from "./harmless.ts";
import { harmlessValue, redacted } from "./redact.ts";

const NAMES: readonly [string, boolean][] = [
  ["AWS_SECRET_ACCESS_KEY", true],
  ["PGPASSWORD_SUPERUSER", true],
  ["s3_secret_access_key", true],
  ["s3_access_key_id", true],
  ["SCALYR_API_KEY", true],
  ["LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_KEY", true],
  ["RESTIC_PW", true],
  ["secretName", false],
  ["usersWithSecretRotation", false],
  ["AWS_WEB_IDENTITY_TOKEN_FILE", false],
  ["SSL_PRIVATE_KEY_FILE", false],
  ["password_encryption_type", false],
  ["password_encryption", false],
  ["PGVERSION", false],
  ["topologyKey", false],
];

for (const [name, secret] of NAMES) {
  Deno.test(`${name} ${secret ? "tells" : "does not tell"} of a secret`, () => {
    assert.equal(isSecretName(name), secret);
  });
}

const CONTAINER = "spec.template.spec.containers[postgres]";

const VALUES: readonly [string, unknown, boolean][] = [
  ["spec.replicas", 3, true],
  ["spec.type", "LoadBalancer", true],
  [`${CONTAINER}.image`, "registry.example/spilo:4", true],
  [`${CONTAINER}.resources.limits.cpu`, "500m", true],
  [`${CONTAINER}.env[PGVERSION].value`, "17", true],
  [`${CONTAINER}.env[PGVERSION]`, "17", true],
  [`${CONTAINER}.env[DATABASE_URL].value`, "postgres://u:hunter2@h/db", false],
  [`${CONTAINER}.env[RESTIC_PW].value`, "1234", false],
  [`${CONTAINER}.env[PIN].value`, "1234", false],
  [`${CONTAINER}.env[A].valueFrom.secretKeyRef.name`, "a", true],
  [`${CONTAINER}.command`, ["sh", "-c", "curl -u a:b"], false],
  [`${CONTAINER}.args[0]`, "--dsn=postgres://u:p@h", false],
  [`${CONTAINER}.env[SPILO_CONFIGURATION].postgresql.parameters.max_connections`, "100", true],
  [`${CONTAINER}.env[SPILO_CONFIGURATION].postgresql.parameters.work_mem`, "64 MB", true],
  [`${CONTAINER}.env[SPILO_CONFIGURATION].postgresql.parameters.ext.api_password`, "1234", false],
  [`${CONTAINER}.env[SPILO_CONFIGURATION].postgresql.parameters.wal_level`, "logical", true],
  [`${CONTAINER}.env[SPILO_CONFIGURATION].value`, "{", false],
  ["postgresql.parameters.archive_command", "curl -H 'X-Key: hunter2'", false],
  ["postgresql.parameters.primary_conninfo", "host=a password=hunter2", false],
  ['postgresql.parameters["ext.api_password"]', "1234", false],
  ["postgresql.parameters.image", "hunter2", false],
  ["postgresql.parameters.labels", "hunter2", false],
  ['metadata.annotations["a.b/c"]', "hunter2", false],
  ["spec.serviceAnnotations.name", "hunter2", false],
  ['metadata.labels["a.b/c"]', "shop", true],
  ["data.password", "hunter2", false],
  ["data.password", 1234, false],
  ["synchronous_mode", true, true],
  ["synchronous_mode", "hunter2", false],
  ["a path that ] cannot [ be taken apart", "on", false],
];

for (const [path, value, shown] of VALUES) {
  Deno.test(`${JSON.stringify(value)} at ${path} is ${shown ? "shown" : "hidden"}`, () => {
    assert.deepEqual(harmlessValue(path, value), shown ? value : undefined);
  });
}

Deno.test("of a rule of pg_hba keywords and addresses are shown", () => {
  const rule = "hostssl  all shop 10.0.0.0/8 ldap ldapbindpasswd=hunter2 ldapserver=h";
  assert.equal(harmlessRule(rule), "hostssl all … 10.0.0.0/8 ldap … …");
  assert.equal(harmlessValue("postgresql.pg_hba[0]", rule), harmlessRule(rule));
});

Deno.test("redacted leaves names and numbers, and hides people's own texts", () => {
  const object = {
    clone: { cluster: "a", s3_secret_access_key: "S3CRET" },
    env: [{ name: "MY_URL", value: "S3CRET" }, { name: "PGVERSION", value: "17" }],
    tls: { secretName: "certificate" },
    postgresql: { version: "17", parameters: { "ext.key": "S3CRET", work_mem: "4MB" } },
    patroni: { pg_hba: ["host all all all ldap ldapbindpasswd=S3CRET"] },
    secrets: [{ kind: "Secret", data: { password: "S3CRET" }, metadata: { name: "x" } }],
  };
  assert.deepEqual(redacted(object), {
    clone: { cluster: "a", s3_secret_access_key: "[redacted]" },
    env: [{ name: "MY_URL", value: "[redacted]" }, { name: "PGVERSION", value: "17" }],
    tls: { secretName: "certificate" },
    postgresql: { version: "17", parameters: { "ext.key": "[redacted]", work_mem: "4MB" } },
    patroni: { pg_hba: ["host all all all ldap …"] },
    secrets: [{ kind: "Secret", data: { password: "[redacted]" }, metadata: { name: "x" } }],
  });
  assert.equal(object.clone.s3_secret_access_key, "S3CRET", "the original is left alone");
});

Deno.test("a text in a field that nobody declared is hidden, whatever the field is called", () => {
  const text = fc.string({ minLength: 1 }).map((each) => `zq7${each}`);
  const field = fc.string({ minLength: 1 }).map((each) => `x_${each}`);
  fc.assert(fc.property(field, field, text, (first, second, secret) => {
    const shown = redacted({ [first]: { [second]: [secret] }, parameters: { [first]: secret } });
    assert.ok(!Object.values(shown).some((value) => JSON.stringify(value).includes("zq7")));
  }));
});
