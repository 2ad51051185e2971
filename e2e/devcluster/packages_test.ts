import assert from "node:assert/strict";
import { installCommand, installedPostgresMajors, wantedPackages } from "./packages.ts";

const cases: {
  name: string;
  release: string;
  postgresMajors: string[];
  major?: string;
  want: string | undefined;
}[] = [
  { name: "bookworm without a server", release: "bookworm", postgresMajors: [], want: "15" },
  { name: "trixie without a server", release: "trixie", postgresMajors: [], want: "17" },
  { name: "an unknown release", release: "", postgresMajors: [], want: "15" },
  { name: "a machine with a server", release: "bookworm", postgresMajors: ["16"], want: undefined },
  {
    name: "a version that is asked for and missing",
    release: "bookworm",
    postgresMajors: ["15"],
    major: "17",
    want: "17",
  },
  {
    name: "a version that is asked for and there",
    release: "bookworm",
    postgresMajors: ["15", "17"],
    major: "15",
    want: undefined,
  },
];

for (const { name, want, major, ...machine } of cases) {
  Deno.test(`wantedPackages asks for the right server on ${name}`, () => {
    const servers = wantedPackages(machine, major).filter((p) => p.startsWith("postgresql-"));
    assert.deepEqual(servers, want === undefined ? [] : [`postgresql-${want}`]);
  });
}

Deno.test("installCommand is one line that a person can paste", () => {
  assert.equal(
    installCommand(["patroni", "pgbouncer"]),
    "apt-get update && apt-get install --yes --no-install-recommends patroni pgbouncer",
  );
});

Deno.test("installedPostgresMajors finds nothing where there is no server", () => {
  assert.deepEqual(installedPostgresMajors("/nonexistent"), []);
});
