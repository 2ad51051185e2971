/**
 * Runs pods as real processes of this machine: Patroni, PostgreSQL and PgBouncer from Debian
 * packages, each container in namespaces of its own (dev cluster, kubelet layer).
 *
 * The network is the machine's: a pod listens on its own loopback address. Everything a pod
 * starts dies with this process, and its mounts are never seen outside its namespaces.
 */
import { imageProgram } from "./images/images.ts";
import type { ContainerProgram, Machine } from "./images/program.ts";
import { startContainer } from "./process/container.ts";
import { PATRONI_TIMING, processMachine, requireProcessSupport } from "./process/machine.ts";
import type {
  ContainerRequest,
  Mount,
  PodRequest,
  PodRuntime,
  RunningContainer,
  RunningPod,
} from "./runtime.ts";
import { linkUnpackedMajors } from "../postgres_majors.ts";
import { memoryLimitMb } from "./process/memory.ts";
import { containerGroup, giveVolumesToGroup } from "./process/volume_group.ts";

/** Names of Services and pods, for programs without a cluster DNS. */
export interface HostNames {
  /** The lines of /etc/hosts for a pod of this namespace. */
  hostsFile(pod: { namespace: string; hostname: string; ip: string }): string;
  /** Calls back when names or addresses changed; returns how to stop that. */
  onChange(changed: () => void): () => void;
}

/** What a process runtime may be told. */
export interface ProcessRuntimeOptions {
  readonly names?: HostNames;
  /** Patroni's timing; the default suits a laptop. */
  readonly patroni?: Machine["patroni"];
  /** Replaces what is found on this machine, e.g. the PostgreSQL versions. */
  readonly machine?: Partial<FoundMachine>;
}

/**
 * Makes a runtime of real processes.
 *
 * @throws Error when this process may not make namespaces, naming what is missing.
 */
export function processRuntime(options: ProcessRuntimeOptions = {}): PodRuntime {
  requireProcessSupport();
  const machine = { ...processMachine(), ...options.machine };
  const pods = new Set<RunningPod>();
  return {
    version: "process://1",
    probedBy: "kubelet",
    async startPod(request: PodRequest): Promise<RunningPod> {
      const pod = await startPod(request, options, machine);
      pods.add(pod);
      return { ...pod, stop: (graceMs) => pod.stop(graceMs).finally(() => pods.delete(pod)) };
    },
    async close(): Promise<void> {
      await Promise.all([...pods].map((pod) => pod.stop(0)));
    },
  };
}

type FoundMachine = Pick<Machine, "postgresMajors" | "modules" | "locales">;

async function startPod(
  request: PodRequest,
  options: ProcessRuntimeOptions,
  machine: FoundMachine,
): Promise<RunningPod> {
  const hosts = await keepHostsFile(request, options.names);
  const containers = new Set<Promise<RunningContainer>>();
  let starts = 0;
  let stopping = false;

  async function start(container: ContainerRequest): Promise<RunningContainer> {
    const program = programOf(request, container, { options, machine });
    if (container.fsGroup !== undefined) {
      await giveVolumesToGroup(container.mounts, await containerGroup());
    }
    const number = ++starts;
    return await startContainer({
      id: `process://${request.pod.metadata.uid ?? request.hostname}/${container.name}/${number}`,
      directory: `${request.directory}/containers/${container.name}-${number}`,
      request: container,
      program,
      hostname: request.hostname,
      hostsFile: hosts.path,
    });
  }

  return {
    async startContainer(container: ContainerRequest): Promise<RunningContainer> {
      if (stopping) {
        throw new Error(`cannot start container ${container.name}: its pod is being stopped`);
      }
      const started = start(container);
      containers.add(started);
      const forget = () => void containers.delete(started);
      started.then((running) => running.exited.then(forget), forget);
      return await started;
    },
    dial: (port) => Deno.connect({ hostname: request.ip, port }),
    async stop(graceMs: number): Promise<void> {
      stopping = true;
      // One that is just being started counts, too.
      await Promise.all([...containers].map(async (started) => {
        const running = await started.catch(() => undefined);
        await running?.stop(graceMs);
      }));
      hosts.release();
    },
  };
}

function programOf(
  { pod, ip, hostname }: PodRequest,
  container: ContainerRequest,
  { options, machine }: { options: ProcessRuntimeOptions; machine: FoundMachine },
): ContainerProgram {
  const limit = memoryLimitMb(pod, container.name);
  const image = imageProgram({
    container,
    podIp: ip,
    hostname,
    ...(limit === undefined ? {} : { memoryLimitMb: limit }),
    machine: {
      ...machine,
      patroni: options.patroni ?? PATRONI_TIMING,
      readMounted: (path) => readMounted(container.mounts, path),
    },
  });
  const program = { ...image, setUp: [...linkUnpackedMajors(), ...image.setUp] };
  return container.runAsUser ? { ...program, user: "postgres", execUser: "postgres" } : program;
}

/** Written in place: a bind mount shows the file, not the name. */
async function keepHostsFile(
  request: PodRequest,
  names: HostNames | undefined,
): Promise<{ path: string; release: () => void }> {
  const path = `${request.directory}/hosts`;
  const pod = {
    namespace: request.pod.metadata.namespace ?? "default",
    hostname: request.hostname,
    ip: request.ip,
  };
  // "localhost" is the pod, as it would be in a network namespace of its own.
  const text = () => names?.hostsFile(pod) ?? `${pod.ip} localhost ${pod.hostname}\n`;
  await Deno.mkdir(request.directory, { recursive: true });
  await Deno.writeTextFile(path, text());
  const release = names?.onChange(() => Deno.writeTextFileSync(path, text()));
  return { path, release: release ?? (() => {}) };
}

function readMounted(mounts: readonly Mount[], path: string): string | undefined {
  const holder = mounts
    .filter((mount) => path === mount.path || path.startsWith(`${mount.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
  if (holder === undefined) return undefined;
  try {
    return Deno.readTextFileSync(holder.hostPath + path.slice(holder.path.length));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
