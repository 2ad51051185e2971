/**
 * `postgres-operator plan`: tells what the operator would do for the manifests of a file, by object and with
 * reasons. Reads files and, when asked to, a live cluster; has no client that could write.
 */

import { createKubeClient } from "../clients/kube/client.ts";
import { connectKube } from "../clients/kube/connection/credentials.ts";
import { createDirectReader } from "../clients/kube/direct.ts";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import { planText, type ShownPlan, worstEffect } from "./show.ts";
import type { KubeReader } from "../ports/ports.ts";
import { typedReader } from "../ports/client.gen.ts";
import type { Config } from "../config/config.ts";
import { configFromConfigMap } from "../config/from_configmap.ts";
import { configFromCrd } from "../config/from_crd.ts";
import type { LoadedConfig } from "../config/loading.ts";
import { known, mapObservation, type Observation } from "../ports/observation.ts";
import { createLogger } from "../log/logger.ts";
import { parsePlanArguments, PLAN_USAGE, type PlanArguments } from "./arguments.ts";
import { readDocuments } from "./documents.ts";
import { dryRun, NO_TEAMS } from "./dry_run.ts";
import { documentReader } from "./sources.ts";

/** Version of the JSON that `--json` prints. */
const SCHEMA = 1;

const EXIT = { none: 0, failed: 1, reload: 2, restart: 3, destructive: 4, refused: 5 } as const;

/** Everything that the command reads from and prints to. */
export interface PlanEnvironment {
  readText(file: string): Promise<string>;
  /** Opens a live cluster for reading; `close` ends the connection. */
  connect(kubeconfig: string): Promise<LiveCluster>;
  print(text: string): void;
  complain(text: string): void;
  now(): Date;
}

/** A live cluster, as far as the command may go: it has no way to write. */
export interface LiveCluster {
  readerOf(config: Config): KubeReader;
  close(): void;
}

/** Runs the command; returns the exit code. */
export async function runPlan(
  args: readonly string[],
  environment: PlanEnvironment,
): Promise<number> {
  const parsed = parsePlanArguments(args);
  if (parsed.kind === "help") {
    environment.print(PLAN_USAGE);
    return EXIT.none;
  }
  if (parsed.kind === "wrong") {
    environment.complain(`${parsed.message}\n\n${PLAN_USAGE}`);
    return EXIT.failed;
  }
  try {
    return await runWith(parsed.options, environment);
  } catch (error) {
    environment.complain(`${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT.failed;
  }
}

async function runWith(options: PlanArguments, environment: PlanEnvironment): Promise<number> {
  const { config, warnings, documents } = await readConfig(options, environment);
  for (const warning of warnings) environment.complain(`${warning}\n`);
  const manifests = await readManifests(options, environment);
  const clusters = manifests.filter(({ kind }) => kind === "postgresql");
  if (clusters.length === 0) throw new Error("no file holds a manifest of kind postgresql");
  const others = [...documents, ...manifests.filter(({ kind }) => kind !== "postgresql")];
  const live = options.against === undefined
    ? undefined
    : await environment.connect(options.against);
  try {
    const plans: ShownPlan[] = [];
    for (const manifest of clusters) {
      plans.push(await planOf({ manifest, others, config, live, now: environment.now() }));
    }
    environment.print(options.json ? jsonOf(plans) : plans.map(planText).join("\n"));
    return exitCode(plans);
  } finally {
    live?.close();
  }
}

interface PlanRequest {
  readonly manifest: KubeObject;
  readonly others: readonly KubeObject[];
  readonly config: Config;
  readonly live: LiveCluster | undefined;
  readonly now: Date;
}

async function planOf({ manifest, others, config, live, now }: PlanRequest): Promise<ShownPlan> {
  const { signal } = new AbortController();
  const liveReader = live?.readerOf(config);
  const reader = documentReader(others, liveReader, config.clusterNameLabel);
  const { namespace = "", name = "" } = manifest.metadata;
  const before = liveReader === undefined
    ? known(undefined)
    : await typedReader(liveReader).postgresqls.read({ namespace, name }, signal);
  if (!before.known) throw new Error(before.reason);
  return await dryRun({
    manifest,
    config,
    reader,
    live: before.value,
    eventStreamsSupported: await eventStreamsSupported(liveReader, signal),
    teams: NO_TEAMS,
    now,
    signal,
  });
}

const STREAM_DEFINITION = "fabriceventstreams.zalando.org";

async function eventStreamsSupported(
  reader: KubeReader | undefined,
  signal: AbortSignal,
): Promise<Observation<boolean>> {
  if (reader === undefined) return known(false);
  const { customResourceDefinitions } = typedReader(reader);
  const read = await customResourceDefinitions.read({ name: STREAM_DEFINITION }, signal);
  return mapObservation(read, (found) => found !== undefined);
}

/** The configuration, and what else its file holds. */
async function readConfig(
  { config: file, operatorNamespace }: PlanArguments,
  environment: PlanEnvironment,
): Promise<LoadedConfig & { readonly documents: readonly KubeObject[] }> {
  const context = { operatorNamespace };
  if (file === undefined) return { ...configFromConfigMap({}, context), documents: [] };
  const all = readDocuments(await environment.readText(file), file, operatorNamespace);
  const object = all.find(({ kind }) => kind === "OperatorConfiguration") ??
    all.find(({ kind }) => kind === "ConfigMap");
  if (object === undefined) {
    throw new Error(`${file} holds neither a ConfigMap nor an OperatorConfiguration`);
  }
  const loaded = object.kind === "ConfigMap"
    ? configFromConfigMap((object["data"] ?? {}) as Record<string, string>, context)
    : configFromCrd(object["configuration"], context);
  return { ...loaded, documents: all.filter((other) => other !== object) };
}

async function readManifests(
  { files, namespace }: PlanArguments,
  environment: PlanEnvironment,
): Promise<KubeObject[]> {
  const lists = await Promise.all(
    files.map(async (file) => readDocuments(await environment.readText(file), file, namespace)),
  );
  return lists.flat();
}

/** `docs/user.md` describes it; a field is only ever added. */
function jsonOf(plans: readonly ShownPlan[]): string {
  return JSON.stringify({ schema: SCHEMA, exitCode: exitCode(plans), plans }, null, 2) + "\n";
}

/** The worst of all plans: a refusal first, then what could not be read. */
function exitCode(plans: readonly ShownPlan[]): number {
  const kinds = new Set(plans.flatMap(({ held }) => held.map(({ kind }) => kind)));
  if (kinds.has("refused")) return EXIT.refused;
  if (kinds.has("unreadable") || kinds.has("blocked")) return EXIT.failed;
  return EXIT[worstEffect(plans.map(({ effect }) => effect))];
}

/** The files, streams and clusters of this machine. */
export function systemEnvironment(): PlanEnvironment {
  const write = (stream: { writeSync(bytes: Uint8Array): number }, text: string) => {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  };
  return {
    readText: (file) => file === "-" ? new Response(Deno.stdin.readable).text() : readFile(file),
    connect: openLive,
    print: (text) => write(Deno.stdout, text),
    complain: (text) => write(Deno.stderr, text),
    now: () => new Date(),
  };
}

/** @throws Error that names the file and says why it cannot be read */
async function readFile(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : cause instanceof Deno.errors.IsADirectory
      ? "it is a directory"
      : cause instanceof Deno.errors.PermissionDenied
      ? "this user may not read it"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new Error(`cannot read ${file}: ${why}`, { cause });
  }
}

async function openLive(kubeconfig: string): Promise<LiveCluster> {
  const connection = await connectKube({ kubeconfig, from: "kubeconfig" });
  const logger = createLogger({
    format: "text",
    verbosity: 0,
    now: () => new Date(),
    write: () => {},
  });
  const client = createKubeClient({ connection, logger });
  return {
    readerOf: (config) => createDirectReader(client, config.clusterNameLabel),
    close: () => connection.close(),
  };
}
