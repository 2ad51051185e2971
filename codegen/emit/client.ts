/**
 * Typed methods per kind around the generic client of `src/clients/kube/client.ts`, and a recording fake
 * of them for tests. Both come from the one resource table.
 */
import type { TypedResource } from "./resources.ts";

/** Emits `src/clients/kube/client.gen.ts`. */
export function emitTypedClient(resources: readonly TypedResource[]): string {
  const members = resources.map((one) => `  readonly ${memberOf(one)}: ${interfaceOf(one)};`);
  const values = resources.map((one) =>
    `    ${memberOf(one)}: methods<${one.type}>(client, RESOURCES.${one.type}),`
  );
  return `import type {
  CallOptions,
  DeleteCallOptions,
  KubeClient,
  ListCallOptions,
  PatchCallOptions,
  WatchCallOptions,
  WriteCallOptions,
} from "./client.ts";
import { type ResourceInfo, RESOURCES } from "../../kubernetes/resources.gen.ts";
${
    typeImports(
      resources,
      { kube: "../../kubernetes/types.gen.ts", api: "../../api/types.gen.ts" },
      [
        "KubeList",
        "KubeObject",
        "WatchEvent",
      ],
    )
  }

/** Names one object of a namespaced kind. */
export interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

/** Names one object of a kind without namespaces. */
export interface ClusterName {
  readonly name: string;
}

/** The verbs of one kind. What they throw, and when they give undefined, is as in \`KubeClient\`. */
export interface KindClient<T, Name> {
  get(name: Name, options: CallOptions): Promise<T | undefined>;
  list(options: ListCallOptions): Promise<KubeList<T>>;
  create(object: T, options: WriteCallOptions): Promise<T>;
  /** HTTP PUT. */
  replace(object: T, options: WriteCallOptions): Promise<T>;
  patch(name: Name, options: PatchCallOptions): Promise<T>;
  delete(name: Name, options: DeleteCallOptions): Promise<void>;
  watch(options: WatchCallOptions): AsyncGenerator<WatchEvent<T>>;
}

/** All kinds of the resource table. */
export interface TypedKubeClient {\n${members.join("\n")}\n}

/** Puts typed methods around a generic client. */
export function typedClient(client: KubeClient): TypedKubeClient {
  return {\n${values.join("\n")}\n  };
}

function methods<T extends KubeObject>(
  client: KubeClient,
  { apiVersion, kind }: ResourceInfo,
): KindClient<T, NamespacedName & ClusterName> {
  const type = { apiVersion, kind };
  return {
    get: (name, options) => client.get({ ...type, ...name }, options) as Promise<T | undefined>,
    list: (options) => client.list(type, options) as Promise<KubeList<T>>,
    create: (object, options) => client.create(object, options) as Promise<T>,
    replace: (object, options) => client.replace(object, options) as Promise<T>,
    patch: (name, options) => client.patch({ ...type, ...name }, options) as Promise<T>,
    delete: async (name, options) => {
      await client.delete({ ...type, ...name }, options);
    },
    watch: (options) => client.watch(type, options) as AsyncGenerator<WatchEvent<T>>,
  };
}
`;
}

/** Emits `src/testing/kube_recorder.gen.ts`. */
export function emitRecorder(resources: readonly TypedResource[]): string {
  const values = resources.map((one) =>
    `    ${memberOf(one)}: recorder<${one.type}>(state, RESOURCES.${one.type}),`
  );
  return `import { cloneObject } from "../api/clone.gen.ts";
import type { KindClient, NamespacedName, TypedKubeClient } from "../clients/kube/client.gen.ts";
import { type ResourceInfo, RESOURCES } from "../kubernetes/resources.gen.ts";
${
    typeImports(
      resources,
      { kube: "../kubernetes/types.gen.ts", api: "../api/types.gen.ts" },
      ["KubeObject"],
    )
  }

/** One call of a method, in the words of RBAC. */
export interface RecordedCall {
  readonly verb: "get" | "list" | "watch" | "create" | "update" | "patch" | "delete";
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
  /** The object that was written, or the body of the patch. */
  readonly body?: unknown;
}

/** A typed client that remembers what it was asked. */
export interface KubeRecorder extends TypedKubeClient {
  /** All calls so far, in order. */
  readonly calls: readonly RecordedCall[];
}

interface State {
  readonly calls: RecordedCall[];
  readonly objects: Map<string, KubeObject>;
}

/**
 * A typed client over a set of objects. Reads give clones of them; create, replace and delete change the
 * set; a patch is recorded and leaves the object as it is; a watch ends at once.
 */
export function recordingClient(objects: readonly KubeObject[] = []): KubeRecorder {
  const state: State = { calls: [], objects: new Map() };
  for (const object of objects) state.objects.set(keyOfObject(object), cloneObject(object));
  return {
    calls: state.calls,\n${values.join("\n")}\n  };
}

function recorder<T extends KubeObject>(
  state: State,
  { kind }: ResourceInfo,
): KindClient<T, NamespacedName & { name: string }> {
  const stored = (name: { namespace?: string; name: string }): T | undefined => {
    const object = state.objects.get(keyOf({ kind, ...name }));
    return object === undefined ? undefined : cloneObject(object as T);
  };
  const write = (verb: "create" | "update", object: T): Promise<T> => {
    const { namespace, name } = object.metadata;
    state.calls.push({
      verb,
      kind,
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
      body: cloneObject(object),
    });
    state.objects.set(keyOfObject(object), cloneObject(object));
    return Promise.resolve(cloneObject(object));
  };
  return {
    get: (name) => {
      state.calls.push({ verb: "get", kind, ...name });
      return Promise.resolve(stored(name));
    },
    list: ({ namespace }) => {
      state.calls.push({ verb: "list", kind, ...(namespace === undefined ? {} : { namespace }) });
      const items = [...state.objects.values()].filter((object) =>
        object.kind === kind && (namespace === undefined || object.metadata.namespace === namespace)
      );
      const copies = items.map((item) => cloneObject(item as T));
      return Promise.resolve({ apiVersion: "v1", kind: "List", metadata: {}, items: copies });
    },
    create: (object) => write("create", object),
    replace: (object) => write("update", object),
    patch: (name, { body }) => {
      state.calls.push({ verb: "patch", kind, ...name, body });
      const object = stored(name);
      if (object) return Promise.resolve(object);
      return Promise.reject(new Error(\`cannot patch \${kind} \${name.name}: not among the objects\`));
    },
    delete: (name) => {
      state.calls.push({ verb: "delete", kind, ...name });
      state.objects.delete(keyOf({ kind, ...name }));
      return Promise.resolve();
    },
    // deno-lint-ignore require-yield
    watch: async function* ({ namespace }) {
      await Promise.resolve();
      state.calls.push({ verb: "watch", kind, ...(namespace === undefined ? {} : { namespace }) });
    },
  };
}

function keyOfObject({ kind, metadata }: KubeObject): string {
  return keyOf({ kind, namespace: metadata.namespace, name: metadata.name });
}

function keyOf(
  ref: { kind: string; namespace?: string | undefined; name?: string | undefined },
): string {
  return \`\${ref.kind}/\${ref.namespace ?? ""}/\${ref.name ?? ""}\`;
}
`;
}

/** `StatefulSet` of plural `statefulsets` → `statefulSets`. */
function memberOf({ type, plural }: TypedResource): string {
  if (!plural.startsWith(type.toLowerCase())) {
    throw new Error(`cannot name the methods of ${type}: its plural is ${plural}`);
  }
  return type.charAt(0).toLowerCase() + type.slice(1) + plural.slice(type.length);
}

function interfaceOf({ type, namespaced }: TypedResource): string {
  return `KindClient<${type}, ${namespaced ? "NamespacedName" : "ClusterName"}>`;
}

function typeImports(
  resources: readonly TypedResource[],
  paths: { kube: string; api: string },
  extra: readonly string[],
): string {
  const names = (custom: boolean) =>
    resources.filter((one) => one.custom === custom).map((one) => one.type);
  const kube = [...names(false), ...extra].sort().join(", ");
  return `import type { ${kube} } from "${paths.kube}";
import type { ${names(true).join(", ")} } from "${paths.api}";`;
}
