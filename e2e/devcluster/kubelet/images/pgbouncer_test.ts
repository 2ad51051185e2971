import assert from "node:assert/strict";
import { assertGolden } from "./golden.fixture.ts";
import { imageRequest } from "./image_request.fixture.ts";
import { pgbouncerIni, pgbouncerProgram } from "./pgbouncer.ts";

const ENV = {
  PGHOST: "acid-tiny",
  PGPORT: "5432",
  PGUSER: "pooler",
  PGSCHEMA: "pooler",
  PGPASSWORD: 'pass"word',
  CONNECTION_POOLER_PORT: "5432",
  CONNECTION_POOLER_MODE: "transaction",
  CONNECTION_POOLER_DEFAULT_SIZE: "15",
  CONNECTION_POOLER_MIN_SIZE: "7",
  CONNECTION_POOLER_RESERVE_SIZE: "7",
  CONNECTION_POOLER_MAX_CLIENT_CONN: "10000",
  CONNECTION_POOLER_MAX_DB_CONN: "30",
};

Deno.test("the operator's pooler environment becomes this pgbouncer.ini", () => {
  assertGolden("pgbouncer.ini", pgbouncerIni(ENV, "127.20.1.4"));
});

Deno.test("the pooler's own password is quoted as PgBouncer reads it", () => {
  const program = pgbouncerProgram(imageRequest("ghcr.io/zalando/pgbouncer:1.0", ENV));
  const file = program.files.find((each) => each.path.endsWith("own_user.txt"));
  assert.equal(file?.content, '"pooler" "pass""word"\n');
});

Deno.test("the mounted list of users is read where there is one", () => {
  const request = imageRequest("pgbouncer", ENV);
  const path = "/etc/pgbouncer/userlist.txt";
  const mount = { name: "u", path, hostPath: "/x", readOnly: true, source: "secret" as const };
  const container = { ...request.container, mounts: [mount] };
  const source = (made: ReturnType<typeof pgbouncerProgram>) => made.setUp[0]?.split(" ").at(-2);
  assert.equal(source(pgbouncerProgram({ ...request, container })), path);
  assert.equal(source(pgbouncerProgram(request)), "/run/pgbouncer/own_user.txt");
});

Deno.test("certificates of the manifest replace the self-made one", () => {
  const env = {
    ...ENV,
    CONNECTION_POOLER_CLIENT_TLS_CRT: "/tls/tls.crt",
    CONNECTION_POOLER_CLIENT_TLS_KEY: "/tls/tls.key",
    CONNECTION_POOLER_CLIENT_CA_FILE: "/tls/ca.crt",
  };
  const text = pgbouncerIni(env, "127.20.1.4");
  for (const line of ["client_tls_cert_file = /tls/tls.crt", "client_tls_ca_file = /tls/ca.crt"]) {
    assert.ok(text.split("\n").includes(line), line);
  }
  const program = pgbouncerProgram(imageRequest("pgbouncer", env));
  assert.ok(!program.setUp.some((line) => line.includes("openssl")));
});
