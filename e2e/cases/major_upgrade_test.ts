/**
 * The major version of a running cluster is raised.
 * Zalando: e2e/tests/test_e2e.py, test_major_version_upgrade
 */
import assert from "node:assert/strict";
import { type Play, scenario } from "../support/scenario.ts";
import type { TestOperator } from "../support/test_cluster.ts";
import { isRunning, manifestOf, MINIMAL, minimalCluster, podsOf } from "./clusters.ts";

const SUCCESS = "last-major-upgrade-success";
const FAILURE = "last-major-upgrade-failure";
const NOISE = "no space left on device";

async function raised(play: Play, spec: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await play.cluster.create(
    minimalCluster(play.namespace, { postgresql: { version: "17" }, ...spec }),
  );
  await play.until("the cluster runs", () => isRunning(play));
  await play.cluster.patch(minimalCluster(play.namespace), {
    spec: { postgresql: { version: "18" } },
  });
}

function annotations(play: Play): Readonly<Record<string, string>> {
  return manifestOf(play)?.metadata.annotations ?? {};
}

/** Keys by which pods show that an upgrade is under way. */
function protectedBy(play: Play): string[] {
  return podsOf(play).flatMap(({ metadata }) =>
    Object.keys({ ...metadata.labels, ...metadata.annotations })
      .filter((key) => key === "critical-operation" || key.includes("major-upgrade"))
  );
}

function told(play: Play): string[] {
  return play.events(MINIMAL).filter((event) => event.includes("Major Version Upgrade"));
}

async function upgraded(play: Play): Promise<void> {
  await play.until(
    "the upgrade is told and its protection gone",
    () => isRunning(play) && SUCCESS in annotations(play) && protectedBy(play).length === 0,
  );
}

scenario("a raised major version restarts the pods, then upgrades the data", {}, async (play) => {
  await raised(play);
  await upgraded(play);
  await play.until("both Events", () => told(play).length === 2);
  assert.deepEqual(
    told(play).sort(),
    [
      `Normal Major Version Upgrade: starting major version upgrade on pod ${MINIMAL}-1 of 2 pods`,
      "Normal Major Version Upgrade: upgrade from 170005 to 180000 finished",
    ].sort(),
  );
  assert.match(annotations(play)[SUCCESS] ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
});

/** Killed while the script runs: the answer never reaches it. */
let victim: TestOperator | undefined;
let runs = 0;

scenario("an operator killed during the upgrade leaves its end to the next one", {
  stub: {
    exec: ({ command }) => {
      if (!command.join(" ").includes("inplace_upgrade.py")) return undefined;
      runs++;
      victim?.kill();
      return undefined;
    },
  },
}, async (play) => {
  victim = play.operator;
  await raised(play);
  await play.operator.ended;
  assert.ok(protectedBy(play).length > 0);
  assert.equal(SUCCESS in annotations(play), false);
  await play.cluster.operator();
  await upgraded(play);
  assert.equal(runs, 1);
});

/** Ten minutes that begin in twelve hours. */
function closedWindow(): string {
  const hour = String((new Date().getUTCHours() + 12) % 24).padStart(2, "0");
  return `${hour}:00-${hour}:10`;
}

scenario("outside its window a version is postponed, and the cluster runs", {
  operator: { config: { maintenance_windows: closedWindow() } },
}, async (play) => {
  await raised(play);
  const synced = () => manifestOf(play)?.status?.conditions?.find(({ type }) => type === "Synced");
  await play.until("it is postponed", () => isRunning(play) && synced()?.reason === "Postponed");
  assert.match(synced()?.message ?? "", /waits for a maintenance window/);
  await play.never("an upgrade", () => protectedBy(play).length > 0);
  await play.operator.stop();
  await play.cluster.operator();
  await upgraded(play);
});

let fails = true;

scenario("a script that fails is run once, until somebody takes the failure away", {
  stub: {
    exec: ({ command }) => {
      const text = command.join(" ");
      if (text.includes("tail -n 1")) return { stdout: `${NOISE}\n` };
      return fails && text.includes("inplace_upgrade.py") ? { exitCode: 1 } : undefined;
    },
  },
}, async (play) => {
  await raised(play);
  await play.until(
    "the failure is told and the pods are free",
    () => isRunning(play) && FAILURE in annotations(play) && protectedBy(play).length === 0,
  );
  const failure = `Warning Major Version Upgrade: upgrade from 170005 to 180000 FAILED: ${NOISE}`;
  await play.until("the Event", () => told(play).includes(failure));
  await play.never("a second attempt", () => protectedBy(play).length > 0);
  fails = false;
  await play.cluster.patch(minimalCluster(play.namespace), {
    metadata: { annotations: { [FAILURE]: null } },
  });
  await upgraded(play);
  assert.equal(FAILURE in annotations(play), false);
});
