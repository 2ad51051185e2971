import assert from "node:assert/strict";
import { createMetrics, type Sample } from "./metrics.ts";

/** Lines of a scrape without comments. */
async function lines(metrics: { text(): Promise<string> }): Promise<string[]> {
  return (await metrics.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

Deno.test("requests are counted by method and code, and one without an answer as an error", async () => {
  const metrics = createMetrics();
  metrics.requestEnded({ verb: "list", status: 200 });
  metrics.requestEnded({ verb: "watch", status: 200 });
  metrics.requestEnded({ verb: "patch", status: 409 });
  metrics.requestEnded({ verb: "update", status: 0 });
  const found = (await lines(metrics)).filter((line) => line.startsWith("rest_client"));
  assert.deepEqual(found, [
    'rest_client_requests_total{code="200",method="GET"} 2',
    'rest_client_requests_total{code="409",method="PATCH"} 1',
    'rest_client_requests_total{code="<error>",method="PUT"} 1',
  ]);
});

Deno.test("a pass is counted by its result, its steps by what they did", async () => {
  const metrics = createMetrics();
  metrics.passEnded({
    seconds: 0.2,
    result: "error",
    steps: [
      { subject: "rollout", result: "done", act: "restart" },
      { subject: "rollout", result: "failed", act: "switchover" },
      { subject: "rollout", result: "skipped", act: "restart" },
      { subject: "credentials", result: "done", act: "credential" },
      { subject: "services", result: "done", act: "other" },
    ],
  });
  metrics.passEnded({ seconds: 0.001, result: "success", steps: [] });
  const found = await lines(metrics);
  const of = (start: string) => found.filter((line) => line.startsWith(start));
  assert.deepEqual(of("controller_runtime_reconcile_total"), [
    'controller_runtime_reconcile_total{controller="postgresql",result="error"} 1',
    'controller_runtime_reconcile_total{controller="postgresql",result="success"} 1',
  ]);
  assert.deepEqual(of("controller_runtime_reconcile_errors_total"), [
    'controller_runtime_reconcile_errors_total{controller="postgresql"} 1',
  ]);
  assert.deepEqual(of("pgop_restarts_total"), ['pgop_restarts_total{subject="rollout"} 1']);
  assert.deepEqual(of("pgop_switchovers_total"), [
    'pgop_switchovers_total{subject="rollout",result="failed"} 1',
  ]);
  assert.deepEqual(of("pgop_credential_changes_total"), ["pgop_credential_changes_total 1"]);
  assert.equal(of("pgop_steps_total").length, 5);
});

Deno.test("a reading shows what is there at the scrape, and nothing of what has gone", async () => {
  const metrics = createMetrics();
  let samples: Sample[] = [{ labels: { cluster: "a" }, value: 1 }, {
    labels: { cluster: 'b"\n' },
    value: 2,
  }];
  metrics.read([{ name: "pgop_x", help: "X.", labels: ["cluster"], read: () => samples }]);
  const of = async () => (await lines(metrics)).filter((line) => line.startsWith("pgop_x"));
  assert.deepEqual(await of(), ['pgop_x{cluster="a"} 1', 'pgop_x{cluster="b\\"\\n"} 2']);
  samples = [];
  assert.deepEqual(await of(), []);
});
