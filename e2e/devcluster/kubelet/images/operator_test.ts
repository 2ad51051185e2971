import assert from "node:assert/strict";
import { imageRequest } from "./image_request.fixture.ts";
import { BUNDLE, operatorProgram } from "./operator.ts";

const IMAGE = "registry.example.org/postgres-operator-deno:1.2";

interface Row {
  readonly given: string;
  /** File → seconds since 1970 when it was written. */
  readonly files: Readonly<Record<string, number>>;
  readonly want: RegExp;
}

const ROWS: readonly Row[] = [
  {
    given: "a binary that was made of the bundle",
    files: { "program/main.js": 100, "postgres-operator": 101 },
    want: /^\/operator\/postgres-operator --bind-address=127\.20\.1\.1 --v=8$/,
  },
  {
    given: "a bundle that is newer than the binary",
    files: { "program/main.js": 102, "postgres-operator": 101 },
    want:
      /^\/operator\/deno run --no-prompt --allow-net .*\/operator\/program\/main\.js --bind-address=127.* --v=8$/,
  },
  {
    given: "a bundle alone",
    files: { "program/main.js": 100 },
    want: /program\/main\.js --bind-address/,
  },
];

async function withBuilds(
  files: Row["files"],
  run: (directory: string) => void,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "builds-" });
  try {
    for (const [name, seconds] of Object.entries(files)) {
      await Deno.mkdir(`${directory}/program`, { recursive: true });
      await Deno.writeTextFile(`${directory}/${name}`, "");
      await Deno.utime(`${directory}/${name}`, seconds, seconds);
    }
    run(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const REQUEST = imageRequest(IMAGE, { CONFIG_MAP_NAME: "postgres-operator" });
const CONTAINER = { ...REQUEST.container, args: ["--v=8"] };

for (const { given, files, want } of ROWS) {
  Deno.test(`the operator's container runs ${given}, on its pod's address alone`, () =>
    withBuilds(files, (directory) => {
      const program = operatorProgram({ ...REQUEST, container: CONTAINER }, directory);
      assert.match(program.argv.join(" "), want);
      assert.equal(program.env["CONFIG_MAP_NAME"], "postgres-operator");
      const seen = (program.mounts ?? []).map(({ path }) => path);
      assert.ok(seen.includes(program.argv[0] ?? ""), "the program itself is brought along");
    }));
}

/** Arguments of a container, and what they become. */
const ARGUMENTS: readonly (readonly [readonly string[], string])[] = [
  [[], "--bind-address=127.20.1.1"],
  [["--v=8"], "--bind-address=127.20.1.1 --v=8"],
  [["run", "--v=8"], "run --bind-address=127.20.1.1 --v=8"],
  [["ui"], "ui --address=127.20.1.1"],
  [["ui", "--allow-writes"], "ui --address=127.20.1.1 --allow-writes"],
  [["version"], "version"],
];

for (const [args, wanted] of ARGUMENTS) {
  Deno.test(`a container with the arguments [${args}] listens on its pod's address alone`, () =>
    withBuilds({ "postgres-operator": 1 }, (directory) => {
      const container = { ...CONTAINER, args };
      const [, ...given] = operatorProgram({ ...REQUEST, container }, directory).argv;
      assert.equal(given.join(" "), wanted);
    }));
}

Deno.test("without a build the operator's container waits, and says how to make one", () =>
  withBuilds({}, (directory) => {
    assert.throws(() => operatorProgram(REQUEST, directory), /run deno task bundle/);
  }));

Deno.test("an image for debugging runs the sources, with an inspector on its pod's address", () => {
  const container = { ...CONTAINER, image: `${IMAGE}-debug` };
  const { argv } = operatorProgram({ ...REQUEST, container }, "/nowhere");
  assert.match(
    argv.join(" "),
    /--inspect=127\.20\.1\.1:9229 -A \/operator\/src\/main\.ts --bind-add/,
  );
});

Deno.test("the bundle is where the task that makes it puts it", () => {
  const file = new URL("../../../../deno.json", import.meta.url);
  const { tasks } = JSON.parse(Deno.readTextFileSync(file)) as { tasks: Record<string, string> };
  const folder = tasks["bundle"]?.split(" ").at(-1);
  assert.equal(`dist/${BUNDLE}`, `${folder}/main.js`);
  assert.ok(tasks["compile"]?.endsWith(` ${folder}/main.js`), "the binary is made of it, too");
});

Deno.test("curl in the operator's container reaches the operator under localhost", () =>
  withBuilds({ [BUNDLE]: 100 }, (directory) => {
    const { env, files } = operatorProgram(REQUEST, directory);
    const found = files.find(({ path }) => path === `${env["HOME"]}/.curlrc`);
    assert.match(found?.content ?? "", /^connect-to = "localhost::127\.20\.1\.1:"$/m);
  }));
