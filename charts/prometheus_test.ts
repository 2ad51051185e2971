/**
 * A real Prometheus scrapes a real operator by the alert rules of the chart, and one of them fires: a
 * cluster whose pods never become ready has no primary. Debian's package `prometheus` is needed.
 */
import assert from "node:assert/strict";
import { manifestOf, minimalCluster } from "../e2e/cases/clusters.ts";
import { freePort } from "../e2e/support/operator_process.ts";
import { startTestCluster } from "../e2e/support/test_cluster.ts";
import { CHART } from "./helm.ts";

const PROGRAM = "/usr/bin/prometheus";
const RULES = Deno.readTextFileSync(`${CHART}/files/alerts.yaml`);
/** Pods that become ready when the test is long over. */
const NEVER_READY = { readyAfterMs: 3_600_000 };
const LIMIT_MS = 25_000;

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: string;
}

interface Target {
  readonly health: string;
  readonly lastError: string;
}

/** A running Prometheus that asks one address once a second. */
async function startPrometheus(directory: string, target: string) {
  const port = freePort();
  // What waits for a minute or an hour waits for a second here; everything else is as shipped.
  const rules = RULES.replaceAll(/^(\s+for: ).*$/gm, "$11s");
  assert.notEqual(rules, RULES);
  await Deno.writeTextFile(`${directory}/alerts.yaml`, rules);
  const config = {
    global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
    rule_files: [`${directory}/alerts.yaml`],
    scrape_configs: [{ job_name: "operator", static_configs: [{ targets: [target] }] }],
  };
  await Deno.writeTextFile(`${directory}/prometheus.yml`, JSON.stringify(config));
  const child = new Deno.Command(PROGRAM, {
    args: [
      `--config.file=${directory}/prometheus.yml`,
      `--storage.tsdb.path=${directory}/tsdb`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async ask<T>(path: string): Promise<T | undefined> {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`).catch(() => {});
      return response === undefined ? undefined : (await response.json()).data as T;
    },
    async stop() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

async function until<T>(what: string, check: () => Promise<T | undefined>): Promise<T> {
  const endMs = Date.now() + LIMIT_MS;
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    if (Date.now() > endMs) throw new Error(`waited for ${LIMIT_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function clean(text: string): Promise<void> {
  const child = new Deno.Command("/usr/bin/promtool", {
    args: ["check", "metrics"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stderr } = await child.output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test({
  name: "Prometheus scrapes the operator, and tells of a cluster without a primary",
  ignore: !isThere(PROGRAM),
  fn: async () => {
    const cluster = await startTestCluster({ stub: NEVER_READY });
    const undo: (() => Promise<void>)[] = [() => cluster.stop()];
    try {
      const operator = await cluster.operator();
      const namespace = await cluster.namespace();
      await cluster.create(minimalCluster(namespace));
      await cluster.view.until(
        "the operator works on it",
        () => manifestOf({ cluster, namespace }),
      );
      const prometheus = await startPrometheus(
        cluster.directory,
        new URL(operator.debugUrl).host,
      );
      undo.push(() => prometheus.stop());
      const fired = await until("the alert fires", async () => {
        const found = await prometheus.ask<{ alerts: Alert[] }>("alerts");
        return found?.alerts.find(({ state, labels }) =>
          state === "firing" && labels["alertname"] === "PostgresClusterWithoutPrimary"
        );
      });
      assert.equal(fired.labels["namespace"], namespace);
      assert.equal(fired.labels["cluster"], "acid-minimal-cluster");
      assert.match(fired.annotations["summary"] ?? "", /acid-minimal-cluster has no primary/);
      const targets = await prometheus.ask<{ activeTargets: Target[] }>("targets");
      assert.deepEqual(
        targets?.activeTargets.map(({ health, lastError }) => [health, lastError]),
        [["up", ""]],
      );
      await clean(await (await fetch(`${operator.debugUrl}/metrics`)).text());
    } finally {
      for (const step of undo.reverse()) await step();
    }
  },
});
