/** The web UI on a port, beside an operator and a bucket that tell of one cluster. */

import type { OperatorClient } from "../../src/clients/operator/client.ts";
import { PortError } from "../../src/ports/errors.ts";
import { type Place, type SimulatedView, simulatedView } from "./simulated_view.ts";
import { manifest, startUiWorld, type UiWorld } from "./ui_server.ts";

/** The uid of a life of a cluster in the bucket. */
export const LIVES = "c3a9f0de-0000-4000-8000-000000000001";

/** Clusters of the operator lie in the namespace where the editor may write. */
const SHOP: Place = { namespaces: ["shop"], first: "acid-orders" };

/** What the operator says of a change: of a restart where memory changes, else of nothing bad. */
function planFor(path: string, manifest: unknown): object {
  const text = JSON.stringify(manifest);
  if (text.includes("request-switchover")) return switchover(path);
  // A copy is new: nothing that runs is disturbed.
  const effect = text.includes('"clone":')
    ? "none"
    : /"memory":"4Gi"/.test(text)
    ? "restart"
    : /"numberOfInstances":1[,}]/.test(text)
    ? "destructive"
    : "none";
  const [, , namespace, name] = path.split("/");
  return {
    cluster: `${namespace}/${name}`,
    effect,
    changes: [{
      object: `StatefulSet ${namespace}/${name}`,
      verb: "change",
      effect,
      reasons: [
        effect === "restart"
          ? "resources.limits.memory of postgres: 500Mi → 4Gi; pods restart one by one"
          : "spec.replicas: 2 → 3",
      ],
    }],
    held: [],
  };
}

function switchover(path: string): object {
  const [, , namespace, name] = path.split("/");
  return {
    cluster: `${namespace}/${name}`,
    effect: "restart",
    changes: [{
      object: `Patroni of ${namespace}/${name}`,
      verb: "tell",
      effect: "restart",
      reasons: [`the request asks for a switchover; ${name}-1 is the best replica`],
    }],
    held: [],
  };
}

/** Settings of the operator that pages look at. */
const SETTINGS = {
  MinInstances: -1,
  MaxInstances: 8,
  MinCPULimit: "250m",
  MinMemoryLimit: "250Mi",
  DefaultCPURequest: "100m",
  DefaultCPULimit: "1",
  DefaultMemoryRequest: "100Mi",
  DefaultMemoryLimit: "500Mi",
  EnablePersistentVolumeClaimDeletion: true,
  EnableSecretsDeletion: true,
  DeleteAnnotationDateKey: "delete-date",
  DeleteAnnotationNameKey: "delete-clustername",
  SecretNameTemplate: "{username}.{cluster}.credentials.{tprkind}.{tprgroup}",
};

/** An operator that tells of the clusters of a view, and plans whatever it is asked. */
function operator({ view }: SimulatedView): OperatorClient {
  const config = view.config();
  const pages = new Map<string, unknown>([
    ["/overview", view.overview()],
    ["/config", { ...config, operator: { ...config.operator, ...SETTINGS } }],
    ["/status", view.status()],
  ]);
  const ofCluster = ["detail", "plan", "plans", "logs", "history"] as const;
  return {
    get(path) {
      const [, , namespace = "", name = "", page] = path.split("/").map(decodeURIComponent);
      const known = ofCluster.find((each) => each === page);
      const answer = known === undefined ? pages.get(path) : view[known](namespace, name);
      return answer === undefined
        ? Promise.reject(new PortError(`${path} is not known`, "not found"))
        : Promise.resolve(answer);
    },
    post: (path, manifest) => Promise.resolve(planFor(path, manifest)),
  };
}

const STORE = {
  folders: (prefix: string) =>
    Promise.resolve(prefix === "spilo/" ? ["acid-orders", "acid-gone"] : [LIVES]),
  objects: (prefix: string) =>
    Promise.resolve(
      !prefix.includes("/18/") ? [] : [{
        key: `${prefix}base_000000010000000000000004_backup_stop_sentinel.json`,
        modified: "2026-05-04T10:20:30Z",
      }],
    ),
  text: () => Promise.resolve('{"LSN":67108904,"FinishLSN":67109136,"UncompressedSize":31457280}'),
};

/** A UI that is served. */
export interface ServedUi {
  readonly world: UiWorld;
  readonly simulated: SimulatedView;
  readonly origin: string;
  stop(): Promise<void>;
}

/** Manifests that are sent at once. */
const AT_ONCE = 20;

async function createAll({ admin }: UiWorld, { rows }: SimulatedView): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    await Promise.all(
      rows.slice(at, at + AT_ONCE).map(({ name, namespace }) =>
        admin.create(manifest(name, namespace), { signal })
      ),
    );
  }
}

const TEMPLATE = {
  name: "large, with a pooler",
  text: `# For shops that sell much.
apiVersion: acid.zalan.do/v1
kind: postgresql
metadata:
  name: acid-large
  namespace: shop
spec:
  teamId: acid
  numberOfInstances: 3
  enableConnectionPooler: true
  postgresql:
    version: "18"
  volume:
    size: 500Gi
`,
};

/** Serves the UI before an API server that holds as many clusters as a test wants. */
export async function startUiWithOperator(
  variables: Readonly<Record<string, string>>,
  count = 1,
): Promise<ServedUi> {
  const world = await startUiWorld();
  const simulated = simulatedView(count, SHOP);
  await createAll(world, simulated);
  const { app } = world.ui(variables, {
    operator: operator(simulated),
    templates: () => Promise.resolve([TEMPLATE]),
    store: () => Promise.resolve(STORE),
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request, { remoteAddr }) => app.fetch(request, { peer: remoteAddr.hostname }),
  );
  return {
    world,
    simulated,
    origin: `http://127.0.0.1:${server.addr.port}`,
    async stop() {
      await server.shutdown();
      await world.stop();
    },
  };
}
