/**
 * The boundary between the kubelet and whatever runs containers (dev cluster, kubelet layer).
 *
 * The kubelet decides (when to start, restart, probe and stop; what the environment and the
 * mounted directories hold) and talks to the API server; a runtime only carries out. A runtime
 * hands out one `RunningPod` a pod and one `RunningContainer` a started container, so a restart
 * is a new handle. Implementations: `stub_runtime.ts` executes nothing, `process_runtime.ts`
 * runs real processes.
 */
import type { Pod } from "../objects/pod.ts";

/** Runs pods. One instance serves one kubelet. */
export interface PodRuntime {
  /** Shown in the Node's status, e.g. `stub://1` or `process://1`. */
  readonly version: string;
  /**
   * Who finds out whether a container is ready: "kubelet" runs the probes of the manifest,
   * "runtime" leaves it to `ContainerRequest.onReady` and no probe is made.
   */
  readonly probedBy: "kubelet" | "runtime";
  /** Prepares what the containers of a pod share: address, namespaces, name resolution. */
  startPod(request: PodRequest): Promise<RunningPod>;
  /** Called once when the kubelet stops, after all pods were stopped. */
  close(): Promise<void>;
}

/** What a runtime gets to prepare a pod. */
export interface PodRequest {
  /** The pod as the API server holds it at this moment. */
  readonly pod: Pod;
  /** The loopback address that belongs to this pod alone until it is stopped. */
  readonly ip: string;
  readonly hostname: string;
  /** A host directory for the runtime's own files of this pod; removed after `stop`. */
  readonly directory: string;
}

/** A prepared pod. */
export interface RunningPod {
  /** Starts a container; throws `ImageUnavailableError` when the image means nothing to it. */
  startContainer(request: ContainerRequest): Promise<RunningContainer>;
  /** Opens a connection to a port of the pod, for port-forward. */
  dial(port: number): Promise<Connection>;
  /**
   * Sends TERM to every container, KILL after `graceMs` (0: KILL at once), and resolves when
   * nothing of the pod is left, every container's `exited` is settled and its mounts are gone.
   */
  stop(graceMs: number): Promise<void>;
}

/** What a runtime gets to start a container: everything is resolved, nothing refers elsewhere. */
export interface ContainerRequest {
  readonly name: string;
  readonly image: string;
  /** Replaces the image's entry point; `$(VAR)` is already expanded. Absent: the image's own. */
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  /** `securityContext` of the container laid over that of the pod. */
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly fsGroup?: number;
  readonly tty: boolean;
  /** How many containers of this name ran before in this pod. */
  readonly restartCount: number;
  /** Takes output as it comes; the kubelet keeps the log. */
  readonly onOutput: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
  /** Says that the container became ready or unready; heeded when `probedBy` is "runtime". */
  readonly onReady: (ready: boolean) => void;
}

/** A host directory or file that appears at `path` in a container. */
export interface Mount {
  readonly name: string;
  readonly path: string;
  readonly hostPath: string;
  readonly readOnly: boolean;
  readonly source: "secret" | "configMap" | "emptyDir" | "claim" | "projected" | "downwardAPI";
}

/** A container that was started. */
export interface RunningContainer {
  /** Unique for each start. */
  readonly id: string;
  /** Settles when the container is over; never rejects. */
  readonly exited: Promise<ContainerExit>;
  /** Runs a command inside the container. */
  exec(request: ExecRequest): Promise<ExecSession>;
  /** TERM, then KILL after `graceMs`; resolves when the container is over. */
  stop(graceMs: number): Promise<void>;
}

/** How a container ended. */
export interface ContainerExit {
  readonly exitCode: number;
  /** Set when a signal ended it, e.g. 9. */
  readonly signal?: number;
  readonly message?: string;
}

/** A command to run in a container. */
export interface ExecRequest {
  readonly command: readonly string[];
  readonly tty: boolean;
  /** Absent: the command gets an empty standard input. */
  readonly stdin?: ReadableStream<Uint8Array>;
  readonly onOutput: (stream: "stdout" | "stderr", bytes: Uint8Array) => void | Promise<void>;
}

/** A command that runs in a container. */
export interface ExecSession {
  /** Settles after the last output was handed over; rejects when the command cannot be started. */
  readonly exitCode: Promise<number>;
  /** Only with `tty`. */
  resize(columns: number, rows: number): void;
  /** Ends the command when the caller has gone. */
  kill(): void;
}

/** A byte stream in both directions; a `Deno.Conn` is one. */
export interface Connection {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Uint8Array<ArrayBufferLike>>;
  close(): void;
}

/** The runtime does not know the image or cannot provide what it needs (shown as ErrImagePull). */
export class ImageUnavailableError extends Error {
  override readonly name = "ImageUnavailableError";
}
