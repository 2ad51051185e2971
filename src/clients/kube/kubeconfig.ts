/**
 * Credentials from a kubeconfig: token, token file, client certificate, exec plugin and the other
 * providers of @kubernetes/client-node, which is loaded only here and only when needed (it costs
 * tens of megabytes). Layer: client of the API server.
 *
 * https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */

import { dirname, resolve } from "node:path";
import process from "node:process";
import { parse } from "yaml";
import type { KubeConnection } from "./credentials.ts";
import { CredentialsError } from "./credentials_error.ts";
import { openTlsStream, type TlsStreamOptions } from "./tls_stream.ts";
import { openTunnel, type Tunnel } from "./tunnel.ts";

/** What client-node fills in for a request; the parts that this module uses. */
interface AppliedOptions {
  headers?: Record<string, string>;
  auth?: string;
  ca?: string | Uint8Array;
  cert?: string | Uint8Array;
  key?: string | Uint8Array;
  servername?: string;
  rejectUnauthorized?: boolean;
}

interface Cluster {
  readonly name: string;
  readonly server: string;
  readonly proxyUrl?: string;
}

/** The part of client-node's `KubeConfig` that this module uses. */
interface LoadedConfig {
  loadFromFile(path: string): void;
  mergeConfig(other: LoadedConfig, preserveContext: boolean): void;
  getCurrentUser(): { readonly name: string } | null;
  getCurrentContext(): string;
  getCurrentCluster(): Cluster | null;
  getContexts(): readonly { readonly name: string }[];
  getContextObject(name: string): { readonly namespace?: string } | null;
  applyToHTTPSOptions(options: AppliedOptions): Promise<void>;
}

/** How long headers are reused, unless the server refuses them: as long as the Go client does. */
const HEADERS_AGE_MS = 60_000;

/** Opens the connection of a kubeconfig's current context. @throws CredentialsError */
export async function loadKubeconfig(path: string): Promise<KubeConnection> {
  const config = await loadConfig(path);
  const cluster = currentCluster(config, path);
  const applied = await applyCredentials(config, path);
  const url = new URL(cluster.server);
  const target = tlsOptionsOf(url, applied);
  const dial = (signal: AbortSignal) => openTlsStream(target, signal);
  // Deno's fetch can neither skip verification nor check another name, so a tunnel does.
  const needsTunnel = url.protocol === "https:" &&
    (target.verify === "none" || target.serverName !== undefined);
  const tunnel = needsTunnel ? await openTunnel(dial) : undefined;
  const httpClient = createHttpClient(cluster, target, tunnel);
  const headers = createHeaders(config, path);
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace;
  const server = cluster.server.replace(/\/+$/, "");
  return {
    server,
    baseUrl: tunnel === undefined ? server : server.replace(/^https:/, "http:"),
    httpClient,
    headers: headers.read,
    forgetToken: headers.forget,
    dial,
    ...(tunnel === undefined ? {} : { dialFailure: tunnel.failure }),
    ...(namespace === undefined ? {} : { namespace }),
    close() {
      httpClient.close();
      tunnel?.close();
    },
  };
}

/** Loads one file, or several with a colon between them, of which the first names the context. */
async function loadConfig(path: string): Promise<LoadedConfig> {
  const files = await existingFiles(path);
  if (files.length === 0) {
    throw new CredentialsError(
      `cannot read kubeconfig ${path}: there is no such file; ` +
        "name one with -kubeconfig or in KUBECONFIG",
    );
  }
  const KubeConfig = await importKubeConfig();
  try {
    const [first, ...others] = files.map((file) => {
      const config = new KubeConfig();
      config.loadFromFile(file);
      return config;
    });
    for (const other of others) first?.mergeConfig(other, true);
    return first as LoadedConfig;
  } catch (cause) {
    throw new CredentialsError(`cannot read kubeconfig ${path}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Version 1.4 and not 2.0: that one brings undici, which not every Deno runs. Its dependencies use a
 * deprecated module; the warning about it is of no use to our users.
 */
async function importKubeConfig(): Promise<new () => LoadedConfig> {
  const before = process.noDeprecation;
  process.noDeprecation = true;
  try {
    const { KubeConfig } = await import("@kubernetes/client-node");
    return KubeConfig as unknown as new () => LoadedConfig;
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

function currentCluster(config: LoadedConfig, path: string): Cluster {
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

async function applyCredentials(config: LoadedConfig, path: string): Promise<AppliedOptions> {
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

function tlsOptionsOf(url: URL, applied: AppliedOptions): TlsStreamOptions {
  const text = (value: string | Uint8Array) =>
    typeof value === "string" ? value : new TextDecoder().decode(value);
  const plain = url.protocol === "http:";
  return {
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (plain ? 80 : 443)),
    ...(plain ? { plain: true as const } : {}),
    ...(applied.ca === undefined ? {} : { ca: [text(applied.ca)] }),
    ...(applied.cert === undefined ? {} : { cert: text(applied.cert) }),
    ...(applied.key === undefined ? {} : { key: text(applied.key) }),
    ...(applied.servername === undefined ? {} : { serverName: applied.servername }),
    ...(applied.rejectUnauthorized === false ? { verify: "none" as const } : {}),
  };
}

function createHttpClient(
  cluster: Cluster,
  target: TlsStreamOptions,
  tunnel: Tunnel | undefined,
): Deno.HttpClient {
  if (tunnel !== undefined) {
    return Deno.createHttpClient({
      http2: false,
      proxy: { transport: "unix", path: tunnel.path },
    });
  }
  const { ca, cert, key } = target;
  const options = {
    http2: false,
    ...(ca === undefined ? {} : { caCerts: [...ca] }),
    ...(cluster.proxyUrl === undefined ? {} : { proxy: { url: cluster.proxyUrl } }),
  };
  return cert !== undefined && key !== undefined
    ? Deno.createHttpClient({ ...options, cert, key })
    : Deno.createHttpClient(options);
}

function createHeaders(
  first: LoadedConfig,
  path: string,
): { read(): Promise<Record<string, string>>; forget(): void } {
  let config: LoadedConfig | undefined = first;
  let headers: Promise<Record<string, string>> | undefined;
  let readAtMs = -Infinity;
  const readAnew = async () => {
    config ??= await loadConfig(path);
    const applied = await applyCredentials(config, path);
    const token = await tokenOf(path, config.getCurrentUser()?.name);
    return {
      ...(applied.auth === undefined ? {} : { authorization: `Basic ${btoa(applied.auth)}` }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...applied.headers,
    };
  };
  const forget = () => {
    config = undefined;
    headers = undefined;
  };
  return {
    forget,
    read() {
      if (headers === undefined || performance.now() - readAtMs > HEADERS_AGE_MS) {
        readAtMs = performance.now();
        // One plugin run for all requests that wait; a failed one is not kept.
        headers = readAnew();
        headers.catch(forget);
      }
      return headers;
    },
  };
}

async function tokenOf(path: string, user: string | undefined): Promise<string | undefined> {
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
