/** Profiles, without a socket: what V8 gives is written as pprof, and what pprof reads is read. */

import assert from "node:assert/strict";
import { Profile } from "pprof-format";
import { encodePprof } from "./pprof.ts";
import { placesBy } from "./places.ts";
import { profileRoutes } from "./routes.ts";
import { type CpuProfile, cpuSamples, createSampler, type Frame } from "./sampler.ts";
import { traceEvents } from "./trace.ts";

function frame(functionName: string, lineNumber = 0, columnNumber = 0): Frame {
  return { functionName, url: "file:///app/src/a.ts", lineNumber, columnNumber };
}

const CPU: CpuProfile = {
  nodes: [
    { id: 1, callFrame: { ...frame("(root)"), scriptId: "0" }, children: [2] },
    { id: 2, callFrame: { ...frame("outer", 9), scriptId: "1" }, children: [3] },
    { id: 3, callFrame: { ...frame("inner", 19), scriptId: "1" } },
  ],
  startTime: 1000,
  endTime: 4000,
  samples: [2, 3, 3],
  timeDeltas: [1000, 2000, 500],
};

/** Functions of each sample, innermost first, and its values. */
function decoded(bytes: Uint8Array): { stacks: [string[], number[]][]; types: string[] } {
  const profile = Profile.decode(bytes);
  const text = (index: unknown) => profile.stringTable.strings[Number(index)] ?? "";
  const names = new Map(profile.function.map(({ id, name }) => [Number(id), text(name)]));
  const locations = new Map(
    profile.location.map(({ id, line }) => [Number(id), names.get(Number(line[0]?.functionId))]),
  );
  return {
    types: profile.sampleType.map(({ type, unit }) => `${text(type)} ${text(unit)}`),
    stacks: profile.sample.map(({ locationId, value }) => [
      locationId.map((id) => locations.get(Number(id)) ?? ""),
      value.map(Number),
    ]),
  };
}

Deno.test("stacks of a profile have the innermost function first, and the root left out", () => {
  const samples = cpuSamples(CPU).map(({ stack, count, weight }) => [
    stack.map(({ functionName }) => functionName),
    count,
    weight,
  ]);
  assert.deepEqual(samples, [
    [["outer"], 1, 1_000_000],
    [["inner", "outer"], 2, 2_500_000],
  ]);
});

Deno.test("pprof reads samples, times and names", () => {
  const bytes = encodePprof(cpuSamples(CPU), {
    kind: "cpu",
    takenAt: new Date(0),
    durationMs: 3,
    placeOf: placesBy({}),
  });
  assert.deepEqual(decoded(bytes), {
    types: ["samples count", "cpu nanoseconds"],
    stacks: [[["outer"], [1, 1_000_000]], [["inner", "outer"], [2, 2_500_000]]],
  });
});

Deno.test("a function of the minified program is named as the source names it", () => {
  // One mapping: line 1, column 9 of the bundle is line 4 of src/a.ts, name `observe`.
  const map = {
    version: 3 as const,
    sources: ["../../build/src/a.ts"],
    names: ["observe"],
    mappings: "SAGAA",
  };
  const placeOf = placesBy({ "operator.js": map });
  const minified = { ...frame("t", 0, 9), url: "file:///tmp/operator.js" };
  assert.deepEqual(placeOf(minified), { name: "observe", file: "src/a.ts", line: 4 });
  const arrow = { ...minified, functionName: "" };
  assert.deepEqual(placeOf(arrow), { name: "src/a.ts:4", file: "src/a.ts", line: 4 });
  assert.equal(placeOf(frame("other", 2)).name, "other");
});

Deno.test("trace events hold the profile with the parent of each node", () => {
  const events = traceEvents(CPU).traceEvents as { name: string; args: { data?: unknown } }[];
  assert.deepEqual(events.map(({ name }) => name), [
    "process_name",
    "Profile",
    "ProfileChunk",
    "ProfileChunk",
  ]);
  const data = events[2]?.args.data as { cpuProfile: { nodes: { id: number; parent?: number }[] } };
  assert.deepEqual(data.cpuProfile.nodes.map(({ id, parent }) => [id, parent]), [
    [1, undefined],
    [2, 1],
    [3, 2],
  ]);
});

function burn(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) Math.sqrt(end);
}

function app(sleep: (ms: number) => Promise<void>) {
  return profileRoutes({
    sampler: createSampler(sleep),
    places: () => Promise.resolve(placesBy({})),
    now: () => new Date(5000),
    commandLine: ["postgres-operator", "-v=1"],
  });
}

async function unpacked(response: Response): Promise<Uint8Array> {
  assert.equal(response.status, 200);
  const stream = response.body!.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

Deno.test("a real profile of the processor names the function that was busy", async () => {
  const response = await app(() => Promise.resolve(burn(60))).request("/profile?seconds=1");
  const { stacks } = decoded(await unpacked(response));
  assert.ok(stacks.some(([names]) => names.includes("burn")), JSON.stringify(stacks));
});

Deno.test("a real profile of the heap holds what is still alive", async () => {
  const kept: unknown[] = [];
  const fill = () => {
    for (let count = 0; count < 20_000; count++) kept.push({ count, text: `${count}` });
    return Promise.resolve();
  };
  const response = await app(fill).request("/heap?seconds=1");
  const { types, stacks } = decoded(await unpacked(response));
  assert.deepEqual(types, ["inuse_objects count", "inuse_space bytes"]);
  const bytes = stacks.filter(([names]) => names.some((name) => name.includes("fill")))
    .reduce((sum, [, [, weight = 0]]) => sum + weight, 0);
  assert.ok(kept.length > 0 && bytes > 100_000, `${bytes} bytes`);
});

Deno.test("a second profile at the same time is refused, and a later one is not", async () => {
  let end = () => {};
  const pages = app(() => new Promise((resolve) => end = resolve));
  const first = pages.request("/trace");
  await new Promise((resolve) => setTimeout(resolve, 20));
  const second = await pages.request("/heap");
  assert.equal(second.status, 409);
  assert.match((await second.json()).error, /another profile is being taken/);
  end();
  assert.equal((await first).status, 200);
  const third = pages.request("/trace");
  await new Promise((resolve) => setTimeout(resolve, 20));
  end();
  assert.equal((await third).status, 200);
});

for (const seconds of ["0", "-1", "61", "x"]) {
  Deno.test(`seconds=${seconds} is refused`, async () => {
    const response = await app(() => Promise.resolve()).request(`/profile?seconds=${seconds}`);
    assert.equal(response.status, 400);
  });
}

Deno.test("the other pages answer as Go's do", async () => {
  const pages = app(() => Promise.resolve());
  assert.equal(await (await pages.request("/cmdline")).text(), "postgres-operator\0-v=1");
  assert.equal(await (await pages.request("/symbol")).text(), "num_symbols: 0\n");
  const posted = await pages.request("/symbol", { method: "POST", body: "0x1" });
  assert.equal(await posted.text(), "num_symbols: 0\n");
  assert.match(await (await pages.request("/")).text(), /go tool pprof/);
});
