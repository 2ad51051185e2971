/** What is kept of a pass, and what is not. */

import assert from "node:assert/strict";
import type { Pod } from "../kubernetes/types.gen.ts";
import { planContext, secretsOf } from "../testing/plan_fixture.ts";
import { pod } from "../testing/pod_fixture.ts";
import { membersOf } from "./overview/members.ts";
import { archives, seenOf } from "./seen.ts";

const STATUS = JSON.stringify({ state: "running", timeline: 3, xlog_location: 100 });

function running(name: string, role: "master" | "replica"): Pod {
  const made = pod(name, { role });
  const state = { running: { startedAt: "2026-01-01T00:00:00Z" } };
  const container = { name: "postgres", restartCount: 2, ready: true, image: "", imageID: "" };
  return {
    ...made,
    metadata: { ...made.metadata, annotations: { status: STATUS, other: "x".repeat(5000) } },
    spec: { ...made.spec, nodeName: "node-1" } as Pod["spec"] & object,
    status: {
      ...made.status,
      containerStatuses: [
        { ...container, name: "sidecar" } as never,
        { ...container, state } as never,
      ],
    },
  };
}

Deno.test("the members of what was kept are those of the pods that were seen", () => {
  const pods = [running("a-0", "master"), running("a-1", "replica"), pod("a-2")];
  const { desired, observed } = planContext({ pods });
  const seen = seenOf(desired, observed);
  assert.ok(seen.pods.known);
  assert.deepEqual(
    membersOf(seen.pods.value, undefined, "spilo-role"),
    membersOf(pods, undefined, "spilo-role"),
  );
});

Deno.test("no object of a cluster is kept a second time", () => {
  const objects = secretsOf(planContext().desired);
  const { desired, observed } = planContext({ objects, pods: [running("a-0", "master")] });
  const text = JSON.stringify(seenOf(desired, observed));
  assert.ok(text.length < 3000, `${text.length} characters are kept`);
  assert.equal(text.includes("password"), false);
});

Deno.test("pods archive where a variable names a place or comes from elsewhere", () => {
  const container = { name: "postgres", image: "spilo" };
  assert.equal(archives([container]), false);
  assert.equal(archives([{ ...container, env: [{ name: "WAL_S3_BUCKET", value: "b" }] }]), true);
  assert.equal(archives([{ ...container, env: [{ name: "WAL_S3_BUCKETS", value: "b" }] }]), false);
  assert.equal(archives([container, { ...container, envFrom: [{ prefix: "A" }] }]), true);
});
