/**
 * What the contract runs against: the embedded API server, started here, or with KUBECONFIG set a real
 * one. Rows speak plain HTTP to it; nothing between them and the API could hide a difference.
 */
import { parse } from "yaml";
import { type ApiServer, startApiServer } from "../devcluster/apiserver/server.ts";
import type { Fault } from "../devcluster/apiserver/http/faults.ts";

export type TargetKind = "embedded" | "real";

export interface Target {
  kind: TargetKind;
  url: string;
  token: string;
  client: Deno.HttpClient;
  /** For kubectl. */
  kubeconfig: string;
  /** The embedded server itself. */
  server?: ApiServer;
  stop(): Promise<void>;
}

/** Starts the embedded API server. */
export async function embeddedTarget(faults: Fault[] = []): Promise<Target> {
  const server = await startApiServer({ faults });
  const client = Deno.createHttpClient({ caCerts: [server.caPem] });
  return {
    kind: "embedded",
    url: server.url,
    token: server.token,
    client,
    kubeconfig: server.kubeconfigPath,
    server,
    stop: async () => {
      client.close();
      await server.stop();
    },
  };
}

interface Kubeconfig {
  clusters: { name: string; cluster: Record<string, string> }[];
  users: { name: string; user: Record<string, string> }[];
}

/** The certificates that a server shows, for kubeconfigs that skip verification. */
async function shownCertificates(url: URL): Promise<string> {
  const { stdout } = await new Deno.Command("openssl", {
    args: ["s_client", "-showcerts", "-connect", url.host],
    stdin: "null",
    stderr: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  return (text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []).join(
    "\n",
  );
}

/** The API server of a kubeconfig (first cluster, first user, token only). */
export async function realTarget(path: string): Promise<Target> {
  const config = parse(await Deno.readTextFile(path)) as Kubeconfig;
  const cluster = config.clusters[0]!.cluster;
  const url = cluster["server"]!;
  const given = cluster["certificate-authority-data"];
  const ca = given ? atob(given) : await shownCertificates(new URL(url));
  const client = Deno.createHttpClient({ caCerts: [ca] });
  return {
    kind: "real",
    url,
    token: config.users[0]!.user["token"]!,
    client,
    kubeconfig: path,
    stop: () => {
      client.close();
      return Promise.resolve();
    },
  };
}

/** The target that the environment asks for. */
export function chosenTarget(): Promise<Target> {
  const path = Deno.env.get("KUBECONFIG");
  return path ? realTarget(path) : embeddedTarget();
}
