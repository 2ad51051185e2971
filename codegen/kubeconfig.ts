/**
 * Reads what `pull` needs from a kubeconfig: address, CA, and token or client certificate of the current
 * context. The operator's own reading (`src/clients/kube`) also knows credential plugins. Pure.
 */
import { parse } from "yaml";

/** How to reach the API server. Certificates are PEM. */
export interface ClusterAccess {
  server: string;
  caCert?: string;
  token?: string;
  certificate?: { cert: string; key: string };
}

interface Named {
  name: string;
  cluster?: Record<string, string>;
  user?: Record<string, string>;
  context?: Record<string, string>;
}

interface Kubeconfig {
  "current-context"?: string;
  contexts?: Named[];
  clusters?: Named[];
  users?: Named[];
}

/** @throws when the current context, its cluster or its user is not there. */
export function parseKubeconfig(text: string, readFile: (path: string) => string): ClusterAccess {
  const config = parse(text) as Kubeconfig;
  const context = find(config.contexts, config["current-context"], "context").context ?? {};
  const cluster = find(config.clusters, context.cluster, "cluster").cluster ?? {};
  const user = find(config.users, context.user, "user").user ?? {};
  const { server } = cluster;
  if (!server) throw new Error(`cannot read kubeconfig: cluster ${context.cluster} has no server`);
  const pem = (fields: Record<string, string>, name: string): string | undefined => {
    const data = fields[`${name}-data`];
    if (data) return atob(data);
    return fields[name] ? readFile(fields[name]) : undefined;
  };
  const caCert = pem(cluster, "certificate-authority");
  const cert = pem(user, "client-certificate");
  const key = pem(user, "client-key");
  return {
    server,
    ...(caCert ? { caCert } : {}),
    ...(user.token ? { token: user.token } : {}),
    ...(cert && key ? { certificate: { cert, key } } : {}),
  };
}

function find(list: Named[] | undefined, name: string | undefined, what: string): Named {
  const found = list?.find((one) => one.name === name);
  if (!found) throw new Error(`cannot read kubeconfig: no ${what} ${name ?? "is chosen"}`);
  return found;
}
