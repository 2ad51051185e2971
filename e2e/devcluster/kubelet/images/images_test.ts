import assert from "node:assert/strict";
import { imageRequest, machine, MINIMAL_ENV } from "./image_request.fixture.ts";
import { imageProgram } from "./images.ts";

const rows: { image: string; runs: RegExp }[] = [
  { image: "ghcr.io/zalando/spilo-18:4.1-p2", runs: /postgres\.yml/ },
  { image: "registry.local:5000/me/my-spilo@sha256:0a1b", runs: /postgres\.yml/ },
  { image: "registry.opensource.zalan.do/acid/pgbouncer:master-32", runs: /entrypoint\.sh/ },
  { image: "ghcr.io/zalando/postgres-operator/logical-backup:v1.15.1", runs: /dump\.sh/ },
  { image: "docker.io/library/busybox:1.36", runs: /^\/bin\/sh$/ },
  { image: "quay.io/prometheuscommunity/postgres-exporter:v0.15", runs: /sleep/ },
];

for (const { image, runs } of rows) {
  Deno.test(`the image ${image} is known by its name`, () => {
    assert.match(imageProgram(imageRequest(image, MINIMAL_ENV)).argv.join(" "), runs);
  });
}

Deno.test("an unknown image says in its log that it idles, whatever its command", () => {
  const request = imageRequest("example/exporter:1", {});
  const container = { ...request.container, command: ["/exporter"] };
  const program = imageProgram({ ...request, container });
  assert.match(program.notes.join("\n"), /no program for the image example\/exporter:1; idling/);
  assert.equal(program.argv[0], "/bin/bash");
});

Deno.test("a command of the manifest replaces the image's program and runs as root", () => {
  const request = imageRequest("spilo", MINIMAL_ENV);
  const container = { ...request.container, command: ["id"], args: ["-u"], workingDir: "/tmp" };
  const { argv, user, workingDir } = imageProgram({ ...request, container });
  assert.deepEqual({ argv, user, workingDir }, {
    argv: ["id", "-u"],
    user: "root",
    workingDir: "/tmp",
  });
});

Deno.test("a logical backup takes the next newer pg_dumpall, never an older one", () => {
  const make = (version: string) =>
    imageProgram(imageRequest("logical-backup", { SCOPE: "a", PG_VERSION: version }, {
      machine: machine({ postgresMajors: ["15", "17"] }),
    })).env["PATH"];
  assert.match(make("16") ?? "", /postgresql\/17\/bin/);
  assert.throws(() => make("18"), /PG_VERSION is 18, and this machine has only PostgreSQL 15, 17/);
});
