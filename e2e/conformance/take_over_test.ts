/**
 * A take-over: the operator starts on what the reference left behind. It writes the status, and
 * nothing else but what the table names; two periodic passes later there is nothing left to write.
 */

import assert from "node:assert/strict";
import { type RecordedStep, recordedSteps } from "./recorded.ts";
import { takeOver } from "./take_over.ts";

interface Row {
  /** Regular expression over the step. */
  readonly steps: RegExp;
  /** Regular expression over the write. */
  readonly write: RegExp;
  readonly because: string;
}

/** The recorder masked it, so the seeded object is not quite the reference's. */
const RECORDED: readonly Row[] = [
  {
    steps: /^(crd-config|pooler-config|secrets-names)\//,
    write: /^update secrets\//,
    because: "passwords of infrastructure roles are not in the record",
  },
  {
    steps: /t-pooler-size/,
    write: /^update secrets\/.*-pooler-u$/,
    because: "the recorder sorted the list of users by another user's name",
  },
  {
    steps: /node-port|pooler-services/,
    write: /^patch services\//,
    because: "node ports are not in the record",
  },
  {
    steps: /^endpoints\//,
    write: /^patch endpoints\/.*-repl$/,
    because: "Endpoints that Kubernetes made are not in the record",
  },
  {
    steps: /own-change|own-parent/,
    write: /./,
    because: "the uid of an owner's owner is not in the record",
  },
  {
    steps: /newest-version/,
    write: /^patch pods\//,
    because: "every server of the recording says that it is version 17",
  },
];

/** What the reference left behind differs from its manifest, and is put right. */
const PUT_RIGHT: readonly Row[] = [
  { steps: /bare-update/, write: /^create secrets\//, because: "pods whose Secrets are missing" },
  { steps: /cmin-lb/, write: /^patch services\//, because: "an empty name in DNS (D-18)" },
  {
    steps: /lab-change|bk-change|tm-change/,
    write: /^patch (services|poddisruptionbudgets)\//,
    because: "labels of before a change (D-38, F-PDB-04)",
  },
  {
    steps: /complete|users-rotation|crd-full|sn-/,
    write: /^patch secrets\//,
    because: "the first date of a rotation is missing (F-ROT-02)",
  },
  {
    steps: /pooler-no-db/,
    write: /^create (secrets|deployments|services)\/.*-pooler/,
    because: "the poolers are missing (D-25)",
  },
  {
    steps: /t-sidecar\/4/,
    write: /^((patch|delete) (pods|statefulsets)|create pods)\//,
    because: "an init container that the manifest no longer has (F-XTR-06)",
  },
  {
    steps: /t-volume-refused|so-annotations|sp-grow/,
    write: /^patch persistentvolumeclaims\//,
    because: "sizes and annotations of claims (F-VOL-02, F-VOL-03)",
  },
  {
    steps: /prv-sync-nocount/,
    write: /^patch poddisruptionbudgets\//,
    because: "a budget that is too small (D-29)",
  },
  { steps: /start-two/, write: /^patch cronjobs\//, because: "a role of AWS on the job (D-30)" },
];

/** Kubernetes refuses it every time. */
const REFUSED = /^default\/t-volume-refused\/2$/;

function formerOf(step: RecordedStep, steps: readonly RecordedStep[]): RecordedStep[] {
  const number = ({ name }: RecordedStep) => Number(name.split("/")[2]);
  const ofCase = (one: RecordedStep) => one.name.replace(/\d+$/, "");
  return steps.filter((one) => ofCase(one) === ofCase(step) && number(one) <= number(step));
}

Deno.test("a take-over writes the status, and later nothing", async () => {
  const steps = recordedSteps().filter(({ name }) => !name.startsWith("db-"));
  const rows = [...RECORDED, ...PUT_RIGHT];
  const met = new Set<Row>();
  const unexpected: Record<string, unknown> = {};
  let [clusters, clean] = [0, 0];
  for (const step of steps) {
    const { status } = step.golden;
    if (status.length === 0 || status.some((word) => word !== "Running")) continue;
    clusters += status.length;
    const found = await takeOver(step, formerOf(step, steps));
    const named = (write: string) =>
      rows.find((row) => row.steps.test(step.name) && row.write.test(write));
    for (const write of found.writes) {
      const row = named(write);
      if (row) met.add(row);
    }
    const writes = found.writes.filter((write) => named(write) === undefined);
    const later = REFUSED.test(step.name) ? [] : found.later;
    // Where pods are recreated, the primary hands over.
    const patroni = found.writes.length === 0 ? found.patroni : 0;
    if (writes.length + later.length + patroni > 0) {
      unexpected[step.name] = { writes, later, patroni };
    }
    if (found.writes.length === 0) {
      clean += status.length;
      assert.ok(found.statusWrites <= 2 * status.length, `${step.name}: ${found.statusWrites}`);
    }
  }
  assert.deepEqual(unexpected, {});
  assert.deepEqual(rows.filter((row) => !met.has(row)).map(({ because }) => because), []);
  const text = `${clusters} clusters taken over, ${clean} with nothing written but their status\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(text));
});
