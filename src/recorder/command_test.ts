/** `postgres-operator replay`: what it reads, says and ends with. */

import assert from "node:assert/strict";
import { emptyLedger } from "../cluster/pass/memory.ts";
import { planCluster } from "../cluster/plan/plan_cluster.ts";
import { passwordsFrom } from "../cluster/plan/steps/passwords.ts";
import { Sensitive } from "../lib/sensitive.ts";
import { planContext } from "../testing/plan_fixture.ts";
import { bundled } from "./bundle.ts";
import { runReplay } from "./command.ts";
import { createPassRing } from "./ring.ts";

async function bundle() {
  const ring = createPassRing({
    version: "0.9",
    key: new TextEncoder().encode("a key"),
    pause: () => Promise.resolve(),
    failed(error) {
      throw error;
    },
  });
  const newPasswords = Array.from({ length: 20 }, () => new Sensitive("generated"));
  const context = { ...planContext(), newPasswords, passwords: passwordsFrom(0, []) };
  const at = new Date("2026-01-05T12:00:00Z");
  const plan = planCluster(context);
  ring.record({ key: "a/b", cause: "change", at, context, brake: emptyLedger(), plan });
  await ring.idle();
  return ring.of("a/b").map(bundled);
}

async function replay(content: unknown, ...args: string[]) {
  const said: string[] = [];
  const add = (text: string) => void said.push(text);
  const readFile = () => Promise.resolve(JSON.stringify(content));
  const code = await runReplay(args, { readFile, print: add, complain: add, version: "1.0" });
  return { code, text: said.join("") };
}

Deno.test("an answer of the debug API and a report with one give the same plan again", async () => {
  const recordings = await bundle();
  for (const content of [recordings, { report: 1, recordings }, recordings[0]]) {
    const { code, text } = await replay(content, "file");
    assert.equal(code, 0, text);
    assert.match(text, /12:00:00\.000Z {2}a\/b {2}change, \d+ steps: the same plan\n/);
    assert.match(text, /1 of 1 plans are the same by version 1\.0, recorded by 0\.9\n/);
  }
});

Deno.test("a plan that is not the same is told, with the place where it parts", async () => {
  const [pass] = await bundle();
  assert.ok(pass);
  const bytes = Uint8Array.from(atob(pass.packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const recording = await new Response(stream).json();
  const plan = recording.plan.replace('"subject":"services"', '"subject":"volumes"');
  const again = new Blob([JSON.stringify({ ...recording, plan })]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const packed = btoa(String.fromCharCode(...await new Response(again).bytes()));
  const { code, text } = await replay([{ ...pass, packed }], "file");
  assert.equal(code, 1);
  assert.match(text, /ANOTHER PLAN\n {2}then ….*"volumes.*, now ….*"services/);
});

Deno.test("the plans are printed where they are asked for", async () => {
  const { text } = await replay(await bundle(), "file", "--plan");
  assert.match(text, /StatefulSet shop\/acid-orders is made/);
  const { text: json } = await replay(await bundle(), "file", "--json");
  assert.equal(JSON.parse(json)[0].same, true);
});

Deno.test("what is no bundle, and wrong arguments, are said", async () => {
  assert.match((await replay({ a: 1 }, "file")).text, /it holds no recordings of passes/);
  assert.equal((await replay([], "a", "b")).code, 2);
  assert.equal((await replay([], "a", "--loud")).code, 2);
  assert.match((await replay([], "--help")).text, /postgres-operator replay FILE/);
});
