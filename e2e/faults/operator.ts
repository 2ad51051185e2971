/** An operator with its own client, caches and controller on an API server in memory. */

import { type Caches, createCaches } from "../../src/clients/kube/caches/cache.ts";
import { createKubeClient } from "../../src/clients/kube/client.ts";
import type { KubeConnection } from "../../src/clients/kube/connection/connection.ts";
import { createDirectReader } from "../../src/clients/kube/direct.ts";
import { namesakesOf } from "../../src/cluster/pass/ownership.ts";
import type { Config } from "../../src/config/config.ts";
import type { Controller } from "../../src/controller/controller.ts";
import type { SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import { followedBy } from "../../src/operator/selections.ts";
import { Sensitive } from "../../src/lib/sensitive.ts";
import { RESOURCES } from "../../src/ports/resources.gen.ts";
import { controllerFor, loggerFor, toolsFor } from "../../src/testing/simulated_operator.ts";
import type { HttpApi } from "./http_api.ts";

/** A running operator. */
export interface FaultOperator {
  readonly controller: Controller;
  readonly caches: Caches;
  readonly log: readonly string[];
  stop(): Promise<void>;
}

const CONNECTION: KubeConnection = {
  server: "https://simulated",
  baseUrl: "https://simulated",
  httpClient: undefined as unknown as Deno.HttpClient,
  headers: () => Promise.resolve({ authorization: "Bearer token" }),
  forgetToken() {},
  dial: () => Promise.reject(new Error("a simulated API server takes no connections")),
  close() {},
};

/** Starts an operator; its caches are filled as time goes on. */
export function startOperator(
  cluster: SimulatedCluster,
  config: Config,
  api: HttpApi,
): FaultOperator {
  const log: string[] = [];
  const logger = loggerFor(cluster, (line) => void log.push(line));
  const random = () => 0.5;
  const client = createKubeClient({ connection: CONNECTION, logger, random, fetch: api.fetch });
  const caches = createCaches(client, { ...followedBy(config, "default"), logger });
  const { reader: kube, inputs, writer } = caches;
  const controller = controllerFor(cluster, {
    config,
    logger,
    tools: toolsFor(cluster, config, {
      kube,
      inputs: { kube: inputs, owned: kube },
      namesakes: (of) => namesakesOf(caches.list(RESOURCES.Postgresql), of, config),
      writers: { ...cluster.writers, kube: writer },
      // What is made again would otherwise have another one.
      newPassword: () => new Sensitive("P".repeat(64)),
    }),
    live: createDirectReader(client, config.clusterNameLabel),
    manifests: () => caches.list(RESOURCES.Postgresql),
    services: () => caches.list(RESOURCES.Service),
    statefulSets: () => caches.list(RESOURCES.StatefulSet),
    onChange: caches.onChange,
    invalidate: caches.invalidate,
  });
  const ending = new AbortController();
  const started = caches.start(ending.signal).then(() => controller.start());
  return {
    controller,
    caches,
    log,
    async stop() {
      ending.abort();
      await started.catch(() => {});
      await controller.stop();
      await caches.stop();
    },
  };
}
