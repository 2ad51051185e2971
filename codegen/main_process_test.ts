/**
 * Runs the commands on a copy of the project: every input and every generated file is edited in turn,
 * and `verify` has to name the stale file and give exit code 1. Writes files and starts the formatter, so
 * it is left out of the unit tests, which may not: `deno task test:codegen`.
 */
import assert from "node:assert/strict";
import { main } from "./main.ts";
import { INPUTS, OUTPUTS } from "./outputs.ts";

const ROOT = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

const mayWrite = Deno.permissions.querySync({ name: "write" }).state === "granted" &&
  Deno.permissions.querySync({ name: "run" }).state === "granted";

/** An edit of every input that changes what is generated from it. */
const EDITS: Readonly<Record<string, [from: string, to: string]>> = {
  [INPUTS.kubernetes]: ['"serviceName"', '"serviceNameOfTomorrow"'],
  [INPUTS.postgresql]: ["teamId:", "teamName:"],
  [INPUTS.operatorConfiguration]: ["default: 8080", "default: 8081"],
  [INPUTS.postgresTeam]: ["additionalMembers:", "moreMembers:"],
  [INPUTS.fabricEventStream]: ["slotName:", "slot:"],
  [INPUTS.rbac]: ['"pods/exec"', '"pods/log"'],
  [INPUTS.shippedValues]: ["min_cpu_limit: 250m", "min_cpu_limit: 300m"],
  [INPUTS.chartValues]: ["cpu: 100m", "cpu: 200m"],
  [INPUTS.chartSchema]: ["replicaCount:", "replicas:"],
  [INPUTS.project]: ['"version": "', '"version": "9.'],
};

function copyOfProject(): string {
  const root = Deno.makeTempDirSync();
  for (const path of [...Object.values(INPUTS), ...OUTPUTS.map((output) => output.path)]) {
    Deno.mkdirSync(`${root}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    Deno.copyFileSync(`${ROOT}/${path}`, `${root}/${path}`);
  }
  return root;
}

async function verify(root: string): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  const say = (text: string) => void lines.push(text);
  const code = await main(["verify", "--root", root], { print: say, complain: say });
  return { code, said: lines.join("\n") };
}

Deno.test({
  name: "verify names the stale files and gives 1 after an edit of each input and output in turn",
  ignore: !mayWrite,
  fn: async () => {
    const root = copyOfProject();
    try {
      assert.deepEqual(await verify(root), { code: 0, said: "" });
      for (const [path, [from, to]] of Object.entries(EDITS)) {
        const text = Deno.readTextFileSync(`${root}/${path}`);
        assert.ok(text.includes(from), `${path}: ${from}`);
        Deno.writeTextFileSync(`${root}/${path}`, text.replace(from, to));
        const { code, said } = await verify(root);
        assert.equal(code, 1, path);
        const made = OUTPUTS.filter((output) => output.from.some((name) => INPUTS[name] === path));
        assert.ok(made.some((output) => said.includes(`  ${output.path}`)), `${path}: ${said}`);
        Deno.writeTextFileSync(`${root}/${path}`, text);
      }
      for (const { path } of OUTPUTS) {
        const text = Deno.readTextFileSync(`${root}/${path}`);
        Deno.writeTextFileSync(`${root}/${path}`, `${text}\n`);
        const { code, said } = await verify(root);
        assert.equal(code, 1, path);
        assert.equal(said, `stale, run \`deno task codegen\`:\n  ${path}`);
        Deno.writeTextFileSync(`${root}/${path}`, text);
      }
      assert.deepEqual(await verify(root), { code: 0, said: "" });
    } finally {
      Deno.removeSync(root, { recursive: true });
    }
  },
});

Deno.test({
  name: "generate brings back what was removed, and verify as a process gives 1 and then 0",
  ignore: !mayWrite,
  fn: async () => {
    const root = copyOfProject();
    const run = async (command: string) => {
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", `${ROOT}/codegen/main.ts`, command, "--root", root],
      }).output();
      return { code, said: new TextDecoder().decode(stderr) };
    };
    try {
      Deno.removeSync(`${root}/src/api/types.gen.ts`);
      const { code, said } = await run("verify");
      assert.equal(code, 1);
      assert.match(said, /src\/api\/types\.gen\.ts/);
      assert.equal((await run("generate")).code, 0);
      assert.equal((await run("verify")).code, 0);
    } finally {
      Deno.removeSync(root, { recursive: true });
    }
  },
});
