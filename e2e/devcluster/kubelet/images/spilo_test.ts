import assert from "node:assert/strict";
import { ImageUnavailableError } from "../runtime.ts";
import { imageRequest, machine, MINIMAL_ENV } from "./image_request.fixture.ts";
import { spiloProgram } from "./spilo.ts";

const IMAGE = "ghcr.io/zalando/spilo-18:4.1-p2";

function program(env: Record<string, string>, dataVersion?: string, postgresMajors = ["15"]) {
  const readMounted = (path: string) =>
    path === "/home/postgres/pgdata/pgroot/data/PG_VERSION" ? dataVersion : undefined;
  return spiloProgram(imageRequest(IMAGE, { ...MINIMAL_ENV, ...env }, {
    machine: machine({ postgresMajors, readMounted }),
  }));
}

function binDirectory(made: ReturnType<typeof program>): string {
  const file = made.files.find((each) => each.path === "/run/postgres.yml");
  return JSON.parse(file!.content).postgresql.bin_dir;
}

const versions: {
  name: string;
  asked: string;
  data?: string;
  has: string[];
  want: string | RegExp;
}[] = [
  { name: "the version asked for", asked: "15", has: ["15", "17"], want: "15" },
  {
    name: "the data's version, not the newer one",
    asked: "17",
    data: "15\n",
    has: ["15", "17"],
    want: "15",
  },
  {
    name: "no other one",
    asked: "17",
    has: ["15", "16"],
    want: /PGVERSION is 17, .*only PostgreSQL 15, 16\. .*postgresql-17/,
  },
  {
    name: "no other one than the data's",
    asked: "15",
    data: "13",
    has: ["15"],
    want: /the data directory is of PostgreSQL 13/,
  },
  { name: "nothing without a server", asked: "17", has: [], want: /no PostgreSQL server/ },
];

for (const { name, asked, data, has, want } of versions) {
  Deno.test(`Spilo runs ${name}`, () => {
    const make = () => program({ PGVERSION: asked }, data, has);
    if (typeof want === "string") {
      assert.equal(binDirectory(make()), `/usr/lib/postgresql/${want}/bin`);
      return;
    }
    assert.throws(
      make,
      (error) => error instanceof ImageUnavailableError && want.test(error.message),
    );
  });
}

Deno.test("a clone or standby from a store other than S3 does not begin as an empty database", () => {
  assert.throws(
    () => program({ CLONE_METHOD: "CLONE_WITH_WALE", CLONE_WAL_GS_BUCKET: "b", CLONE_SCOPE: "a" }),
    /CLONE_METHOD=CLONE_WITH_WALE without a place in S3/,
  );
  assert.throws(
    () => program({ STANDBY_METHOD: "STANDBY_WITH_WALE", STANDBY_WALE_GS_PREFIX: "gs://b/a" }),
    /STANDBY_METHOD=STANDBY_WITH_WALE without a place in S3/,
  );
});

Deno.test("a first base backup is made only where there is an archive", () => {
  const bucket = { WAL_S3_BUCKET: "b", WAL_BUCKET_SCOPE_SUFFIX: "/u" };
  assert.equal(program(bucket).env["FIRST_BACKUP"], "yes");
  assert.equal(program({}).env["FIRST_BACKUP"], undefined);
});

Deno.test("passwords are only in files that others cannot read", () => {
  const made = program({
    CLONE_METHOD: "CLONE_WITH_BASEBACKUP",
    CLONE_SCOPE: "a",
    CLONE_HOST: "source",
    CLONE_USER: "standby",
    CLONE_PASSWORD: "a:b\\c",
  });
  const secret = made.files.filter((file) => /password|a\\:b/.test(file.content));
  assert.deepEqual(
    secret.map((file) => [file.path, file.mode]).filter(([path]) =>
      !`${path}`.startsWith("/scripts")
    ),
    [["/run/postgres.yml", 0o600], ["/home/postgres/.pgpass_clone", 0o600]],
  );
  const pgpass = made.files.find((file) => file.path.includes("pgpass"));
  assert.equal(pgpass?.content, "source:5432:*:standby:a\\:b\\\\c\n");
  assert.ok(!made.setUp.join("\n").includes("a:b"), "a password in the set-up");
});

Deno.test("a certificate of the manifest is used and none is made", () => {
  const own = program({
    SSL_CERTIFICATE_FILE: "/tls/tls.crt",
    SSL_PRIVATE_KEY_FILE: "/tls/tls.key",
  });
  assert.ok(!own.setUp.some((line) => line.includes("openssl")));
  assert.ok(program({}).setUp.some((line) => line.includes("openssl")));
});

Deno.test("curl reaches the pod itself under localhost, for root and for postgres", () => {
  const found = program({}).files.filter(({ path }) => path.endsWith("/.curlrc"));
  assert.deepEqual(found.map(({ path }) => path), ["/root/.curlrc", "/home/postgres/.curlrc"]);
  assert.match(found[0]?.content ?? "", /^connect-to = "localhost::127\.[\d.]+:"$/m);
});
