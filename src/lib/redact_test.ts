/** No secret survives redaction, and nothing else is lost. */

import assert from "node:assert/strict";
import { isSecretName, redacted } from "./redact.ts";

const NAMES: readonly [string, boolean][] = [
  ["AWS_SECRET_ACCESS_KEY", true],
  ["PGPASSWORD_SUPERUSER", true],
  ["s3_secret_access_key", true],
  ["s3_access_key_id", true],
  ["SCALYR_API_KEY", true],
  ["LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_KEY", true],
  ["secretName", false],
  ["usersWithSecretRotation", false],
  ["AWS_WEB_IDENTITY_TOKEN_FILE", false],
  ["SSL_PRIVATE_KEY_FILE", false],
  ["password_encryption_type", false],
  ["PGVERSION", false],
  ["topologyKey", false],
];

for (const [name, secret] of NAMES) {
  Deno.test(`${name} ${secret ? "tells" : "does not tell"} of a secret`, () => {
    assert.equal(isSecretName(name), secret);
  });
}

Deno.test("redacted hides fields, variables and Secret data, and keeps the rest", () => {
  const object = {
    clone: { cluster: "a", s3_secret_access_key: "S3CRET" },
    env: [{ name: "MY_PASSWORD", value: "S3CRET" }, { name: "A", value: "1" }],
    tls: { secretName: "certificate" },
    secrets: [{ kind: "Secret", data: { password: "S3CRET" }, metadata: { name: "x" } }],
  };
  const shown = redacted(object);
  assert.doesNotMatch(JSON.stringify(shown), /S3CRET/);
  assert.equal(shown.env[1]?.value, "1");
  assert.equal(shown.tls.secretName, "certificate");
  assert.deepEqual(shown.secrets[0]?.data, { password: "[redacted]" });
  assert.equal(object.clone.s3_secret_access_key, "S3CRET", "the original is left alone");
});
