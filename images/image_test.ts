/** What `deno task image` runs, and that the images' files are there and do what they say. */
import assert from "node:assert/strict";
import { imageArguments, imageCommands } from "./image.ts";

const ROOT = new URL("../", import.meta.url).pathname;
const BASE = { engine: "docker", image: "example.org/operator", tag: "v1", push: false } as const;

Deno.test("each image is built from its own place and named after IMAGE and TAG", () => {
  const images = ["operator", "pooler", "logical-backup", "debug"];
  assert.deepEqual(imageCommands({ ...BASE, images }), [
    ["docker", "build", "--tag", "example.org/operator:v1", "."],
    ["docker", "build", "--tag", "example.org/operator/pgbouncer:v1", "images/pooler"],
    ["docker", "build", "--tag", "example.org/operator/logical-backup:v1", "images/logical-backup"],
    ["docker", "build", "--tag", "example.org/operator:v1-debug", "--target", "debug", "."],
  ]);
});

Deno.test("a platform and a push go to the engine that is there", () => {
  const options = { ...BASE, engine: "buildah", platform: "linux/arm64", push: true } as const;
  assert.deepEqual(imageCommands({ ...options, images: ["operator"] }), [
    ["buildah", "build", "--platform", "linux/arm64", "--tag", "example.org/operator:v1", "."],
    ["buildah", "push", "example.org/operator:v1"],
  ]);
});

Deno.test("without names all images that people run are built; what is not known is refused", () => {
  assert.deepEqual(imageArguments([])?.images, ["operator", "pooler", "logical-backup"]);
  assert.deepEqual(imageArguments(["pooler", "--push"]), {
    images: ["pooler"],
    push: true,
    print: false,
  });
  assert.equal(imageArguments(["ui"]), undefined);
  assert.equal(imageArguments(["--force"]), undefined);
});

async function print(env: Record<string, string>): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "image", "operator", "--print"],
    cwd: ROOT,
    env,
    stderr: "piped",
  });
  return new TextDecoder().decode((await command.output()).stdout).trim();
}

Deno.test("the task takes IMAGE and TAG, and the version of git without a TAG", async () => {
  const given = await print({ IMAGE: "example.org/op", TAG: "v7" });
  assert.equal(given, "docker build --tag example.org/op:v7 .");
  assert.match(await print({ TAG: "" }), /^docker build --tag postgres-operator-deno:\S+ \.$/);
});

const FOLDERS = [".", "images/pooler", "images/logical-backup"];

for (const folder of FOLDERS) {
  Deno.test(`what the Dockerfile of ${folder} copies is there`, () => {
    const text = Deno.readTextFileSync(`${ROOT}${folder}/Dockerfile`);
    const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from = ""]) =>
      from.split(" ")
    );
    assert.ok(copied.length > 0);
    for (const path of copied) Deno.statSync(`${ROOT}${folder}/${path}`);
    assert.match(text, /^USER \d+:\d+$/m);
  });
}

Deno.test("everything that the operator's Dockerfile copies is in the context of the build", () => {
  const ignored = Deno.readTextFileSync(`${ROOT}.dockerignore`).trim().split("\n");
  const text = Deno.readTextFileSync(`${ROOT}Dockerfile`);
  for (const [, from = ""] of text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
    for (const path of from.split(" ")) assert.ok(ignored.includes(`!${path}`), path);
  }
});

Deno.test("each stage of the operator's Dockerfile that runs Deno has the members of the workspace", () => {
  const text = Deno.readTextFileSync(`${ROOT}Dockerfile`);
  const { workspace } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`)) as {
    readonly workspace: readonly string[];
  };
  const stages = text.split(/^FROM /m).filter((stage) => stage.includes("COPY deno.json"));
  assert.equal(stages.length, 2);
  for (const stage of stages) {
    const copied = [...stage.matchAll(/^COPY (\S+) \S+$/gm)].map(([, folder]) => `./${folder}/`);
    for (const member of workspace) {
      assert.ok(copied.some((folder) => member.startsWith(folder)), member);
    }
  }
});

Deno.test("the debug image's command starts the operator from source, with an inspector", async () => {
  const text = Deno.readTextFileSync(`${ROOT}Dockerfile`);
  const stage = text.slice(text.indexOf(" AS debug"));
  const [, list = "[]"] = /^ENTRYPOINT (\[.+\])$/m.exec(stage) ?? [];
  const [program, ...args] = JSON.parse(list) as string[];
  assert.equal(program, "deno");
  assert.ok(args.includes("--inspect=0.0.0.0:9229"));
  const local = args.map((one) => one.replace("0.0.0.0:9229", "127.0.0.1:0"));
  const command = new Deno.Command(Deno.execPath(), { args: [...local, "--version"], cwd: ROOT });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  assert.ok(success, decoder.decode(stderr));
  assert.match(decoder.decode(stdout), /^postgres-operator \d/);
  assert.match(decoder.decode(stderr), /Debugger listening on ws:\/\/127\.0\.0\.1/);
});
