import assert from "node:assert/strict";
import { step } from "../cluster/plan/steps/context.ts";
import type { Plan } from "../cluster/plan/steps/action.ts";
import { Registry } from "./registry.ts";
import { shadowReadings } from "./shadow_readings.ts";

function planOf(key: string, ...subjects: readonly ("services" | "roles")[]): Plan {
  const object = { apiVersion: "v1", kind: "Service", metadata: { namespace: "n", name: "s" } };
  const steps = subjects.map((subject) => step(subject, ["so"], { kind: "create", object }));
  return { key, generation: 1, steps, held: [] };
}

Deno.test("each cluster says how many steps it is away, by subject, and none where it is not", () => {
  const registry = new Registry();
  const last = { cause: "sync", at: new Date(0), outcomes: [], failure: undefined } as const;
  registry.entry("n/clean").last = { ...last, plan: planOf("n/clean") };
  registry.entry("n/drifted").last = {
    ...last,
    plan: planOf("n/drifted", "services", "roles", "services"),
  };
  registry.entry("n/new");
  const [reading] = shadowReadings(registry);
  assert.deepEqual([...reading!.read()], [
    { labels: { namespace: "n", cluster: "clean", subject: "none" }, value: 0 },
    { labels: { namespace: "n", cluster: "drifted", subject: "services" }, value: 2 },
    { labels: { namespace: "n", cluster: "drifted", subject: "roles" }, value: 1 },
  ]);
});
