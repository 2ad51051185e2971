/**
 * What makes an alert fire, and when, tried by Prometheus' own tool for rules. Debian's package
 * `prometheus` is needed.
 */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { CHART } from "./helm.ts";

const PROMTOOL = "/usr/bin/promtool";
const OF = 'namespace="shop",cluster="acid-a"';
const DAY = 86_400;

interface Row {
  readonly alert: string;
  /** Time between two values of a series, and between two looks at the rules. */
  readonly every: string;
  readonly series: Readonly<Record<string, string>>;
  /** When it has fired, and when it has not yet. */
  readonly at: string;
  readonly notAt?: string;
}

/** Time begins at 0. */
const ROWS: readonly Row[] = [
  {
    alert: "PostgresArchiveFails",
    every: "1m",
    series: { [`pgop_archive_failing{${OF}}`]: "1x60" },
    at: "16m",
    notAt: "14m",
  },
  {
    alert: "PostgresBackupNotOK",
    every: "1m",
    series: { [`pgop_cluster_condition{${OF},type="BackupOK",status="False"}`]: "1x60" },
    at: "31m",
    notAt: "29m",
  },
  {
    alert: "PostgresBackupUnknown",
    every: "30m",
    series: { [`pgop_cluster_condition{${OF},type="BackupOK",status="Unknown"}`]: "1x80" },
    at: "37h",
    notAt: "35h",
  },
  {
    alert: "PostgresCertificateEnds",
    every: "30m",
    series: { [`pgop_certificate_expiry_timestamp_seconds{${OF}}`]: `${15 * DAY}x80` },
    // Two weeks before its end, and an hour.
    at: "26h",
    notAt: "24h",
  },
  {
    alert: "PostgresClusterWaitsLong",
    every: "1m",
    series: { [`pgop_held_seconds{${OF},subject="rollout",kind="waiting"}`]: "0+60x90" },
    at: "62m",
    notAt: "59m",
  },
  {
    alert: "PostgresLogicalBackupFails",
    every: "10m",
    series: {
      [`pgop_backup_last_schedule_timestamp_seconds{${OF},kind="logical"}`]: "2000x40",
      [`pgop_backup_last_success_timestamp_seconds{${OF},kind="logical"}`]: "1000x40",
      [`pgop_backup_last_success_timestamp_seconds{${OF},kind="base"}`]: "9000x40",
    },
    at: "370m",
    notAt: "350m",
  },
];

/** Alerts that fire at a time by the rules of the chart; what the tool says where they do not. */
async function judged(
  { alert, every, series }: Row,
  time: string,
  fires: boolean,
): Promise<string> {
  const directory = await Deno.makeTempDir();
  try {
    const test = {
      rule_files: [await Deno.realPath(`${CHART}/files/alerts.yaml`)],
      evaluation_interval: every,
      tests: [{
        interval: every,
        input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
        promql_expr_test: [{
          expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)`,
          eval_time: time,
          exp_samples: [{ labels: "{}", value: fires ? 1 : 0 }],
        }],
      }],
    };
    await Deno.writeTextFile(`${directory}/test.yaml`, stringify(test));
    const { success, stdout, stderr } = await new Deno.Command(PROMTOOL, {
      args: ["test", "rules", `${directory}/test.yaml`],
      stdout: "piped",
      stderr: "piped",
    }).output();
    const text = new TextDecoder();
    return success ? "" : text.decode(stdout) + text.decode(stderr);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

for (const row of ROWS) {
  Deno.test({
    name: `${row.alert} fires when it should, and not before`,
    ignore: !isThere(PROMTOOL),
    fn: async () => {
      assert.equal(await judged(row, row.at, true), "");
      if (row.notAt !== undefined) assert.equal(await judged(row, row.notAt, false), "");
    },
  });
}
