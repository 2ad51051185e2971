/**
 * Lets a pod's group read its volumes, as `fsGroup` asks for (dev cluster, kubelet layer).
 *
 * Directories get the set-group-id bit as well, so that files written later, such as a renewed
 * certificate, belong to the group, too. Whatever number the manifest gives, the group is the
 * one that containers know here. https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
 */
import type { Mount } from "../runtime.ts";

/** Hands the mounts over to a group; claims are left to their program. */
export async function giveVolumesToGroup(mounts: readonly Mount[], gid: number): Promise<void> {
  for (const mount of mounts) {
    if (mount.source === "claim") continue;
    await giveToGroup(mount.hostPath, gid);
  }
}

async function giveToGroup(path: string, gid: number): Promise<void> {
  const { isDirectory, mode } = await Deno.lstat(path);
  await Deno.chown(path, null, gid);
  await Deno.chmod(path, ((mode ?? 0o755) & 0o7777) | (isDirectory ? 0o2050 : 0o040));
  if (!isDirectory) return;
  for await (const entry of Deno.readDir(path)) {
    if (!entry.isSymlink) await giveToGroup(`${path}/${entry.name}`, gid);
  }
}

/** The number of the group that programs of containers belong to. */
export async function containerGroup(): Promise<number> {
  const groups = await Deno.readTextFile("/etc/group");
  const gid = /^postgres:[^:]*:(\d+):/m.exec(groups)?.[1];
  if (gid === undefined) throw new Error("cannot find the group postgres in /etc/group");
  return Number(gid);
}
