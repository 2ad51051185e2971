import { deepStrictEqual as equal } from "node:assert/strict";
import type { Pod } from "../../objects/pod.ts";
import type { Job, JobSpec } from "../../objects/workloads.ts";
import { decideJob } from "./job_state.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");

function job(spec: Partial<JobSpec> = {}, status?: Job["status"]): Job {
  const template = { spec: { containers: [{ name: "main" }], restartPolicy: "Never" } };
  const base = { parallelism: 1, completions: 1, template, ...spec };
  return { metadata: { name: "job", uid: "u" }, spec: base, ...(status ? { status } : {}) };
}

function pod(phase: string, finishedAt = "2026-03-01T11:00:00Z"): Pod {
  const terminated = { exitCode: phase === "Failed" ? 1 : 0, finishedAt };
  const status = { name: "main", image: "", imageID: "", ready: false, restartCount: 0 };
  const containerStatuses = phase === "Running" ? [] : [{ ...status, state: { terminated } }];
  return {
    metadata: { name: phase },
    spec: { containers: [], restartPolicy: "Never" },
    status: { phase, containerStatuses },
  };
}

const recent = "2026-03-01T11:59:55Z";

Deno.test("decideJob says how many pods to make or end and what the status is", () => {
  const rows: [string, Job, Pod[], [number, number, string[]]][] = [
    ["new", job(), [], [1, 0, []]],
    ["running", job(), [pod("Running")], [0, 0, []]],
    ["succeeded", job(), [pod("Succeeded")], [0, 0, ["SuccessCriteriaMet", "Complete"]]],
    ["one of three", job({ completions: 3, parallelism: 2 }), [pod("Succeeded")], [2, 0, []]],
    ["last of three", job({ completions: 3, parallelism: 2 }), [
      pod("Succeeded"),
      pod("Succeeded"),
    ], [1, 0, []]],
    ["failed long ago", job(), [pod("Failed")], [1, 0, []]],
    ["failed just now", job(), [pod("Failed", recent)], [0, 0, []]],
    ["failed too often", job({ backoffLimit: 1 }), [pod("Failed"), pod("Failed")], [0, 0, [
      "FailureTarget",
      "Failed",
    ]]],
    ["suspended", job({ suspend: true }), [pod("Running")], [0, 1, ["Suspended"]]],
    [
      "too late",
      job({ activeDeadlineSeconds: 60 }, { startTime: "2026-03-01T11:00:00Z" }),
      [pod("Running")],
      [0, 1, ["FailureTarget", "Failed"]],
    ],
  ];
  for (const [given, of, pods, want] of rows) {
    const { create, end, status } = decideJob(of, pods, NOW);
    equal([create, end.length, (status.conditions ?? []).map(({ type }) => type)], want, given);
  }
});

Deno.test("decideJob looks again when the pause after a failure is over", () => {
  equal(decideJob(job(), [pod("Failed", recent)], NOW).againInMs, 5000);
});
