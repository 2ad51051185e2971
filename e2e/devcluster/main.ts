/**
 * `deno task devcluster [--runtime stub|process] [--nodes N] [--port N] [--data DIR]`: a dev cluster
 * by hand, until Ctrl-C. Prints where the kubeconfig is.
 */
import { startDevCluster } from "./mod.ts";

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

function argument(name: string): string | undefined {
  const index = Deno.args.indexOf(`--${name}`);
  return index < 0 ? undefined : Deno.args[index + 1];
}

const runtime = argument("runtime") ?? "stub";
if (runtime !== "stub" && runtime !== "process") {
  print(`unknown runtime ${runtime}: it is stub or process`);
  Deno.exit(2);
}
const port = argument("port");
const dataDir = argument("data");
const nodes = Number(argument("nodes") ?? "1");
if (!Number.isInteger(nodes) || nodes < 1 || nodes > 20) {
  print(`unknown number of nodes ${argument("nodes")}: it is 1 to 20`);
  Deno.exit(2);
}
const cluster = await startDevCluster({
  runtime,
  nodes,
  ...(port === undefined ? {} : { port: Number(port) }),
  ...(dataDir === undefined ? {} : { dataDir }),
});
print(`API server  ${cluster.url}`);
print(`kubeconfig  ${cluster.kubeconfig}`);
print(`try         KUBECONFIG=${cluster.kubeconfig} kubectl get pods --all-namespaces`);
print("Ctrl-C ends it.");

let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    if (stopping) return;
    stopping = true;
    cluster.stop().then(() => Deno.exit(0));
  });
}
