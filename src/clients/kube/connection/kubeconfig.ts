/**
 * The connection that a kubeconfig describes: TLS settings, tunnel where fetch cannot do what it
 * asks for, and headers that follow rotated tokens. Layer: client of the API server.
 *
 * Files that it names are read again every minute, and the kubeconfig itself when the server refuses
 * its token: what is exchanged meanwhile, certificates included, counts without a restart.
 */

import type { KubeConnection } from "./connection.ts";
import { applyCredentials, currentCluster, loadConfig, tokenOf } from "./kubeconfig_file.ts";
import type { AppliedOptions, Cluster, LoadedConfig } from "./loaded_config.ts";
import { type Certificates, createRenewedClient } from "./renewed_client.ts";
import { openTlsStream, type TlsStreamOptions } from "./tls_stream.ts";
import { openTunnel, type Tunnel } from "./tunnel.ts";

/** How long headers are reused, unless the server refuses them: as long as the Go client does. */
const HEADERS_AGE_MS = 60_000;

/** Which context of a kubeconfig, its current one unless told, and whether its certificate counts. */
export interface KubeconfigUse {
  readonly context?: string;
  readonly withoutCertificate?: boolean;
}

/** Opens the connection of a kubeconfig's context. @throws CredentialsError */
export async function loadKubeconfig(
  path: string,
  { context, withoutCertificate = false }: KubeconfigUse = {},
): Promise<KubeConnection> {
  const load = () => loadConfig(path, context);
  const config = await load();
  const cluster = currentCluster(config, path);
  const applied = await applyCredentials(config, path);
  const url = new URL(cluster.server);
  const targetOf = (found: AppliedOptions) =>
    tlsOptionsOf(url, withoutCertificate ? withoutKey(found) : found);
  let target = targetOf(applied);
  const dial = (signal: AbortSignal) => openTlsStream(target, signal);
  // Deno's fetch can neither skip verification nor check another name, so a tunnel does.
  const needsTunnel = url.protocol === "https:" &&
    (target.verify === "none" || target.serverName !== undefined);
  const tunnel = needsTunnel ? openTunnel(dial) : undefined;
  const pool = createRenewedClient(
    certificatesOf(target),
    (certificates) => createHttpClient(cluster, certificates, tunnel),
  );
  const headers = createHeaders({ first: config, load, path }, (applied) => {
    const next = targetOf(applied);
    pool.renew(certificatesOf(next));
    target = next;
  });
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace;
  const server = cluster.server.replace(/\/+$/, "");
  return {
    server,
    baseUrl: tunnel === undefined ? server : server.replace(/^https:/, "http:"),
    get httpClient() {
      return pool.current;
    },
    headers: headers.read,
    forgetToken: headers.forget,
    dial,
    ...(tunnel === undefined ? {} : { dialFailure: tunnel.failure }),
    ...(namespace === undefined ? {} : { namespace }),
    close() {
      pool.close();
      tunnel?.close();
    },
  };
}

/** The server takes a certificate for the user, whatever token comes with it. */
function withoutKey({ cert: _cert, key: _key, ...rest }: AppliedOptions): AppliedOptions {
  return rest;
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

function certificatesOf({ ca, cert, key }: TlsStreamOptions): Certificates {
  return { ...ca && { ca }, ...cert && { cert }, ...key && { key } };
}

function createHttpClient(
  cluster: Cluster,
  { ca, cert, key }: Certificates,
  tunnel: Tunnel | undefined,
): Deno.HttpClient {
  if (tunnel !== undefined) {
    return Deno.createHttpClient({ http2: false, proxy: tunnel.proxy });
  }
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
  { first, load, path }: {
    readonly first: LoadedConfig;
    readonly load: () => Promise<LoadedConfig>;
    readonly path: string;
  },
  onApplied: (applied: AppliedOptions) => void,
): { read(): Promise<Record<string, string>>; forget(): void } {
  let config: LoadedConfig | undefined = first;
  let headers: Promise<Record<string, string>> | undefined;
  let readAtMs = -Infinity;
  const readAgain = async () => {
    config ??= await load();
    const applied = await applyCredentials(config, path);
    onApplied(applied);
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
        headers = readAgain();
        headers.catch(forget);
      }
      return headers;
    },
  };
}
