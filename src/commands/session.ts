/** What a command works with: the cluster by the user's own rights, a terminal, a clock. */

import type { KubeList, KubeObject } from "../kubernetes/types.gen.ts";
import type { KubeReader, PodExec } from "../ports/ports.ts";
import type { ObjectRef, PatchType } from "../ports/requests.ts";

/** Calls of the API server; each throws an error that names verb and object. */
export interface CommandKube {
  get(ref: ObjectRef, options: { readonly signal: AbortSignal }): Promise<KubeObject | undefined>;
  list(
    kind: { readonly apiVersion: string; readonly kind: string },
    options: {
      readonly namespace?: string;
      readonly labelSelector?: string;
      readonly fieldSelector?: string;
      readonly signal: AbortSignal;
    },
  ): Promise<KubeList<KubeObject>>;
  patch(
    ref: ObjectRef,
    options: { readonly type: PatchType; readonly body: unknown; readonly signal: AbortSignal },
  ): Promise<KubeObject>;
  getText(path: string, options: { readonly signal: AbortSignal }): Promise<string>;
  /** A body that goes on, such as a log that is followed. */
  openText(
    path: string,
    options: { readonly signal: AbortSignal },
  ): Promise<ReadableStream<Uint8Array>>;
}

export interface Terminal {
  print(text: string): void;
  complain(text: string): void;
  /** True where a person types. */
  readonly interactive: boolean;
  /** All of standard input. */
  readInput(): Promise<string>;
}

/** One command under way. */
export interface Session {
  readonly kube: CommandKube;
  readonly reader: (clusterNameLabel: string) => KubeReader;
  readonly exec: PodExec;
  /** Runs a command with the user's terminal; gives its exit code. */
  readonly attach: (target: AttachTarget, signal: AbortSignal) => Promise<number>;
  readonly namespace: string;
  /** A page of the operator's debug API, at a URL or as `NAMESPACE/SERVICE:PORT`. */
  readonly askOperator: (address: string, path: string) => Promise<unknown>;
  readonly terminal: Terminal;
  readonly now: () => Date;
  readonly wait: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface AttachTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
}

/** What a user has to do differently; printed without a stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}
