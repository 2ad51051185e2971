/**
 * Somebody writes another password into the superuser's Secret, then into that of the replication
 * role, and at last deletes the first. The operator is locked out by first and last; the database has
 * to follow all of them, and the pods too.
 */
import assert from "node:assert/strict";
import postgres from "postgres";
import type { Secret, Service } from "../../../src/kubernetes/types.gen.ts";
import { installedPostgresMajors } from "../../devcluster/packages.ts";
import { type Play, scenario } from "../../support/scenario.ts";
import { isReady, isRunning, MINIMAL, minimalCluster, podsOf, roleOf } from "../clusters.ts";

const MAJOR = installedPostgresMajors().at(-1) ?? "";
const START_LIMIT_MS = 180_000;
/** From the change of the Secret to the first log-in. */
const REPAIR_LIMIT_MS = 15_000;
const PAUSE_MS = 100;

scenario("a superuser whose Secret was changed by hand is let in again", {
  runtime: "process",
  operator: { flags: ["--databaseaddress=cluster-ip"] },
}, async (play) => {
  const { cluster, namespace, until } = play;
  await cluster.create(minimalCluster(namespace, { postgresql: { version: MAJOR } }));
  await until("the cluster runs", () => isRunning(play) && bothUp(play), START_LIMIT_MS);
  const before = passwordOf(play, "postgres");
  assert.ok(await letsIn(play, before));

  const formerPods = uidsOf(play);
  const fromMs = performance.now();
  await cluster.patch(secretOf(play, "postgres"), { data: { password: btoa("changed-by-hand") } });
  while (!await letsIn(play, "changed-by-hand")) {
    assert.ok(performance.now() - fromMs < REPAIR_LIMIT_MS, "the new password is not let in");
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  report(`let in ${Math.round(performance.now() - fromMs)} ms after the change of the Secret`);
  assert.equal(await letsIn(play, before), false, "the old password is let in");
  await renewed(play, formerPods, fromMs);
  assert.equal(passwordOf(play, "postgres"), "changed-by-hand");
  assertSilent(play, "changed-by-hand");

  const secondPods = uidsOf(play);
  const secondMs = performance.now();
  await cluster.patch(secretOf(play, "standby"), { data: { password: btoa("replicate-by-hand") } });
  await renewed(play, secondPods, secondMs);
  assert.ok(await letsIn(play, "replicate-by-hand", "standby"));

  const thirdPods = uidsOf(play);
  const thirdMs = performance.now();
  await cluster.delete(secretOf(play, "postgres"));
  await renewed(play, thirdPods, thirdMs);
  assert.notEqual(passwordOf(play, "postgres"), "changed-by-hand");
  assert.ok(await letsIn(play, passwordOf(play, "postgres")));
});

function assertSilent({ operator }: Play, password: string): void {
  const log = operator.log().join("\n");
  assert.ok(!log.includes(password) && !log.includes("SCRAM-SHA-256"), "the log tells a secret");
}

/** Waits until other pods follow each other again and the status is at rest. */
async function renewed(
  play: Play,
  former: ReadonlySet<string>,
  fromMs: number,
): Promise<void> {
  const { until } = play;
  await until(
    "all pods were recreated",
    () => bothUp(play) && podsOf(play).every(({ metadata }) => !former.has(metadata.uid ?? "")),
    START_LIMIT_MS,
  );
  await until("the cluster runs", () => isRunning(play), START_LIMIT_MS);
  report(`pods recreated after ${Math.round(performance.now() - fromMs)} ms`);
}

function uidsOf(play: Play): Set<string> {
  return new Set(podsOf(play).map(({ metadata }) => metadata.uid ?? ""));
}

function bothUp(play: Play): boolean {
  return podsOf(play).filter(isReady).map(roleOf).sort().join() === "master,replica";
}

function secretOf({ cluster, namespace }: Play, role: string): Secret {
  const name = `${role}.${MINIMAL}.credentials.postgresql.acid.zalan.do`;
  const secret = cluster.view.get("Secret", namespace, name) as Secret | undefined;
  assert.ok(secret);
  return secret;
}

function passwordOf(play: Play, role: string): string {
  return atob(secretOf(play, role).data?.["password"] ?? "");
}

/** Whether the primary lets a role in; any answer but a wrong password and a log-in fails. */
async function letsIn(play: Play, password: string, user = "postgres"): Promise<boolean> {
  const service = play.cluster.view.get("Service", play.namespace, MINIMAL) as Service | undefined;
  const sql = postgres({
    host: service?.spec?.clusterIP ?? "",
    port: 5432,
    database: "postgres",
    user,
    password,
    // The pod made its certificate itself: it encrypts, and proves nothing.
    ssl: { rejectUnauthorized: false },
    max: 1,
    connect_timeout: 5,
    onnotice: () => {},
  });
  try {
    await sql`SELECT 1`;
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === "28P01") return false;
    throw error;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function report(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
