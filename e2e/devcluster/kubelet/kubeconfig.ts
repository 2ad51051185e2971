/**
 * Reads where an API server is and who we are from a kubeconfig: tokens and client certificates,
 * inline or in files (dev cluster, kubelet layer).
 * https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */
import { parse } from "yaml";
import type { ClusterAccess } from "../client/client.ts";

interface Kubeconfig {
  "current-context"?: string;
  contexts?: { name: string; context: { cluster: string; user: string } }[];
  clusters?: { name: string; cluster: Record<string, string | undefined> }[];
  users?: { name: string; user: Record<string, string | undefined> }[];
}

/** Reads the current context of the file. @throws Error naming what is missing */
export function readKubeconfig(path: string): ClusterAccess {
  const config = parse(Deno.readTextFileSync(path)) as Kubeconfig;
  const named = <T extends { name: string }>(kind: string, list: T[] = [], name?: string): T => {
    const found = list.find((it) => it.name === name);
    if (!found) throw new Error(`cannot use kubeconfig ${path}: it has no ${kind} "${name}"`);
    return found;
  };
  const { context } = named("context", config.contexts, config["current-context"]);
  const { cluster } = named("cluster", config.clusters, context.cluster);
  const { user } = named("user", config.users, context.user);
  const directory = path.slice(0, path.lastIndexOf("/") + 1);
  const content = (of: Record<string, string | undefined>, key: string): string | undefined => {
    const inline = of[`${key}-data`];
    if (inline) return new TextDecoder().decode(Uint8Array.fromBase64(inline));
    const file = of[key];
    return file && Deno.readTextFileSync(file.startsWith("/") ? file : directory + file);
  };
  return {
    url: cluster.server!.replace(/\/$/, ""),
    token: user.token ?? content(user, "tokenFile")?.trim(),
    caPem: content(cluster, "certificate-authority"),
    certPem: content(user, "client-certificate"),
    keyPem: content(user, "client-key"),
  };
}
