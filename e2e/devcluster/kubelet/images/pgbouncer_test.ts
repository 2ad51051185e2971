import assert from "node:assert/strict";
import { imageRequest } from "./image_request.fixture.ts";
import { pgbouncerProgram } from "./pgbouncer.ts";

const USERS = "/etc/pgbouncer/userlist.txt";

Deno.test("a pooler runs the image's own script and listens on the address of its pod", () => {
  const request = imageRequest("ghcr.io/zalando/postgres-operator/pgbouncer:v2.0.1", {
    PGPORT: "1",
  });
  const { argv, env, files } = pgbouncerProgram(request);
  assert.deepEqual(argv, ["/bin/sh", "/entrypoint.sh"]);
  assert.equal(env["PGBOUNCER_listen_addr"], request.podIp);
  assert.equal(env["PGPORT"], "1");
  const script = new URL("../../../../images/pooler/entrypoint.sh", import.meta.url);
  assert.equal(files[0]?.content, Deno.readTextFileSync(script));
});

Deno.test("the mounted list of users is used where there is one, and Debian's own never", () => {
  const request = imageRequest("pgbouncer", {});
  const mount = {
    name: "u",
    path: USERS,
    hostPath: "/x",
    readOnly: true,
    source: "secret" as const,
  };
  const container = { ...request.container, mounts: [mount] };
  const copies = (made: ReturnType<typeof pgbouncerProgram>) =>
    made.setUp.some((line) => line.includes(USERS));
  assert.equal(copies(pgbouncerProgram({ ...request, container })), true);
  assert.equal(copies(pgbouncerProgram(request)), false);
});
