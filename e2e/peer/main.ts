/**
 * `deno task peer-suite --path CHECKOUT`: runs the end-to-end suite of Zalando's operator, from a
 * checkout of its repository, against this operator: as a Pod of its Deployment by the shipped
 * manifests and role, on the dev cluster's real PostgreSQL. Prints a verdict a test.
 */
import { tools } from "../../charts/helm.ts";
import { requireProcessSupport } from "../devcluster/kubelet/process/machine.ts";
import { startDevCluster } from "../devcluster/mod.ts";
import { ensurePackages } from "../devcluster/packages.ts";
import { run } from "../local/programs.ts";
import { parsePeerOptions, type PeerOptions, USAGE } from "./options.ts";
import { verdictIn, verdictLine } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
/** Nodes that the suite asks for by name. */
const NODES = [
  "postgres-operator-e2e-tests-worker",
  "postgres-operator-e2e-tests-worker2",
];
const IMAGES = { OPERATOR_IMAGE: "postgres-operator-deno:local", POOLER_IMAGE: "pgbouncer:local" };

async function main(args: readonly string[]): Promise<number> {
  const options = parsePeerOptions(args);
  if (options.help) {
    say(USAGE.trimEnd());
    return 0;
  }
  requireProcessSupport();
  await ensurePackages({ log: say });
  await run([Deno.execPath(), "task", "bundle"], { cwd: ROOT });
  const folder = await Deno.makeTempDir({ prefix: "peer-suite-" });
  try {
    const python = await layOut(options.path, folder);
    const cluster = await startDevCluster({ runtime: "process", nodes: NODES });
    try {
      return await play(options, { folder, python, kubeconfig: cluster.kubeconfig });
    } finally {
      await cluster.stop();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The folder that the suite is run in: its tests, our manifests, a certificate. */
async function layOut(checkout: string, folder: string): Promise<string> {
  for (const part of ["tests", "exec.sh", "requirements.txt"]) {
    await run(["cp", "-r", `${checkout}/e2e/${part}`, folder]);
  }
  await run(["cp", "-r", `${ROOT}manifests`, folder]);
  await Deno.mkdir(`${folder}/tls`);
  await run(
    ["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=acid.zalan.do"]
      .concat(["-keyout", `${folder}/tls/tls.key`, "-out", `${folder}/tls/tls.crt`]),
  );
  say("fetching what the suite's requirements.txt names, into an environment of its own");
  await run(["python3", "-m", "venv", `${folder}/venv`]);
  const python = `${folder}/venv/bin/python`;
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  await run([python, ...pip, "-r", `${folder}/requirements.txt`]);
  return python;
}

interface Stage {
  readonly folder: string;
  readonly python: string;
  readonly kubeconfig: string;
}

/** Plays the suite; the exit code is 0 when no test failed. */
async function play(
  { tests, forced }: PeerOptions,
  { folder, python, kubeconfig }: Stage,
): Promise<number> {
  const { kubectl } = await tools();
  const path = `${kubectl.replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH") ?? ""}`;
  const child = new Deno.Command(python, {
    args: [`${ROOT}e2e/peer/verdicts.py`, "tests", ...tests, ...(forced ? ["--forced"] : [])],
    cwd: folder,
    env: { ...IMAGES, KUBECONFIG: kubeconfig, PATH: path, PYTHONDONTWRITEBYTECODE: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const verdicts: Verdict[] = [];
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const verdict = verdictIn(line);
      if (verdict === undefined) continue;
      verdicts.push(verdict);
      say(verdictLine(verdict));
    }
  }
  await child.status;
  const passed = verdicts.filter(({ verdict }) => verdict === "pass").length;
  say(`${passed} of ${verdicts.length} pass`);
  return verdicts.length > 0 && passed === verdicts.length ? 0 : 1;
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

Deno.exit(await main(Deno.args));
