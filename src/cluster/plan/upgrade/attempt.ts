/**
 * One attempt at a major version upgrade: the commands that it runs in the primary's pod, and the
 * mark that its pods carry meanwhile. Pure.
 *
 * Zalando: pkg/cluster/majorversionupgrade.go, majorVersionUpgrade
 */

import type { Pod } from "../../../kubernetes/types.gen.ts";
import { podRef } from "../../observed/pods.ts";
import type { ExecRequest, UpgradeRequest } from "../../../ports/requests.ts";
import { refOf } from "../../../ports/requests.ts";
import type { Step } from "../steps/action.ts";
import { step } from "../steps/context.ts";

export const SUBJECT = "major upgrade";
export const INTERRUPTED = "interrupted upgrade";

/** Selected by a disruption budget that lets no pod go. People may set it too. */
const LABEL = "critical-operation";
/**
 * Tells labels of ours from those that Patroni or people set; its value is the version before the
 * upgrade. A pod that carries it has an attempt behind it whose end is not written down yet.
 */
const MARK = "zalando-postgres-operator-major-upgrade-from";
const CONTAINER = "postgres";
const SCRIPT = "/scripts/inplace_upgrade.py";
const LOG = "last_upgrade.log";
/** Large data takes hours; a script that takes longer hangs. */
const LONGEST_MS = 24 * 3600 * 1000;

/** The version before the upgrade that a pod is marked with. */
export function markOf(pod: Pod): number | undefined {
  const value = pod.metadata.annotations?.[MARK];
  return value === undefined ? undefined : Number(value);
}

/** Protects and marks the pods that are not marked yet. */
export function markSteps(pods: readonly Pod[], from: number): Step[] {
  const metadata = { labels: { [LABEL]: "true" }, annotations: { [MARK]: String(from) } };
  return pods.filter((pod) => markOf(pod) === undefined).map((pod) => {
    const reasons = [`protect ${pod.metadata.name} during the upgrade`];
    const request = { target: refOf(pod), type: "merge", body: { metadata } } as const;
    return step(SUBJECT, reasons, { kind: "patch", request });
  });
}

/** Takes protection and mark off again. */
export function unmarkSteps(pods: readonly Pod[]): Step[] {
  const metadata = { labels: { [LABEL]: null }, annotations: { [MARK]: null } };
  return pods.filter((pod) => markOf(pod) !== undefined).map((pod) => {
    const reasons = [`no upgrade is under way: ${pod.metadata.name} needs no protection`];
    const request = { target: refOf(pod), type: "merge", body: { metadata } } as const;
    return step(SUBJECT, reasons, { kind: "patch", request }, { onError: "continue" });
  });
}

/**
 * The commands of an upgrade. `tee -p` goes on when nobody reads its output any more, so that the
 * script outlives a lost connection.
 */
export function upgradeRequest(
  pod: Pod,
  members: number,
  versions: { readonly from: number; readonly to: number },
): UpgradeRequest {
  const script = `set -o pipefail && /usr/bin/python3 ${SCRIPT} ${members} 2>&1 | tee -p ${LOG}`;
  return {
    ...versions,
    userId: command(pod, ["/bin/bash", "-c", "/usr/bin/id -u"]),
    asRoot: { ...command(pod, ["/bin/su", "postgres", "-c", script]), timeoutMs: LONGEST_MS },
    asPostgres: { ...command(pod, ["/bin/bash", "-c", script]), timeoutMs: LONGEST_MS },
    lastLine: command(pod, ["/bin/bash", "-c", `tail -n 1 ${LOG}`]),
  };
}

/**
 * Ends when no upgrade script runs in the pod. The pattern matches one whole argument of a process,
 * and is written so that it does not match itself.
 */
export function waitRequest(pod: Pod): ExecRequest {
  const pattern = SCRIPT.replace(".", "[.]");
  const find = `grep -qszx '${pattern}' /proc/[0-9]*/cmdline`;
  const wait = command(pod, ["/bin/bash", "-c", `while ${find}; do sleep 1; done`]);
  return { ...wait, timeoutMs: LONGEST_MS };
}

function command(pod: Pod, words: readonly string[]): ExecRequest {
  return { pod: podRef(pod), container: CONTAINER, command: words };
}

/**
 * An attempt that did not end well: `failed` for sure, or `lost` where the connection broke while
 * the script ran.
 */
export class UpgradeError extends Error {
  override readonly name = "UpgradeError";
  readonly result: "failed" | "lost";

  constructor(result: "failed" | "lost", message: string, cause?: unknown) {
    super(message, { cause });
    this.result = result;
  }
}
