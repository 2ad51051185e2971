/** The workflows run what is there: tasks, scripts, and no more rights than they need. */
import assert from "node:assert/strict";
import { parse } from "yaml";

const ROOT = new URL("../", import.meta.url).pathname;
const FOLDER = `${ROOT}.github/workflows`;

interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<string, {
      readonly "timeout-minutes"?: number;
      readonly steps: readonly { readonly run?: string; readonly uses?: string }[];
    }>
  >;
}

const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`)) as {
  tasks: Record<string, string>;
};

for (const file of files) {
  const workflow = parse(Deno.readTextFileSync(`${FOLDER}/${file}`)) as Workflow;
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

  Deno.test(`workflow ${file} calls tasks and scripts that exist`, () => {
    const text = steps.map(({ run = "" }) => run).join("\n");
    for (const [, task = ""] of text.matchAll(/deno@[\d.]+ task (?:--quiet )?([\w:-]+)/g)) {
      assert.ok(task in tasks, `${file} calls the task ${task}`);
    }
    for (const [script] of text.matchAll(/\.ci\/\w+/g)) Deno.statSync(`${ROOT}${script}`);
    const run = Deno.readTextFileSync(`${ROOT}.ci/run`);
    const [version = "none"] = /deno@[\d.]+/.exec(run) ?? [];
    for (const [used] of text.matchAll(/deno@[\d.]+/g)) assert.equal(used, version);
  });

  Deno.test(`workflow ${file} is bounded in rights and time, and uses GitHub's own actions alone`, () => {
    assert.ok(workflow.permissions, "without permissions a token may write everything");
    for (const job of Object.values(workflow.jobs)) assert.ok(job["timeout-minutes"]);
    for (const { uses } of steps) assert.match(uses ?? "actions/", /^actions\//);
    const writes = Object.values(workflow.permissions).includes("write");
    // Whoever opens a pull request decides what it runs.
    assert.ok(!writes || !("pull_request_target" in workflow.on));
  });
}

Deno.test("tests, images for both platforms, chart and release notes each have a workflow", () => {
  assert.deepEqual(files, ["images.yaml", "release.yaml", "test.yaml"]);
  const images = Deno.readTextFileSync(`${FOLDER}/images.yaml`);
  for (const platform of ["amd64", "arm64"]) assert.ok(images.includes(`platform: ${platform}`));
});
