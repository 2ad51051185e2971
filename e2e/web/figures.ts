/**
 * `deno task ui:figures [PROGRAM]`: what the web UI costs before an API server with 1,000 clusters: time
 * to the first answer, memory at rest and with visitors, and requests to Kubernetes of one visitor
 * and of fifty. The program is the compiled binary where there is one, else the source.
 */

import { manifest, startUiWorld, TOKENS } from "./ui_server.ts";
import { freePort } from "../support/operator_process.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const CLUSTERS = 1000;
const VISITORS = 50;
/** How often a page asks while it is open. */
const POLL_MS = 3000;
const LOOK_MS = 15_000;

const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function programOf(given: string | undefined): string[] {
  const binary = given ?? `${ROOT}dist/postgres-operator`;
  try {
    Deno.statSync(binary);
    return [binary];
  } catch {
    const allowed = ["net", "read", "env", "run", "sys"].map((name) => `--allow-${name}`);
    return [Deno.execPath(), "run", "--quiet", "--no-prompt", ...allowed, `${ROOT}src/main.ts`];
  }
}

/** Resident memory in MiB. */
function residentMib(pid: number): string {
  const [, kib = "0"] = /VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  return `${(Number(kib) / 1024).toFixed(0)} MiB`;
}

async function main([given]: readonly string[]): Promise<void> {
  const world = await startUiWorld();
  const signal = AbortSignal.timeout(120_000);
  for (let at = 0; at < CLUSTERS; at += 20) {
    const some = Array.from({ length: 20 }, (_, each) => manifest(`acid-${at + each}`, "shop"));
    await Promise.all(some.map((one) => world.admin.create(one, { signal })));
  }
  const [program = "", ...args] = programOf(given);
  const port = freePort();
  const origin = `http://127.0.0.1:${port}`;
  const started = performance.now();
  const child = new Deno.Command(program, {
    args: [...args, "ui", `--port=${port}`, `--kubeconfig=${world.kubeconfig}`],
    env: { TARGET_NAMESPACE: "shop", OPERATOR_API_URL: "http://127.0.0.1:9" },
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    while (
      !await fetch(`${origin}/health`).then(({ ok, body }) => (body?.cancel(), ok), () => false)
    ) {
      await pause(10);
    }
    say(
      `${program.split("/").at(-1)}: first answer after ${
        (performance.now() - started).toFixed(0)
      } ms`,
    );
    await pause(3000);
    say(`at rest: ${residentMib(child.pid)}`);
    for (const visitors of [1, VISITORS]) {
      world.audited();
      await look(origin, visitors);
      say(
        `${visitors} visitors for ${LOOK_MS / 1000} s: ${residentMib(child.pid)}, requests to ` +
          `Kubernetes: ${world.audited().join(", ") || "none"}`,
      );
      await pause(65_000);
    }
    say(`a minute after the last visitor: ${residentMib(child.pid)}`);
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await world.stop();
  }
}

/** Asks for the overview as open pages do. */
async function look(origin: string, visitors: number): Promise<void> {
  const headers = { authorization: `Bearer ${TOKENS.viewer}` };
  const visit = async () => {
    for (let spent = 0; spent < LOOK_MS; spent += POLL_MS) {
      await (await fetch(`${origin}/overview`, { headers })).arrayBuffer();
      await pause(POLL_MS);
    }
  };
  await Promise.all(Array.from({ length: visitors }, visit));
}

if (import.meta.main) await main(Deno.args);
