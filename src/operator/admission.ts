/**
 * The admission webhook of a running operator: HTTPS with a certificate from files, which is taken up
 * again when it is renewed. Loaded only where it is switched on.
 */

import { createAdmissionApp } from "../admission/app.ts";
import { warmUp } from "../admission/warm_up.ts";
import { judge } from "../admission/judge.ts";
import type { Caches } from "../clients/kube/caches/cache.ts";
import type { PassTools } from "../cluster/pass/reconcile.ts";
import { owns } from "../cluster/pass/ownership.ts";
import type { AdmissionFlags } from "../command_line.ts";
import type { Config } from "../config/config.ts";
import { withEnvironment } from "../config/from_environment.ts";
import type { BodyRule } from "../debug/request_head.ts";
import { serveApp } from "../debug/server.ts";
import { listenRenewed } from "../debug/tls_listener.ts";
import type { Logger } from "../log/logger.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import { addressOf } from "./debug_server.ts";
import type { Settings } from "./settings.ts";

/** An object and its former self, each of which the API server stores up to 1.5 MiB of. */
const REVIEWS: BodyRule = {
  reads: ({ method }) => method === "POST",
  mostBytes: 4 * 1024 * 1024,
  atOnce: 8,
};

const LIMITS = { headMs: 5_000, headBytes: 16 * 1024, writeMs: 5_000, connections: 64 };

/** The API server waits for two seconds unless told otherwise. */
const DEADLINE_MS = 1_500;

/** A webhook that answers. */
export interface Admission {
  shutdown(): Promise<void>;
}

/** What a running operator has anyway. */
export interface AdmissionParts {
  readonly settings: Settings;
  readonly config: Config;
  readonly caches: Pick<Caches, "kept" | "list">;
  readonly watched: string | undefined;
  readonly tools: Pick<PassTools, "inputs">;
  readonly ready: () => boolean;
  readonly logger: Logger;
}

/**
 * Begins to answer.
 * @throws where the port is taken; a certificate that cannot be used is told, and waited for
 */
export async function startAdmission(
  parts: AdmissionParts,
  flags: AdmissionFlags,
): Promise<Admission> {
  const { settings: { commandLine }, logger } = parts;
  const judging = judgeOf(parts, flags.refuse);
  const app = createAdmissionApp({
    judge: () => parts.ready() ? judging : undefined,
    deadlineMs: DEADLINE_MS,
    failed(error) {
      logger.error(`admission: ${error instanceof Error ? error.message : String(error)}`);
      if (error instanceof Error) logger.debug(error.stack ?? error.message);
    },
  });
  const served = serveApp(app, { hosts: "any", bodies: REVIEWS, limits: LIMITS });
  const listening = await listenRenewed({
    ...addressOf(commandLine),
    port: flags.port,
    directory: flags.certificateDirectory,
    logger,
    answer: served.answer,
  });
  const stopping = new AbortController();
  warmUp(parts.config, new Date(), stopping.signal).catch((error) => {
    logger.debug(`admission: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (listening.port() !== undefined) {
    logger.info(`answering the API server's questions about changes on port ${flags.port}`);
  }
  return {
    async shutdown() {
      stopping.abort(new Error("the operator is shutting down"));
      await listening.stop();
      await served.shutdown();
    },
  };
}

function judgeOf(
  { settings, config, caches, watched, tools }: AdmissionParts,
  refuse: boolean,
) {
  const { commandLine, environment } = settings;
  const { source, controllerId } = environment;
  const ports = {
    config,
    controllerId,
    watched,
    refuse,
    kept: caches.kept,
    manifests: () => caches.list(RESOURCES.Postgresql).filter((cr) => owns(controllerId, cr)),
    eventStreamsSupported: tools.inputs.eventStreamsSupported,
    now: () => new Date(),
    configuration: source.kind === "OperatorConfiguration" ? source.name : undefined,
    overridden: (read: Config) => withEnvironment(read, environment, commandLine),
  };
  return (review: Parameters<typeof judge>[1], signal: AbortSignal) => judge(ports, review, signal);
}
