/**
 * The recorded reference as data: for every step of every case the documents that stand in the API
 * server, and the objects that the reference operator had made by then.
 */

import { parse, parseAllDocuments } from "yaml";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import type { Config } from "../../src/config/config.ts";
import { configFromConfigMap } from "../../src/config/from_configmap.ts";
import { configFromCrd } from "../../src/config/from_crd.ts";

const REFERENCE = new URL("../testdata/reference/", import.meta.url);

/** What the recorder wrote where an uid stood. */
export const MASKED_UID = "<uid>";

export interface RecordedStep {
  /** `default/minimal/1`. */
  readonly name: string;
  /** Namespace of the case: what people apply goes there. */
  readonly namespace: string;
  readonly config: Config;
  /** Documents that people had applied up to now, by `Kind namespace/name`. */
  readonly documents: ReadonlyMap<string, KubeObject>;
  /** Documents of this very step as they are in its file, those to delete too. */
  readonly applied: readonly KubeObject[];
  /** Documents that stood there before the operator was started, as they are in their file. */
  readonly shared: readonly KubeObject[];
  /** What the recorder found after the step. */
  readonly golden: GoldenStep;
  /** Objects after the step before; empty in a first step. */
  readonly before: readonly KubeObject[];
}

export interface GoldenStep {
  readonly status: readonly string[];
  readonly rejected?: readonly { readonly object: string }[];
  readonly objects: readonly KubeObject[];
  readonly writes: readonly RecordedWrite[];
  readonly events: readonly RecordedEvent[];
  readonly patroni?: readonly RecordedRequest[];
}

/** One request to Patroni. */
export interface RecordedRequest {
  readonly pod?: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** One Event of the reference. */
export interface RecordedEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** One write request of the reference. */
export interface RecordedWrite {
  readonly verb: string;
  readonly resource: string;
  readonly name: string;
  readonly code: number;
  readonly body?: unknown;
}

/** `Kind namespace/name`, the key of documents. */
export function documentKey(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace}/${name}`;
}

/** Recordings without databases, and those with a real PostgreSQL for every cluster. */
const RECORDINGS = [
  { cases: "cases", golden: "golden" },
  { cases: "cases-db", golden: "golden-db" },
] as const;

type Recording = typeof RECORDINGS[number];

let steps: readonly RecordedStep[] | undefined;

/** All recorded steps in the order of their names, those with databases last; read once. */
export function recordedSteps(): readonly RecordedStep[] {
  steps ??= RECORDINGS.flatMap((recording) =>
    folders(new URL(`${recording.cases}/`, REFERENCE))
      .flatMap((folder) => [...stepsOfConfig(recording, folder)])
  );
  return steps;
}

function* stepsOfConfig(recording: Recording, folder: string): Generator<RecordedStep> {
  const place = `${recording.cases}/${folder}`;
  const config = configOf(place);
  const extra = documents(`${place}/extra.yaml`);
  const shared = new Map<string, KubeObject>();
  for (const document of extra) apply(document, "default", shared);
  for (const name of folders(new URL(`${place}/`, REFERENCE))) {
    yield* stepsOfCase({ recording, folder, name, config, extra }, shared);
  }
}

/** Reads a configuration from whichever object holds it. */
function configOf(place: string): Config {
  const [object] = documents(`${place}/config.yaml`);
  const context = { operatorNamespace: "default" };
  const { config } = object?.kind === "ConfigMap"
    ? configFromConfigMap((object.data ?? {}) as Record<string, string>, context)
    : configFromCrd(object?.configuration, context);
  return config;
}

/** The configuration that the recorder ran with: without databases and teams unless it says so. */
export function recordedConfig({ name, config }: Pick<RecordedStep, "name" | "config">): Config {
  const folder = name.split("/")[0] ?? "";
  // Those with databases have another folder, and say everything themselves.
  const [object] = documents(`cases/${folder}/config.yaml`);
  if (object === undefined) return config;
  const text = JSON.stringify(object);
  const says = (key: string) => text.includes(`"${key}"`);
  return {
    ...config,
    ...(says("enable_teams_api") ? {} : { enableTeamsApi: false }),
    ...(says("enable_database_access") ? {} : { enableDatabaseAccess: false }),
  };
}

interface RecordedCase {
  readonly recording: Recording;
  readonly folder: string;
  readonly name: string;
  readonly config: Config;
  readonly extra: readonly KubeObject[];
}

function* stepsOfCase(
  { recording, folder, name, config, extra }: RecordedCase,
  shared: ReadonlyMap<string, KubeObject>,
): Generator<RecordedStep> {
  const path = `${folder}/${name}`;
  const present = new Map(shared);
  let before: readonly KubeObject[] = [];
  for (let step = 1; exists(`${recording.cases}/${path}/${step}.yaml`); step++) {
    const golden = parse(read(`${recording.golden}/${path}/${step}.yaml`)) as GoldenStep;
    const rejected = new Set(golden.rejected?.map(({ object }) => object));
    const applied = documents(`${recording.cases}/${path}/${step}.yaml`)
      .filter(({ kind, metadata }) => !rejected.has(`${kind}/${metadata.name}`));
    for (const document of applied) apply(document, name, present);
    const documentsNow = new Map(present);
    yield {
      name: `${path}/${step}`,
      namespace: name,
      config,
      documents: documentsNow,
      applied,
      shared: extra,
      golden,
      before,
    };
    before = golden.objects ?? [];
  }
}

/** Applies a document as the recorder did: metadata that it leaves out stays, but labels go. */
function apply(document: KubeObject, namespace: string, present: Map<string, KubeObject>): void {
  const metadata = { namespace, ...document.metadata };
  const key = documentKey(document.kind, metadata.namespace, metadata.name ?? "");
  if (document.delete === true) {
    present.delete(key);
    return;
  }
  const { ownerReferences, finalizers } = present.get(key)?.metadata ?? {};
  present.set(key, {
    ...document,
    metadata: {
      uid: MASKED_UID,
      generation: 1,
      ...(ownerReferences ? { ownerReferences } : {}),
      ...(finalizers ? { finalizers } : {}),
      ...metadata,
    },
  });
}

function documents(path: string): KubeObject[] {
  if (!exists(path)) return [];
  return parseAllDocuments(read(path)).map((document) => document.toJS()).filter(Boolean);
}

function folders(folder: URL): string[] {
  return [...Deno.readDirSync(folder)].filter((row) => row.isDirectory).map((row) => row.name)
    .sort();
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(new URL(path, REFERENCE)).isFile;
  } catch {
    return false;
  }
}

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, REFERENCE));
}

/** The steps of each case together; those of databases are played elsewhere. */
export function casesOf(steps: readonly RecordedStep[]): RecordedStep[][] {
  const cases = new Map<string, RecordedStep[]>();
  for (const step of steps.filter(({ name }) => !name.startsWith("db-"))) {
    const name = step.name.replace(/\/\d+$/, "");
    cases.set(name, [...cases.get(name) ?? [], step]);
  }
  return [...cases.values()];
}
