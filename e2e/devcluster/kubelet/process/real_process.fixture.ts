/** Whether tests may start real process pods here, and the smallest pod to start them in. */
import type { ContainerRequest, PodRuntime, RunningContainer, RunningPod } from "../runtime.ts";
import { requireProcessSupport } from "./machine.ts";

/** Why real processes cannot be started by this test run; undefined when they can. */
export function whyNoRealProcesses(): string | undefined {
  const run = Deno.permissions.querySync({ name: "run" }).state;
  if (run !== "granted") return "this run has no permission to start programs (deno test -A)";
  try {
    requireProcessSupport();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Registers a test that is ignored, with the reason in its name, where it cannot run. */
export function realTest(name: string, body: () => Promise<void>): void {
  const reason = whyNoRealProcesses();
  Deno.test({
    name: reason === undefined ? name : `${name} (skipped: ${reason})`,
    ignore: reason !== undefined,
    fn: body,
  });
}

/** A pod on a loopback address, and a shell container in it. */
export interface TestPod {
  readonly pod: RunningPod;
  readonly directory: string;
  /** Runs a bash script as the container's program. */
  shell(script: string, changes?: Partial<ContainerRequest>): Promise<ShellContainer>;
}

/** A container whose output is kept. */
export interface ShellContainer {
  readonly container: RunningContainer;
  readonly output: () => string;
  /** Resolves when the output contains a text; a test's own time limit is the limit. */
  readonly outputHas: (text: string) => Promise<void>;
}

/** Starts a pod in a directory of its own. */
export async function testPod(runtime: PodRuntime, directory: string): Promise<TestPod> {
  const pod = await runtime.startPod({
    pod: { metadata: { name: "tiny-0", namespace: "prod", uid: "u" }, spec: { containers: [] } },
    ip: "127.19.1.1",
    hostname: "tiny-0",
    directory: `${directory}/pod`,
  });
  return {
    pod,
    directory,
    async shell(script, changes = {}) {
      let text = "";
      const decoder = new TextDecoder();
      const container = await pod.startContainer({
        name: "shell",
        image: "docker.io/library/bash:5",
        command: ["/bin/bash", "-c", script],
        env: {},
        mounts: [],
        tty: false,
        restartCount: 0,
        onOutput: (_stream, bytes) => text += decoder.decode(bytes, { stream: true }),
        onReady: () => {},
        ...changes,
      });
      return {
        container,
        output: () => text,
        outputHas: async (wanted) => {
          while (!text.includes(wanted)) await new Promise((resolve) => setTimeout(resolve, 10));
        },
      };
    },
  };
}

/** Runs a command in a container; output of both streams together. */
export async function execText(
  container: RunningContainer,
  command: readonly string[],
  options: { readonly tty?: boolean; readonly stdin?: string } = {},
): Promise<{ code: number; text: string }> {
  let text = "";
  const decoder = new TextDecoder();
  const session = await container.exec({
    command,
    tty: options.tty ?? false,
    ...(options.stdin === undefined ? {} : { stdin: new Blob([options.stdin]).stream() }),
    onOutput: (_stream, bytes) => void (text += decoder.decode(bytes, { stream: true })),
  });
  if (options.tty) session.resize(101, 31);
  return { code: await session.exitCode, text };
}
