/** `postgres-operator ui`: reads settings, connects, serves until it is asked to stop. */

import { connectKube } from "../clients/kube/connection/credentials.ts";
import { createLogger, type Logger } from "../log/logger.ts";
import { createUiApp } from "./app.ts";
import { createKubeAccess } from "./kube_access.ts";
import { createUiMetrics } from "../metrics/ui.ts";
import { processReadings } from "../metrics/process.ts";
import { createOperatorClient } from "../clients/operator/client.ts";
import { readSettings, type UiSettings } from "./settings.ts";
import { createFollowed } from "./followed.ts";
import { createShared } from "./shared.ts";
import { environmentKeys } from "../clients/aws/key_source.ts";
import { watchedNamespace } from "./watched_namespace.ts";
import { readTemplates } from "./templates.ts";
import { openStore } from "../clients/stores/store.ts";
import { createUserTeams } from "../clients/teams/user_teams.ts";

const EXIT = { ok: 0, failed: 1, usage: 2 };

/** How long a server that stops answers on, so that nobody is sent to it any more. */
const GRACE_MS = 10_000;

/** The text of `--help`. */
export const UI_USAGE = `postgres-operator ui [flags]

Serves the web UI. Settings are environment variables; docs/operator-ui.md lists them.

  -p, --port=NUMBER       HTTP port (SERVER_PORT, 8081)
  --address=ADDRESS       address to listen on (0.0.0.0 in a pod, else 127.0.0.1)
  --kubeconfig=FILE       outside of a cluster: whose API server to ask
  --allow-writes          lets people change clusters, as READ_ONLY_MODE=false does
  -d, --debug             logs every request to Kubernetes
  --clusters=LIST         accepted, without effect
  -h, --help, -V, --version
`;

interface Options {
  readonly port: string | undefined;
  readonly address: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly allowWrites: boolean;
  readonly debug: boolean;
}

/** Runs the command; returns the exit code. */
export async function runUi(args: readonly string[], version: string): Promise<number> {
  const parsed = parseUiArguments(args);
  if (parsed === "help") return say(UI_USAGE);
  if (parsed === "version") return say(`postgres-operator ${version}\n`);
  if (typeof parsed === "string") {
    await Deno.stderr.write(new TextEncoder().encode(`${parsed}\n\n${UI_USAGE}`));
    return EXIT.usage;
  }
  const logger = createLogger({
    format: "text",
    verbosity: parsed.debug ? 8 : 0,
    now: () => new Date(),
    write: (line) => void say(`${line}\n`),
  });
  const { settings, warnings, problems } = readSettings({
    ...Deno.env.toObject(),
    ...(parsed.port === undefined ? {} : { SERVER_PORT: parsed.port }),
    ...(parsed.allowWrites ? { READ_ONLY_MODE: "false" } : {}),
  });
  for (const warning of warnings) logger.warn(warning);
  for (const problem of problems) logger.error(problem);
  if (problems.length > 0) return EXIT.failed;
  try {
    await serve({ options: parsed, read: settings, logger, version });
    return EXIT.ok;
  } catch (error) {
    logger.error(error instanceof Error ? error.message : String(error));
    return EXIT.failed;
  }
}

function say(text: string): number {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
  return EXIT.ok;
}

/** Options, a word for what is asked instead, or what is wrong. */
export function parseUiArguments(args: readonly string[]): Options | "help" | "version" | string {
  const values = new Map<string, string>();
  const short: Readonly<Record<string, string>> = {
    p: "port",
    d: "debug",
    h: "help",
    V: "version",
  };
  for (let at = 0; at < args.length; at++) {
    const [, given = "", value] = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(args[at] ?? "") ?? [];
    const name = short[given] ?? given;
    if (name === "help" || name === "version") return name;
    if (["debug", "allow-writes"].includes(name)) values.set(name, value ?? "true");
    else if (["port", "address", "kubeconfig", "clusters"].includes(name)) {
      const text = value ?? args[++at];
      if (text === undefined) return `flag --${name} needs a value`;
      values.set(name, text);
    } else return `unexpected argument ${JSON.stringify(args[at])}`;
  }
  return {
    port: values.get("port"),
    address: values.get("address"),
    kubeconfig: values.get("kubeconfig"),
    allowWrites: values.get("allow-writes") === "true",
    debug: values.get("debug") === "true",
  };
}

interface Served {
  readonly options: Options;
  readonly read: UiSettings;
  readonly logger: Logger;
  readonly version: string;
}

async function serve({ options, read, logger, version }: Served): Promise<void> {
  const operator = createOperatorClient(read.operatorUrl);
  const settings = Deno.env.get("TARGET_NAMESPACE") === undefined
    ? inNamespace(read, await watchedNamespace(operator))
    : read;
  const connection = await connectKube({
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    // The mode in which people bring their own token must not lend them ours.
    withoutCertificate: settings.signIn === "token",
  });
  const followed = createFollowed();
  const metrics = createUiMetrics([
    ...processReadings(new Date(), version),
    {
      name: "pgop_ui_watches",
      help: "Watches that keep what visitors are shown.",
      labels: [],
      read: () => [{ labels: {}, value: followed.watches() }],
    },
  ]);
  let stopping = false;
  const app = createUiApp({
    settings,
    access: createKubeAccess(connection, { logger, onRequest: metrics.requestEnded }),
    metrics,
    operator,
    shared: createShared(),
    followed,
    store: storeOf(settings),
    templates: () => readTemplates(settings.templates, FILES),
    teamsOf: createUserTeams(settings),
    stopping: () => stopping,
  });
  const inPod = Deno.env.get("KUBERNETES_SERVICE_HOST") !== undefined;
  const hostname = options.address ?? (inPod ? "0.0.0.0" : "127.0.0.1");
  const server = listen(hostname, settings.port, (port) => {
    logger.info(`web UI at http://${hostname}:${port}/, ${modeOf(settings)}`);
  }, (request, { remoteAddr }) => app.fetch(request, { peer: addressOf(remoteAddr) }));
  await untilAsked();
  stopping = true;
  logger.info("stopping");
  // Readiness has to be seen to fail before connections are refused.
  if (inPod) await new Promise((resolve) => setTimeout(resolve, GRACE_MS));
  await Promise.race([server.shutdown(), new Promise((resolve) => setTimeout(resolve, 2000))]);
  followed.drop(() => true);
  connection.close();
}

function listen(
  hostname: string,
  port: number,
  listening: (port: number) => void,
  handler: Deno.ServeHandler<Deno.NetAddr>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname, port, onListen: (address) => listening(address.port) }, handler);
  } catch (cause) {
    const why = cause instanceof Deno.errors.AddrInUse
      ? "the port is taken; --port names another one"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new Error(`cannot serve the web UI on ${hostname}:${port}: ${why}`, { cause });
  }
}

function inNamespace(settings: UiSettings, namespace: string | undefined): UiSettings {
  const shown = { ...settings.shown, target_namespace: namespace ?? "" };
  return { ...settings, namespace, shown };
}

function modeOf({ signIn, readOnly }: UiSettings): string {
  const who = {
    token: "people bring their own token",
    proxy: "a proxy names people",
    teams: "a proxy names people, teams own clusters",
  }[signIn];
  return `${who}, ${readOnly ? "read-only" : "with changes"}`;
}

function addressOf(address: Deno.Addr): string {
  return "hostname" in address ? address.hostname : "";
}

const FILES = {
  async names(folder: string): Promise<string[]> {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(folder)) names.push(name);
    return names;
  },
  text: (path: string) => Deno.readTextFile(path),
};

/** Opened when somebody first looks at backups. */
function storeOf(settings: UiSettings) {
  const env = (name: string) => Deno.env.get(name);
  let opened: ReturnType<typeof openStore> | undefined;
  return () =>
    Promise.resolve(
      opened ??= openStore(settings.store, {
        env,
        awsKeys: (region) =>
          environmentKeys({
            env,
            region,
            readFile: (path) => Deno.readTextFile(path),
            now: Date.now,
          }),
        now: Date.now,
      }),
    );
}

/** SIGINT or SIGTERM. */
function untilAsked(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, resolve);
  });
}
