/** Whether a pod counts as a member: by its server, whatever its sidecars do. */

import assert from "node:assert/strict";
import type { ContainerState, PodStatus } from "../../kubernetes/types.gen.ts";
import { pod } from "../../testing/pod_fixture.ts";
import { describePod, isMember } from "./pods.ts";

const UP: ContainerState = { running: {} };
const CRASHES: ContainerState = { waiting: { reason: "CrashLoopBackOff" } };
const PULLS: ContainerState = { waiting: { reason: "ImagePullBackOff" } };
const DONE = { terminated: { exitCode: 0, reason: "Completed" } } as ContainerState;

const ROWS: readonly [
  string,
  PodStatus["phase"],
  Record<string, ContainerState>,
  boolean,
  string,
][] = [
  ["both up", "Running", { postgres: UP, exporter: UP }, true, "a-0 is running"],
  [
    "a sidecar that crashes",
    "Running",
    { exporter: CRASHES, postgres: UP },
    true,
    "a-0 is running",
  ],
  ["a sidecar that has ended", "Running", { once: DONE, postgres: UP }, true, "a-0 is running"],
  [
    "a sidecar without an image",
    "Pending",
    { postgres: UP, exporter: PULLS },
    true,
    "container exporter of a-0 waits: ImagePullBackOff",
  ],
  [
    "a server that crashes",
    "Running",
    { exporter: UP, postgres: CRASHES },
    false,
    "container postgres of a-0 waits: CrashLoopBackOff",
  ],
  [
    "a server that has ended",
    "Running",
    { postgres: DONE },
    false,
    "container postgres of a-0 ended: Completed",
  ],
  ["no container yet", "Pending", {}, false, "a-0 is in phase Pending"],
  ["a pod that was evicted", "Failed", { postgres: UP }, false, "a-0 is in phase Failed"],
];

for (const [given, phase, states, member, words] of ROWS) {
  Deno.test(`a pod with ${given} is ${member ? "" : "no "}member`, () => {
    const containerStatuses = Object.entries(states).map(([name, state]) => ({
      name,
      ready: state === UP,
      state,
    }));
    const status = { phase, podIP: "10.0.0.1", containerStatuses } as unknown as PodStatus;
    const found = { ...pod("a-0", { role: "master" }), status };
    assert.equal(isMember(found, "spilo-role"), member);
    assert.equal(describePod(found, "spilo-role"), words);
  });
}
