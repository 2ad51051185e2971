import { deepStrictEqual as equal } from "node:assert/strict";
import { ApiError } from "./client.ts";
import { reconciler } from "./reconciler.ts";

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("equal keys are merged, and one key never runs twice at once", async () => {
  const runs: string[] = [];
  let atOnce = 0;
  const queue = reconciler(async (key) => {
    equal(++atOnce > 1 && runs.at(-1) === key, false);
    runs.push(key);
    await wait(5);
    atOnce--;
  }, () => {});
  ["a", "a", "b"].forEach(queue.enqueue);
  await wait(1);
  ["a", "a"].forEach(queue.enqueue);
  await wait(20);
  equal(runs, ["a", "b", "a"]);
  await queue.stop();
});

Deno.test("a failed run is tried again, quietly after a lost race and never in an ending namespace", async () => {
  const errors: Record<string, Error> = {
    broken: new Error("broken"),
    race: new ApiError(409, "Conflict", "changed"),
    ending: new ApiError(403, "Forbidden", "because it is being terminated"),
  };
  const runs: string[] = [];
  const heard: string[] = [];
  const queue = reconciler((key) => {
    runs.push(key);
    const error = errors[key];
    if (key !== "ending") delete errors[key];
    return error ? Promise.reject(error) : Promise.resolve();
  }, (error) => heard.push((error as Error).message));
  Object.keys(errors).forEach(queue.enqueue);
  await wait(200);
  equal(runs.sort(), ["broken", "broken", "ending", "race", "race"]);
  equal(heard, ["broken"]);
  await queue.stop();
});

Deno.test("a run may ask for another one later, and none begins after stop", async () => {
  let runs = 0;
  const queue = reconciler(
    () => Promise.resolve(runs++ === 0 ? { againInMs: 5 } : undefined),
    () => {},
  );
  queue.enqueue("a");
  await wait(25);
  equal(runs, 2);
  await queue.stop();
  queue.enqueue("a");
  await wait(5);
  equal(runs, 2);
});
