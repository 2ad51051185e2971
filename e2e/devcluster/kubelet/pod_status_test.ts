import { deepStrictEqual as equal } from "node:assert/strict";
import type { Container, ContainerStatus, Pod, PodSpec } from "../objects/pod.ts";
import { podStatus, waitingStatus } from "./pod_status.ts";

const MAIN: Container = { name: "main" };

function status(state: ContainerStatus["state"], more: Partial<ContainerStatus> = {}) {
  return { ...waitingStatus(MAIN, ""), state: state!, ...more };
}

const WAITING = waitingStatus(MAIN, "ContainerCreating");
const RUNNING = status({ running: {} });
const READY = status({ running: {} }, { ready: true, started: true });
const DONE = status({ terminated: { exitCode: 0 } });
const FAILED = status({ terminated: { exitCode: 1 } });

function pod(more: Partial<PodSpec> = {}, metadata: Partial<Pod["metadata"]> = {}): Pod {
  return { metadata: { name: "p", ...metadata }, spec: { containers: [MAIN], ...more } };
}

Deno.test("a pod's phase and conditions follow from its containers and its restart policy", () => {
  const never = { restartPolicy: "Never" };
  const onFailure = { restartPolicy: "OnFailure" };
  const sidecar = { initContainers: [{ name: "main", restartPolicy: "Always" }] };
  const init = { initContainers: [MAIN] };
  const rows: [string, Pod, ContainerStatus[], ContainerStatus[], string, boolean, boolean][] = [
    ["waiting", pod(), [], [WAITING], "Pending", true, false],
    ["running", pod(), [], [RUNNING], "Running", true, false],
    ["ready", pod(), [], [READY], "Running", true, true],
    ["ended, always", pod(), [], [DONE], "Pending", true, false],
    ["ended and restarted", pod(), [], [{ ...DONE, restartCount: 1 }], "Running", true, false],
    ["ended, never", pod(never), [], [DONE], "Succeeded", true, false],
    ["failed, never", pod(never), [], [FAILED], "Failed", true, false],
    ["ended, on failure", pod(onFailure), [], [DONE], "Succeeded", true, false],
    ["failed, on failure", pod(onFailure), [], [FAILED], "Pending", true, false],
    [
      "ended while deleted",
      pod({}, { deletionTimestamp: "now" }),
      [],
      [FAILED],
      "Failed",
      true,
      false,
    ],
    ["init runs", pod(init), [RUNNING], [WAITING], "Pending", false, false],
    ["init done", pod(init), [DONE], [WAITING], "Pending", true, false],
    ["init failed, never", pod({ ...init, ...never }), [FAILED], [WAITING], "Failed", false, false],
    ["sidecar not ready", pod(sidecar), [RUNNING], [READY], "Running", false, false],
    ["sidecar ready", pod(sidecar), [READY], [READY], "Running", true, true],
  ];
  for (const [given, of, initStatuses, statuses, phase, initialized, ready] of rows) {
    const facts = { pod: of, ip: "127.0.0.2", startTime: "", initStatuses, statuses, now: "now" };
    const got = podStatus(facts);
    const holds = (type: string) =>
      got.conditions!.find((it) => it.type === type)!.status === "True";
    equal([got.phase, holds("Initialized"), holds("Ready")], [phase, initialized, ready], given);
  }
});

Deno.test("a condition keeps its time while it does not change, foreign ones stay", () => {
  const known = [
    { type: "Ready", status: "True", lastTransitionTime: "before" },
    { type: "ContainersReady", status: "False", lastTransitionTime: "before" },
    { type: "example.org/gate", status: "True" },
  ];
  const of = { ...pod(), status: { conditions: known } };
  const facts = { ip: undefined, startTime: "", initStatuses: [], now: "now" };
  const { conditions } = podStatus({ ...facts, pod: of, statuses: [READY] });
  const times = new Map(conditions!.map((it) => [it.type, it.lastTransitionTime]));
  equal([times.get("Ready"), times.get("ContainersReady")], ["before", "now"]);
  equal(conditions!.at(-1), known[2]);
});

Deno.test("a readiness gate holds a pod back", () => {
  const gated = pod({ readinessGates: [{ conditionType: "example.org/gate" }] });
  const facts = { ip: undefined, startTime: "", initStatuses: [], statuses: [READY], now: "now" };
  const ready = (of: Pod) =>
    podStatus({ ...facts, pod: of }).conditions!.find((it) => it.type === "Ready")!.status;
  const conditions = [{ type: "example.org/gate", status: "True" }];
  equal([ready(gated), ready({ ...gated, status: { conditions } })], ["False", "True"]);
});
