/**
 * A runtime that executes nothing (dev cluster, kubelet layer): pods become ready, Jobs
 * complete, and pods of a Spilo image get a stand-in for Patroni that elects a leader, labels
 * pods and answers REST requests. For tests that need a whole cluster within seconds.
 */
import { type ClusterAccess, kubeClient } from "../client/client.ts";
import type { Pod } from "../objects/pod.ts";
import { isSidecar } from "./pod_status.ts";
import type {
  ContainerExit,
  ContainerRequest,
  ExecRequest,
  PodRequest,
  PodRuntime,
  RunningContainer,
  RunningPod,
} from "./runtime.ts";
import { answerExec, type StubExec } from "./stub/exec.ts";
import { type PatroniMember, patroniStandIn } from "./stub/patroni.ts";
import type { PatroniRequest } from "./stub/rest_api.ts";
import { spiloOf } from "./stub/spilo.ts";

export interface StubRuntimeOptions extends ClusterAccess {
  /** How long a container takes to become ready, or a Job's to complete. Default 0. */
  readonly readyAfterMs?: number;
  /** How long an election or a change of role takes. Default 0. */
  readonly roleAfterMs?: number;
  /** Answers commands before the stub's own answers are looked up. */
  readonly exec?: StubExec;
  /** Hears of writes to the API server that failed. Default: standard error. */
  readonly onError?: (error: unknown) => void;
}

export interface StubRuntime extends PodRuntime {
  /** Every request to the stand-in for Patroni that was not a GET, in order. */
  readonly requests: readonly PatroniRequest[];
  /** Every command that was run in a container. */
  readonly commands: readonly StubCommand[];
}

/** A command that was run. */
export interface StubCommand {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
}

/** Makes the runtime. */
export function stubRuntime(options: StubRuntimeOptions): StubRuntime {
  const client = kubeClient(options);
  const onError = options.onError ?? reportError;
  const patroni = patroniStandIn({ client, roleAfterMs: options.roleAfterMs ?? 0, onError });
  const commands: StubCommand[] = [];
  const running = new Set<RunningPod>();
  const shared: Shared = { options, patroni, commands };
  return {
    version: "stub://1",
    probedBy: "runtime",
    requests: patroni.requests,
    commands,
    startPod(request) {
      const pod = stubPod(shared, request);
      const tracked = { ...pod, stop: (ms: number) => pod.stop(ms).finally(() => forget()) };
      const forget = () => running.delete(tracked);
      running.add(tracked);
      return Promise.resolve(tracked);
    },
    async close() {
      await Promise.all([...running].map((pod) => pod.stop(0)));
      await patroni.close();
      client.close();
    },
  };
}

interface Shared {
  readonly options: StubRuntimeOptions;
  readonly patroni: ReturnType<typeof patroniStandIn>;
  readonly commands: StubCommand[];
}

function stubPod(shared: Shared, { pod, ip }: PodRequest): RunningPod {
  const stops: (() => Promise<void>)[] = [];
  let stopping = false;
  return {
    async startContainer(request) {
      // One that started now would be stopped by nobody.
      if (stopping) throw new Error(`cannot start ${request.name}: its pod is being stopped`);
      const spilo = spiloOf(pod, request, ip);
      const member = spilo && shared.patroni.join(spilo);
      const container = stubContainer(shared, { pod, request, member });
      stops.push(() => container.stop(0));
      await Promise.resolve();
      return container;
    },
    dial: (port) => Deno.connect({ hostname: ip, port }),
    async stop() {
      stopping = true;
      await Promise.all(stops.splice(0).map((stop) => stop()));
    },
  };
}

interface StubContainer {
  readonly pod: Pod;
  readonly request: ContainerRequest;
  readonly member: PatroniMember | undefined;
}

/** The exit code of a process that SIGTERM ended. */
const TERMINATED = 143;

function stubContainer(shared: Shared, { pod, request, member }: StubContainer): RunningContainer {
  const exit = Promise.withResolvers<ContainerExit>();
  const init = pod.spec.initContainers?.find((it) => it.name === request.name);
  const completes = init ? !isSidecar(init) : (pod.spec.restartPolicy ?? "Always") !== "Always";
  const text = `stub: ${request.image} is taken as started\n`;
  request.onOutput("stdout", new TextEncoder().encode(text));
  const timer = setTimeout(() => {
    if (completes) return exit.resolve({ exitCode: 0 });
    request.onReady(true);
    member?.start();
  }, shared.options.readyAfterMs ?? 0);
  return {
    id: crypto.randomUUID().replaceAll("-", ""),
    exited: exit.promise,
    exec: (command) => Promise.resolve(exec(shared, { pod, request, member }, command)),
    async stop() {
      clearTimeout(timer);
      await member?.leave();
      exit.resolve(member ? { exitCode: 0 } : { exitCode: TERMINATED, signal: 15 });
    },
  };
}

function exec(shared: Shared, { pod, request, member }: StubContainer, run: ExecRequest) {
  const { namespace, name } = pod.metadata;
  const command = { namespace: namespace!, pod: name, container: request.name };
  shared.commands.push({ ...command, command: run.command });
  const own: StubExec = ({ command }) => {
    const text = command.join(" ");
    if (/\bid -u$/.test(text)) return { stdout: `${request.runAsUser ?? 0}\n` };
    // Who looks for a script that runs finds none: the one below ends before its call does.
    if (text.includes("/proc/[0-9]*/cmdline")) return {};
    if (!text.includes("inplace_upgrade.py") || !member) return undefined;
    return member.upgrade();
  };
  return answerExec(run, { ...command, command: run.command }, [shared.options.exec, own]);
}

function reportError(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  Deno.stderr.writeSync(new TextEncoder().encode(`stub runtime: ${text}\n`));
}
