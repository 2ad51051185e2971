/**
 * Kubeconfigs that name nothing but a server, certificates and a token: read without client-node,
 * which costs tens of megabytes. What has anything else is left to it. Layer: client of the API server.
 */

import { dirname, resolve } from "node:path";
import * as v from "valibot";
import type { AppliedOptions, LoadedConfig } from "./loaded_config.ts";

const text = v.optional(v.string());

const CLUSTER = v.strictObject({
  "server": v.pipe(v.string(), v.regex(/^https?:\/\/\S+$/)),
  "certificate-authority": text,
  "certificate-authority-data": text,
  "tls-server-name": text,
  "insecure-skip-tls-verify": v.optional(v.boolean()),
  "extensions": v.optional(v.unknown()),
});

const USER = v.strictObject({
  "token": text,
  "tokenFile": text,
  "client-certificate": text,
  "client-certificate-data": text,
  "client-key": text,
  "client-key-data": text,
  "extensions": v.optional(v.unknown()),
});

const CONTEXT = v.strictObject({
  cluster: v.string(),
  user: v.string(),
  namespace: text,
  extensions: v.optional(v.unknown()),
});

const named = v.looseObject({ name: v.string() });

const FILE = v.looseObject({
  "clusters": v.array(named),
  "users": v.array(named),
  "contexts": v.array(named),
  "current-context": text,
});

/**
 * The configuration of a parsed kubeconfig; `path` is where it stands, since files that it names are
 * beside it. Undefined where it asks for more than this module knows.
 */
export function plainConfig(
  parsed: unknown,
  { path, context }: { readonly path: string; readonly context: string | undefined },
): LoadedConfig | undefined {
  const file = v.safeParse(FILE, parsed);
  if (!file.success) return undefined;
  const { clusters, users, contexts, "current-context": current = "" } = file.output;
  const chosen = context ?? current;
  const pair = valueOf(CONTEXT, contexts, chosen, "context");
  if (pair === undefined) return undefined;
  const cluster = valueOf(CLUSTER, clusters, pair.cluster, "cluster");
  const user = valueOf(USER, users, pair.user, "user");
  if (cluster === undefined || user === undefined) return undefined;
  const contentOf = (name: string | undefined, data: string | undefined) =>
    contentIn(name && resolve(dirname(path), name), data);
  return {
    getCurrentUser: () => ({ name: pair.user }),
    getCurrentContext: () => chosen,
    getCurrentCluster: () => ({ name: pair.cluster, server: cluster.server }),
    getContexts: () => contexts,
    getContextObject: (name) =>
      name !== chosen ? null : pair.namespace === undefined ? {} : { namespace: pair.namespace },
    async applyToHTTPSOptions(options) {
      const [ca, cert, key] = await Promise.all([
        contentOf(cluster["certificate-authority"], cluster["certificate-authority-data"]),
        contentOf(user["client-certificate"], user["client-certificate-data"]),
        contentOf(user["client-key"], user["client-key-data"]),
      ]);
      const blind = cluster["insecure-skip-tls-verify"] || cluster.server.startsWith("http:");
      const applied: AppliedOptions = {
        ...blind && { rejectUnauthorized: false },
        ...cluster["tls-server-name"] && { servername: cluster["tls-server-name"] },
        ...ca && { ca },
        ...cert && { cert },
        ...key && { key },
        headers: user.token ? { Authorization: `Bearer ${user.token}` } : {},
      };
      Object.assign(options, applied);
    },
  };
}

/** The value of the one entry of a name; undefined where there is none, or several, or it is more. */
function valueOf<Schema extends v.GenericSchema>(
  schema: Schema,
  entries: readonly { readonly name: string; readonly [key: string]: unknown }[],
  name: string,
  key: string,
): v.InferOutput<Schema> | undefined {
  const [entry, ...others] = entries.filter((each) => each.name === name);
  if (entry === undefined || others.length > 0) return undefined;
  const value = v.safeParse(schema, entry[key]);
  return value.success ? value.output : undefined;
}

/** A file outranks data, as for client-node. */
async function contentIn(
  file: string | undefined,
  data: string | undefined,
): Promise<Uint8Array | undefined> {
  if (file) return await Deno.readFile(file);
  return data ? Uint8Array.from(atob(data), (char) => char.charCodeAt(0)) : undefined;
}
