/** The web UI on a port, beside an operator and a bucket that tell of one cluster. */

import type { OperatorClient } from "../../src/clients/operator/client.ts";
import { PortError } from "../../src/ports/errors.ts";
import { simulatedView } from "./simulated_view.ts";
import { manifest, startUiWorld, type UiWorld } from "./ui_server.ts";

/** The uid of a life of a cluster in the bucket. */
export const LIVES = "c3a9f0de-0000-4000-8000-000000000001";

/** An operator that tells of one cluster, and plans whatever it is asked. */
function operator(): OperatorClient {
  const { view } = simulatedView(1);
  const detail = view.detail("default", "acid-minimal-cluster")!;
  const row = { ...detail.row, namespace: "shop", name: "acid-orders" };
  const pages: Readonly<Record<string, unknown>> = {
    "/overview": { ...view.overview(), clusters: [row] },
    "/clusters/shop/acid-orders/detail": { ...detail, row },
    "/clusters/shop/acid-orders/plan": view.plan("default", "acid-minimal-cluster"),
    "/clusters/shop/acid-orders/logs": view.logs("default", "acid-minimal-cluster"),
    "/clusters/shop/acid-orders/history": view.history("default", "acid-minimal-cluster"),
    "/config": view.config(),
  };
  return {
    get: (path) =>
      path in pages
        ? Promise.resolve(pages[path])
        : Promise.reject(new PortError(`${path} is not known`, "not found")),
    post: (path) =>
      Promise.resolve({
        cluster: path,
        effect: "none",
        changes: [{
          object: "StatefulSet shop/acid-orders",
          verb: "change",
          effect: "none",
          reasons: ["spec.replicas: 2 → 3"],
        }],
        held: [],
      }),
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
  readonly origin: string;
  stop(): Promise<void>;
}

/** Serves the UI before an API server that holds one cluster. */
export async function startUiWithOperator(
  variables: Readonly<Record<string, string>>,
): Promise<ServedUi> {
  const world = await startUiWorld();
  const signal = AbortSignal.timeout(10_000);
  await world.admin.create(manifest("acid-orders", "shop"), { signal });
  const { app } = world.ui(variables, {
    operator: operator(),
    store: () => Promise.resolve(STORE),
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request, { remoteAddr }) => app.fetch(request, { peer: remoteAddr.hostname }),
  );
  return {
    world,
    origin: `http://127.0.0.1:${server.addr.port}`,
    async stop() {
      await server.shutdown();
      await world.stop();
    },
  };
}
