/**
 * The recorded reference as data: for every step of every case the documents that stand in the API
 * server, and the objects that the reference operator had made by then.
 */

import { parse, parseAllDocuments } from "yaml";
import type { KubeObject } from "../../src/clients/kube/types.gen.ts";

const REFERENCE = new URL("../testdata/reference/", import.meta.url);

/** What the recorder wrote where an uid stood. */
export const MASKED_UID = "<uid>";

export interface RecordedStep {
  /** `default/minimal/1`. */
  readonly name: string;
  /** Folder of the configuration. */
  readonly config: string;
  /** Documents that people had applied up to now, by `Kind namespace/name`. */
  readonly documents: ReadonlyMap<string, KubeObject>;
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
  readonly events: readonly { readonly type: string; readonly reason: string }[];
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

/** All recorded steps without databases, in the order of their names. */
export function* recordedSteps(): Generator<RecordedStep> {
  for (const config of folders(new URL("cases/", REFERENCE))) {
    const shared = new Map<string, KubeObject>();
    for (const document of documents(new URL(`cases/${config}/extra.yaml`, REFERENCE))) {
      apply(document, "default", shared);
    }
    for (const name of folders(new URL(`cases/${config}/`, REFERENCE))) {
      yield* stepsOfCase(config, name, shared);
    }
  }
}

function* stepsOfCase(
  config: string,
  name: string,
  shared: ReadonlyMap<string, KubeObject>,
): Generator<RecordedStep> {
  const folder = `${config}/${name}`;
  const present = new Map(shared);
  let before: readonly KubeObject[] = [];
  for (let step = 1; exists(`cases/${folder}/${step}.yaml`); step++) {
    const golden = parse(read(new URL(`golden/${folder}/${step}.yaml`, REFERENCE))) as GoldenStep;
    const rejected = new Set(golden.rejected?.map(({ object }) => object));
    for (const document of documents(new URL(`cases/${folder}/${step}.yaml`, REFERENCE))) {
      if (rejected.has(`${document.kind}/${document.metadata.name}`)) continue;
      apply(document, name, present);
    }
    yield { name: `${folder}/${step}`, config, documents: new Map(present), golden, before };
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

function documents(file: URL): KubeObject[] {
  if (!exists(file)) return [];
  return parseAllDocuments(read(file)).map((document) => document.toJS()).filter(Boolean);
}

function folders(folder: URL): string[] {
  return [...Deno.readDirSync(folder)].filter((row) => row.isDirectory).map((row) => row.name)
    .sort();
}

function exists(path: string | URL): boolean {
  try {
    return Deno.statSync(new URL(path, REFERENCE)).isFile;
  } catch {
    return false;
  }
}

function read(file: URL): string {
  return Deno.readTextFileSync(file);
}
