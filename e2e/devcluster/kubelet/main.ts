/**
 * A node for any control plane: `deno run -A e2e/devcluster/kubelet/main.ts --kubeconfig FILE
 * [--runtime stub|process] [--node NAME] [--directory DIR] [--client-ca FILE] [--claims]
 * [--no-scheduler]`.
 *
 * `--client-ca` names the CA of the certificate that the API server shows to kubelets
 * (`--kubelet-client-certificate`): commands, logs and ports of pods need it.
 * `--claims` binds PersistentVolumeClaims as well, for a control plane without a provisioner;
 * `--no-scheduler` leaves the binding of pods to the scheduler that is there.
 */
import { parseArgs } from "node:util";
import { startControllers } from "../controllers/mod.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { startScheduler } from "../scheduler/scheduler.ts";
import { startKubelet } from "./kubelet.ts";
import { processRuntime } from "./process_runtime.ts";
import { stubRuntime } from "./stub_runtime.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    kubeconfig: { type: "string" },
    runtime: { type: "string", default: "stub" },
    node: { type: "string", default: "devcluster" },
    directory: { type: "string" },
    "client-ca": { type: "string" },
    claims: { type: "boolean", default: false },
    "no-scheduler": { type: "boolean", default: false },
  },
});
if (!values.kubeconfig) throw new Error("cannot start a kubelet: --kubeconfig FILE is needed");

const access = readKubeconfig(values.kubeconfig);
const kubelet = await startKubelet({
  ...access,
  nodeName: values.node,
  runtime: values.runtime === "process" ? processRuntime() : stubRuntime(access),
  ...(values["client-ca"] ? { clientCaPem: Deno.readTextFileSync(values["client-ca"]) } : {}),
  ...(values.directory ? { directory: values.directory } : {}),
});
const scheduler = values["no-scheduler"] ? undefined : await startScheduler(access, report);
const controllers = values.claims
  ? await startControllers({ ...access, only: ["persistentVolume"] })
  : undefined;
Deno.stdout.writeSync(new TextEncoder().encode(`node ${values.node} is ready\n`));

function report(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  Deno.stderr.writeSync(new TextEncoder().encode(`scheduler: ${text}\n`));
}

let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, async () => {
    if (stopping) return;
    stopping = true;
    await scheduler?.stop();
    await kubelet.stop();
    await controllers?.stop();
    Deno.exit(0);
  });
}
