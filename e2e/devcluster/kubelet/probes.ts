/**
 * Probes: is a container started, ready, alive? (dev cluster, kubelet layer)
 * https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
 */
import { pause } from "../client/watch_cache.ts";
import type { Container, Probe } from "../objects/pod.ts";
import type { RunningContainer } from "./runtime.ts";

/** The container to look at. */
export interface ProbeTarget {
  readonly container: Container;
  readonly running: RunningContainer;
  readonly podIP: string;
}

/** What a probe's series of answers means now. */
export interface ProbeVerdict {
  readonly success: boolean;
  /** Why it failed. */
  readonly message: string;
}

const DEFAULTS = {
  initialDelaySeconds: 0,
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
};

/**
 * Probes until the signal ends it and reports each change of the verdict, the first one when a
 * threshold is reached.
 */
export async function watchProbe(
  target: ProbeTarget,
  probe: Probe,
  report: (verdict: ProbeVerdict) => void,
  signal: AbortSignal,
): Promise<void> {
  const settings = { ...DEFAULTS, ...withoutUndefined(probe) };
  let series: ProbeVerdict & { count: number } = { success: false, message: "", count: 0 };
  await pause(settings.initialDelaySeconds * 1000, signal);
  while (!signal.aborted) {
    const verdict = await probeOnce(target, probe, settings.timeoutSeconds * 1000);
    if (signal.aborted) return;
    const count = verdict.success === series.success ? series.count + 1 : 1;
    series = { ...verdict, count };
    const threshold = verdict.success ? settings.successThreshold : settings.failureThreshold;
    if (count === threshold) report(verdict);
    await pause(settings.periodSeconds * 1000, signal);
  }
}

function withoutUndefined(probe: Probe): Probe {
  return Object.fromEntries(Object.entries(probe).filter(([, value]) => value !== undefined));
}

/** Asks once. */
export async function probeOnce(
  target: ProbeTarget,
  probe: Probe,
  timeoutMs: number,
): Promise<ProbeVerdict> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    if (probe.exec) await probeExec(target, probe.exec.command ?? [], signal);
    else if (probe.httpGet) await probeHttp(target, probe.httpGet, signal);
    else if (probe.tcpSocket) await probeTcp(target, probe.tcpSocket, signal);
    return { success: true, message: "" };
  } catch (error) {
    return { success: false, message: error instanceof Error ? error.message : String(error) };
  }
}

async function probeExec(
  { running }: ProbeTarget,
  command: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  let output = "";
  const decoder = new TextDecoder();
  const onOutput = (_stream: string, bytes: Uint8Array) => {
    output += decoder.decode(bytes, { stream: true });
  };
  const session = await running.exec({ command, tty: false, onOutput });
  const late = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => {
    session.kill();
    late.reject(new Error(`command "${command.join(" ")}" timed out`));
  });
  const exitCode = await Promise.race([session.exitCode, late.promise]);
  if (exitCode !== 0) throw new Error(output.trim() || `command exited with ${exitCode}`);
}

async function probeHttp(
  target: ProbeTarget,
  get: NonNullable<Probe["httpGet"]>,
  signal: AbortSignal,
): Promise<void> {
  const scheme = (get.scheme ?? "HTTP").toLowerCase();
  const host = get.host ?? target.podIP;
  const path = get.path?.startsWith("/") ? get.path : `/${get.path ?? ""}`;
  const url = `${scheme}://${host}:${portOf(target.container, get.port)}${path}`;
  const headers = (get.httpHeaders ?? []).map(({ name, value }): [string, string] => [name, value]);
  const response = await fetch(url, { headers, redirect: "manual", signal });
  await response.body?.cancel();
  if (response.status >= 400) {
    throw new Error(`HTTP probe failed with statuscode: ${response.status}`);
  }
}

async function probeTcp(
  target: ProbeTarget,
  { host, port }: NonNullable<Probe["tcpSocket"]>,
  signal: AbortSignal,
): Promise<void> {
  const hostname = host ?? target.podIP;
  const connection = await Deno.connect({
    hostname,
    port: portOf(target.container, port),
    signal,
  });
  connection.close();
}

function portOf(container: Container, port: number | string): number {
  if (typeof port === "number") return port;
  const named = container.ports?.find((it) => it.name === port)?.containerPort;
  return named ?? Number(port);
}
