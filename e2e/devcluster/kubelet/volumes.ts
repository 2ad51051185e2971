/**
 * Directories for a pod's volumes, filled with what they should show
 * (dev cluster, kubelet layer). https://kubernetes.io/docs/concepts/storage/volumes/
 */
import {
  configMaps,
  persistentVolumeClaims,
  persistentVolumes,
  secrets,
} from "../client/resources.ts";
import type {
  Container,
  DownwardItem,
  KeyToPath,
  Pod,
  ProjectedSource,
  Volume,
} from "../objects/pod.ts";
import type {
  ConfigMap,
  PersistentVolume,
  PersistentVolumeClaim,
  Secret,
} from "../objects/storage.ts";
import { type KubeletContext, podDirectory, volumeDirectory } from "./context.ts";
import { expand, podField } from "./environment.ts";
import { resourceFieldValue } from "./resource_fields.ts";
import type { Mount } from "./runtime.ts";

/** A file that a volume shows. */
interface VolumeFile {
  readonly path: string;
  readonly content: Uint8Array;
  readonly mode: number;
}

/** A directory of this machine that stands for a volume. */
export interface PreparedVolume {
  readonly directory: string;
  readonly source: Mount["source"];
}

const DEFAULT_MODE = 0o644;

/** Prepares all volumes of a pod. @throws Error naming the volume and what it lacks */
export async function prepareVolumes(
  context: KubeletContext,
  pod: Pod,
): Promise<Map<string, PreparedVolume>> {
  const prepared = new Map<string, PreparedVolume>();
  for (const volume of pod.spec.volumes ?? []) {
    try {
      prepared.set(volume.name, await prepareVolume(context, pod, volume));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`cannot set up volume "${volume.name}": ${why}`, { cause: error });
    }
  }
  return prepared;
}

/** Whether a volume's content may change while the pod runs: keys, settings, tokens, labels. */
export function isProjected({ source }: PreparedVolume): boolean {
  return source !== "emptyDir" && source !== "claim";
}

async function prepareVolume(
  context: KubeletContext,
  pod: Pod,
  volume: Volume,
): Promise<PreparedVolume> {
  if (volume.persistentVolumeClaim) {
    const { claimName } = volume.persistentVolumeClaim;
    const directory = claimDirectory(context, pod.metadata.namespace!, claimName);
    await Deno.mkdir(directory, { recursive: true });
    return { directory, source: "claim" };
  }
  const directory = `${podDirectory(context, pod.metadata.uid!)}/volumes/${volume.name}`;
  await Deno.mkdir(directory, { recursive: true });
  if (volume.emptyDir) {
    await Deno.chmod(directory, 0o777);
    return { directory, source: "emptyDir" };
  }
  const source = (["secret", "configMap", "projected", "downwardAPI"] as const)
    .find((kind) => volume[kind] !== undefined);
  if (!source) throw new Error("volumes of this kind are not known here");
  await writeFiles(directory, await volumeFiles(context, pod, volume));
  return { directory, source };
}

function claimDirectory(context: KubeletContext, namespace: string, name: string): string {
  const claim = context.caches.of<PersistentVolumeClaim>(persistentVolumeClaims)
    .get(namespace, name);
  if (!claim) throw new Error(`persistentvolumeclaim "${name}" not found`);
  const volume = context.caches.of<PersistentVolume>(persistentVolumes)
    .get(undefined, claim.spec.volumeName ?? "");
  // Without a provisioner of ours, e.g. on another control plane, the claim stands for itself.
  return volumeDirectory(context, volume?.spec.csi?.volumeHandle ?? `pvc-${claim.metadata.uid}`);
}

async function volumeFiles(
  context: KubeletContext,
  pod: Pod,
  volume: Volume,
): Promise<VolumeFile[]> {
  const { secret, configMap, projected, downwardAPI } = volume;
  const mode = (secret ?? configMap ?? projected ?? downwardAPI)?.defaultMode ?? DEFAULT_MODE;
  const source = (of: ProjectedSource) => sourceFiles(context, pod, of, mode);
  if (secret) {
    const { secretName, ...rest } = secret;
    return await source({ secret: { ...rest, ...(secretName ? { name: secretName } : {}) } });
  }
  if (configMap) return await source({ configMap });
  if (downwardAPI) return await source({ downwardAPI });
  return (await Promise.all((projected?.sources ?? []).map(source))).flat();
}

async function sourceFiles(
  context: KubeletContext,
  pod: Pod,
  source: ProjectedSource,
  mode: number,
): Promise<VolumeFile[]> {
  const namespace = pod.metadata.namespace!;
  const { secret, configMap, downwardAPI, serviceAccountToken } = source;
  if (secret) {
    const data = (await context.client.get<Secret>(secrets, { namespace, name: secret.name! }))
      ?.data;
    return keyFiles({ kind: "secret", ...secret }, data && decoded(data), mode);
  }
  if (configMap) {
    const found = await context.client
      .get<ConfigMap>(configMaps, { namespace, name: configMap.name! });
    const texts = Object.entries(found?.data ?? {}).map(([key, text]) => [key, encode(text)]);
    const data = { ...Object.fromEntries(texts), ...decoded(found?.binaryData ?? {}) };
    return keyFiles({ kind: "configmap", ...configMap }, found && data, mode);
  }
  if (downwardAPI) {
    return (downwardAPI.items ?? []).map((item) => downwardFile(pod, item, mode));
  }
  if (!serviceAccountToken) return [];
  const content = encode(await requestToken(context, pod, serviceAccountToken));
  return [{ path: serviceAccountToken.path, content, mode }];
}

function keyFiles(
  from: { kind: string; name?: string; items?: KeyToPath[]; optional?: boolean },
  data: Record<string, Uint8Array> | undefined,
  mode: number,
): VolumeFile[] {
  if (!data && from.optional) return [];
  if (!data) throw new Error(`${from.kind} "${from.name}" not found`);
  const items = from.items ?? Object.keys(data).map((key) => ({ key, path: key }));
  return items.flatMap((item: KeyToPath) => {
    const content = data[item.key];
    if (content) return [{ path: item.path, content, mode: item.mode ?? mode }];
    if (from.optional) return [];
    throw new Error(`${from.kind} "${from.name}" has no key "${item.key}"`);
  });
}

function downwardFile(pod: Pod, item: DownwardItem, mode: number): VolumeFile {
  const { containerName, ...field } = item.resourceFieldRef ?? { resource: "" };
  const container = pod.spec.containers.find((it) => it.name === containerName);
  const text = item.fieldRef
    ? podField(pod, item.fieldRef.fieldPath)
    : resourceFieldValue(container ?? { name: "" }, field);
  return { path: item.path, content: encode(text ?? ""), mode: item.mode ?? mode };
}

/** https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/ */
async function requestToken(
  { client }: KubeletContext,
  pod: Pod,
  { audience, expirationSeconds }: NonNullable<ProjectedSource["serviceAccountToken"]>,
): Promise<string> {
  const { name, namespace, uid } = pod.metadata;
  const account = pod.spec.serviceAccountName ?? "default";
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const answer = await client.send<{ status: { token: string } }>("POST", path, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: {
      audiences: audience ? [audience] : [],
      expirationSeconds: expirationSeconds ?? 3600,
      boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
    },
  });
  return answer.status.token;
}

/** Writes each file under another name first, so no reader sees half of one. */
async function writeFiles(directory: string, files: readonly VolumeFile[]): Promise<void> {
  for (const { path, content, mode } of files) {
    const target = `${directory}/${path}`;
    if (path.split("/").includes("..")) throw new Error(`path "${path}" leaves the volume`);
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    if (await hasContent(target, content)) continue;
    const temporary = `${target}.new`;
    await Deno.writeFile(temporary, content);
    await Deno.chmod(temporary, mode);
    await Deno.rename(temporary, target);
  }
  const wanted = new Set(files.map(({ path }) => path.split("/")[0]));
  for await (const { name } of Deno.readDir(directory)) {
    if (!wanted.has(name)) await Deno.remove(`${directory}/${name}`, { recursive: true });
  }
}

async function hasContent(path: string, content: Uint8Array): Promise<boolean> {
  try {
    const known = await Deno.readFile(path);
    return known.length === content.length && known.every((byte, n) => byte === content[n]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The mounts of a container. @throws Error for a volume that the pod does not have */
export async function mountsOf(
  container: Container,
  volumes: ReadonlyMap<string, PreparedVolume>,
  env: Readonly<Record<string, string>>,
): Promise<Mount[]> {
  return await Promise.all((container.volumeMounts ?? []).map(async (mount) => {
    const volume = volumes.get(mount.name);
    if (!volume) throw new Error(`cannot mount "${mount.name}": the pod has no such volume`);
    const subPath = mount.subPathExpr ? expand(mount.subPathExpr, env) : mount.subPath;
    const hostPath = subPath ? `${volume.directory}/${subPath}` : volume.directory;
    if (subPath && !isProjected(volume)) await Deno.mkdir(hostPath, { recursive: true });
    return {
      name: mount.name,
      path: mount.mountPath,
      hostPath,
      readOnly: (mount.readOnly ?? false) || isProjected(volume),
      source: volume.source,
    };
  }));
}

function decoded(data: Record<string, string>): Record<string, Uint8Array> {
  return Object.fromEntries(
    Object.entries(data).map(([key, text]) => [key, Uint8Array.fromBase64(text)]),
  );
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
