/**
 * A copy of this tree for commands that write, and the programs and files that the documents take
 * for granted.
 */
import { tools } from "../../charts/helm.ts";
import { run } from "../local/programs.ts";
import { blocksInLanguage } from "./yaml_files.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Where commands run, and what they find. */
export interface Tree {
  readonly directory: string;
  /** With `~/.kube/config`. */
  readonly home: string;
  /** Directories with programs, for PATH. */
  readonly path: string;
}

/** Makes the copy below `directory`, with what is not committed yet. */
export async function copyTree(directory: string): Promise<Tree> {
  const copy = `${directory}/tree`;
  await run(["git", "clone", "--quiet", "--shared", ROOT, copy]);
  const list = await run(["git", "ls-files", "-z", "-m", "-o", "--exclude-standard"], {
    cwd: ROOT,
  });
  for (const file of list.split("\0").filter((name) => name !== "")) {
    const target = `${copy}/${file}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    await Deno.copyFile(`${ROOT}${file}`, target).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
  await Deno.mkdir(`${ROOT}dist/tools`, { recursive: true });
  await Deno.mkdir(`${copy}/dist`);
  await Deno.symlink(`${ROOT}dist/tools`, `${copy}/dist/tools`);
  for (const [name, text] of blocksInLanguage(`${copy}/docs/user.md`, "yaml")) {
    await Deno.writeTextFile(`${copy}/${name}`, text);
  }
  await Deno.copyFile(`${copy}/manifests/configmap.yaml`, `${copy}/configmap.yaml`);
  const home = `${directory}/home`;
  await Deno.mkdir(`${home}/.kube`, { recursive: true });
  return { directory: copy, home, path: await programs(`${directory}/bin`, copy) };
}

/** `deno`, `kubectl`, `helm` and `postgres-operator`, as somebody has them who installed them. */
async function programs(directory: string, tree: string): Promise<string> {
  await Deno.mkdir(directory);
  const { helm, kubectl } = await tools();
  await Deno.symlink(Deno.execPath(), `${directory}/deno`);
  await Deno.symlink(helm, `${directory}/helm`);
  await Deno.symlink(kubectl, `${directory}/kubectl`);
  const start = `exec deno run --quiet --no-prompt -A ${tree}/src/main.ts "$@"`;
  const script = `#!/bin/sh\n${start}\n`;
  await Deno.writeTextFile(`${directory}/postgres-operator`, script, { mode: 0o755 });
  return `${directory}:${Deno.env.get("PATH") ?? ""}:/usr/local/go/bin`;
}
