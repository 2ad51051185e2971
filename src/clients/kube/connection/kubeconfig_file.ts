/**
 * Reads kubeconfigs. Those that name more than certificates and a token are read with
 * @kubernetes/client-node, which is loaded only here and only when needed: it costs tens of
 * megabytes. It knows exec plugins and the older credential providers. Layer: client of the API
 * server.
 *
 * https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */

import { dirname, resolve } from "node:path";
import process from "node:process";
import { parse } from "yaml";
import type { AppliedOptions, Cluster, LoadedConfig } from "./loaded_config.ts";
import { CredentialsError } from "./credentials_error.ts";
import { plainConfig } from "./plain_kubeconfig.ts";

/** The part of client-node's `KubeConfig` that reading uses. */
interface LibraryConfig extends LoadedConfig {
  loadFromFile(path: string): void;
  mergeConfig(other: LibraryConfig, preserveContext: boolean): void;
  setCurrentContext(name: string): void;
}

/**
 * Loads one file, or several with a colon between them, of which the first names the context unless
 * `context` does.
 */
export async function loadConfig(path: string, context?: string): Promise<LoadedConfig> {
  const files = await existingFiles(path);
  if (files.length === 0) {
    const why = await isDirectory(path) ? "it is a directory" : "there is no such file";
    throw new CredentialsError(
      `cannot read kubeconfig ${path}: ${why}; name one with -kubeconfig or in KUBECONFIG`,
    );
  }
  try {
    return await plainFile(files, context) ?? await libraryConfig(files, context);
  } catch (cause) {
    throw new CredentialsError(`cannot read kubeconfig ${path}: ${messageOf(cause)}`, { cause });
  }
}

async function plainFile(
  files: readonly string[],
  context: string | undefined,
): Promise<LoadedConfig | undefined> {
  const [path = "", ...others] = files;
  if (others.length > 0) return undefined;
  return plainConfig(parse(await Deno.readTextFile(path)), { path, context });
}

/** Reads files, the first of which outranks the others, with client-node. */
export async function libraryConfig(
  files: readonly string[],
  context: string | undefined,
): Promise<LoadedConfig> {
  const KubeConfig = await importKubeConfig();
  const [first, ...others] = files.map((file) => {
    const config = new KubeConfig();
    config.loadFromFile(file);
    return config;
  });
  for (const other of others) first?.mergeConfig(other, true);
  if (context !== undefined) first?.setCurrentContext(context);
  return withPlainServers(first as LibraryConfig);
}

/** client-node speaks to `http://` servers (`kubectl proxy`) only where TLS is not to be verified. */
function withPlainServers(config: LibraryConfig): LoadedConfig {
  const cluster = config.getCurrentCluster() as { server: string; skipTLSVerify?: boolean } | null;
  if (cluster?.server.startsWith("http:")) cluster.skipTLSVerify = true;
  return config;
}

/**
 * Version 1.4 and not 2.0: that one brings undici, which not every Deno runs. Its dependencies use a
 * deprecated module; the warning about it is of no use to our users.
 */
async function importKubeConfig(): Promise<new () => LibraryConfig> {
  const before = process.noDeprecation;
  process.noDeprecation = true;
  try {
    const { KubeConfig } = await import("./client_node.ts");
    return KubeConfig as unknown as new () => LibraryConfig;
  } finally {
    if (before === undefined) delete process.noDeprecation;
    else process.noDeprecation = before;
  }
}

async function existingFiles(path: string): Promise<string[]> {
  const files = await Promise.all(
    path.split(":").map(async (file) => {
      const isFile = await Deno.stat(file).then((info) => info.isFile, () => false);
      return isFile ? [file] : [];
    }),
  );
  return files.flat();
}

/** The user's `tokenFile`, which client-node does not know. */
async function tokenFileOf(path: string, user: string | undefined): Promise<string | undefined> {
  for (const file of await existingFiles(path)) {
    const parsed = parse(await Deno.readTextFile(file)) as {
      users?: { name?: string; user?: { tokenFile?: string } }[];
    };
    const tokenFile = parsed.users?.find((each) => each.name === user)?.user?.tokenFile;
    if (tokenFile !== undefined) return resolve(dirname(file), tokenFile);
  }
  return undefined;
}

/** The cluster of the current context. @throws CredentialsError */
export function currentCluster(config: LoadedConfig, path: string): Cluster {
  const context = config.getCurrentContext();
  const names = config.getContexts().map((each) => each.name).join(", ") || "none";
  if (!context) {
    throw new CredentialsError(
      `kubeconfig ${path} has no current-context (it has: ${names}); ` +
        "choose one with `kubectl config use-context`",
    );
  }
  if (config.getContextObject(context) === null) {
    throw new CredentialsError(
      `kubeconfig ${path} has no context "${context}", which is its current-context (it has: ${names})`,
    );
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null || !URL.canParse(cluster.server)) {
    throw new CredentialsError(
      `context "${context}" of kubeconfig ${path} has no cluster with a valid server address`,
    );
  }
  return cluster;
}

/** What the current user needs for a request; may run a plugin. @throws CredentialsError */
export async function applyCredentials(
  config: LoadedConfig,
  path: string,
): Promise<AppliedOptions> {
  const applied: AppliedOptions = {};
  try {
    await config.applyToHTTPSOptions(applied);
  } catch (cause) {
    throw new CredentialsError(
      `cannot get credentials by kubeconfig ${path}: ${messageOf(cause)}`,
      { cause },
    );
  }
  return applied;
}

/** The content of the user's `tokenFile`, if there is one. @throws CredentialsError */
export async function tokenOf(path: string, user: string | undefined): Promise<string | undefined> {
  const file = await tokenFileOf(path, user);
  if (file === undefined) return undefined;
  try {
    return (await Deno.readTextFile(file)).trim();
  } catch (cause) {
    throw new CredentialsError(
      `cannot read the token file ${file} of kubeconfig ${path}: ${messageOf(cause)}`,
      { cause },
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function isDirectory(path: string): Promise<boolean> {
  return await Deno.stat(path).then((found) => found.isDirectory, () => false);
}
