/**
 * The environment, command and arguments of a container with every reference resolved
 * (dev cluster, kubelet layer).
 * https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/
 */
import { configMaps, secrets } from "../client/resources.ts";
import type { Container, EnvVar, KeyRef, Pod } from "../objects/pod.ts";
import type { ConfigMap, Secret } from "../objects/storage.ts";
import { HOST_IP, type KubeletContext } from "./context.ts";
import { resourceFieldValue } from "./resource_fields.ts";

/** A reference leads nowhere: the container waits as CreateContainerConfigError. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** Resolves the whole environment, in the order in which later entries win. */
export async function resolveEnvironment(
  context: KubeletContext,
  pod: Pod,
  container: Container,
): Promise<Record<string, string>> {
  const read = contentReader(context, pod.metadata.namespace!);
  const env = apiServerVariables(context.client.access.url);
  for (const { prefix = "", secretRef, configMapRef } of container.envFrom ?? []) {
    const ref = secretRef ?? configMapRef!;
    const data = await read(secretRef ? "secret" : "configMap", ref.name);
    if (!data && !ref.optional) throw missing(secretRef ? "secret" : "configmap", ref.name);
    for (const [key, value] of Object.entries(data ?? {})) env[prefix + key] = value;
  }
  for (const variable of container.env ?? []) {
    const value = await valueOf(variable, env, { pod, container, read });
    if (value !== undefined) env[variable.name] = value;
  }
  return env;
}

/** Replaces `$(NAME)` by the variable's value; `$$(NAME)` stays as `$(NAME)`. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$\$|\$\(([^)]*)\)/g,
    (whole, name: string | undefined) => whole === "$$" ? "$" : env[name!] ?? whole,
  );
}

/** How pods in the cluster find the API server; here that is where the kubelet found it. */
function apiServerVariables(url: string): Record<string, string> {
  const { hostname, port, protocol } = new URL(url);
  const number = port || (protocol === "https:" ? "443" : "80");
  return {
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: number,
    KUBERNETES_SERVICE_PORT_HTTPS: number,
    KUBERNETES_PORT: `tcp://${hostname}:${number}`,
  };
}

type Content = Record<string, string> | undefined;
type ContentReader = (kind: "secret" | "configMap", name: string) => Promise<Content>;

/** Reads each Secret and ConfigMap once. */
function contentReader({ client }: KubeletContext, namespace: string): ContentReader {
  const known = new Map<string, Promise<Content>>();
  const read = async (kind: "secret" | "configMap", name: string): Promise<Content> => {
    if (kind === "configMap") {
      return (await client.get<ConfigMap>(configMaps, { namespace, name }))?.data;
    }
    const secret = await client.get<Secret>(secrets, { namespace, name });
    return secret && Object.fromEntries(
      Object.entries(secret.data ?? {}).map(([key, value]) => [key, fromBase64Text(value)]),
    );
  };
  return (kind, name) => {
    const key = `${kind}/${name}`;
    if (!known.has(key)) known.set(key, read(kind, name));
    return known.get(key)!;
  };
}

interface ValueSource {
  readonly pod: Pod;
  readonly container: Container;
  readonly read: ContentReader;
}

async function valueOf(
  { value, valueFrom }: EnvVar,
  env: Readonly<Record<string, string>>,
  { pod, container, read }: ValueSource,
): Promise<string | undefined> {
  if (!valueFrom) return expand(value ?? "", env);
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = valueFrom;
  if (fieldRef) return podField(pod, fieldRef.fieldPath);
  if (resourceFieldRef) {
    const name = resourceFieldRef.containerName ?? container.name;
    const of = pod.spec.containers.find((it) => it.name === name) ?? container;
    return resourceFieldValue(of, resourceFieldRef);
  }
  if (secretKeyRef) return keyOf("secret", secretKeyRef, await read("secret", secretKeyRef.name));
  const ref = configMapKeyRef!;
  return keyOf("configmap", ref, await read("configMap", ref.name));
}

function keyOf(kind: string, { name, key, optional }: KeyRef, data: Content): string | undefined {
  if (data?.[key] !== undefined || optional) return data?.[key];
  throw data
    ? new ConfigurationError(`couldn't find key ${key} in ${kind} ${name}`)
    : missing(kind, name);
}

function missing(kind: string, name: string): ConfigurationError {
  return new ConfigurationError(`${kind} "${name}" not found`);
}

/** A field of the pod by its path; undefined for a path that pods do not offer. */
export function podField(pod: Pod, path: string): string | undefined {
  const entry = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (entry) return pod.metadata[entry[1] as "labels" | "annotations"]?.[entry[2]!] ?? "";
  const { metadata, spec, status } = pod;
  const lines = (of: Record<string, string> = {}) =>
    Object.entries(of).sort().map(([key, value]) => `${key}=${JSON.stringify(value)}\n`).join("");
  const fields: Readonly<Record<string, string | undefined>> = {
    "metadata.name": metadata.name,
    "metadata.namespace": metadata.namespace,
    "metadata.uid": metadata.uid,
    "metadata.labels": lines(metadata.labels),
    "metadata.annotations": lines(metadata.annotations),
    "spec.nodeName": spec.nodeName,
    "spec.serviceAccountName": spec.serviceAccountName,
    "status.hostIP": HOST_IP,
    "status.hostIPs": HOST_IP,
    "status.podIP": status?.podIP,
    "status.podIPs": status?.podIP,
  };
  return fields[path];
}

/** The bytes of a base64 text, as a text. */
function fromBase64Text(text: string): string {
  return new TextDecoder().decode(Uint8Array.fromBase64(text));
}
