import assert from "node:assert/strict";
import type { Mount } from "../runtime.ts";
import { becomeUser, launchScript } from "./launch_script.ts";

const PLAN = {
  directory: "/tmp/run/it's",
  hostname: "acid-tiny-0",
  hostsFile: "/tmp/run/hosts",
  mounts: [] as Mount[],
  files: [],
  setUp: [],
  notes: [],
  workingDir: "/home/postgres",
  user: "postgres" as const,
  argv: ["/usr/bin/patroni", "a b"],
};

Deno.test("a mount inside another one comes after it", () => {
  const mount = (path: string): Mount => ({
    name: path,
    path,
    hostPath: "/x",
    readOnly: path === "/a/b/c",
    source: "emptyDir",
  });
  const lines = launchScript({ ...PLAN, mounts: ["/a/b/c", "/a", "/a/b"].map(mount) }).split("\n");
  const shown = lines.flatMap((line) => /^show .*'\/x' (.*)$/.exec(line)?.[1] ?? []);
  assert.deepEqual(shown, [
    "'/a' rw",
    "'/a/b' rw",
    "'/a/b/c' ro",
  ]);
});

Deno.test("words with blanks and quotes reach bash as they are", () => {
  const script = launchScript(PLAN);
  assert.match(script, /^directory='\/tmp\/run\/it'\\''s'$/m);
  assert.match(script, /--pdeathsig KILL '\/usr\/bin\/patroni' 'a b'$/m);
});

Deno.test("a program of another user still dies with its parent", () => {
  assert.equal(
    becomeUser("postgres"),
    "setpriv --reuid=postgres --regid=postgres --init-groups --pdeathsig KILL",
  );
});
