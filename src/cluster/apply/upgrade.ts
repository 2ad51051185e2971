/**
 * Runs the in-place upgrade script of a pod and waits for its end, which may take minutes.
 *
 * The exit code alone tells success: what the shell prints to stderr (a locale that is not there)
 * is none of the script's doing. Zalando: pkg/cluster/exec.go counts any such output as a failure.
 */

import { plainText } from "../../lib/plain_text.ts";
import { UpgradeError } from "../plan/upgrade/attempt.ts";
import type { PodExec } from "../../ports/ports.ts";
import type { ExecResult, UpgradeRequest } from "../../ports/requests.ts";
import { isAnswer } from "../../ports/errors.ts";

/**
 * Performs an upgrade. @throws UpgradeError when it failed, or when its end is unknown
 */
export async function runUpgrade(
  request: UpgradeRequest,
  exec: PodExec,
  signal: AbortSignal,
): Promise<void> {
  const uid = await userId(request, exec, signal);
  const result = await runScript(request, uid, exec, signal);
  if (result.exitCode === 0) return;
  const why = await lastLine(request, exec, signal);
  const text = plainText(why || result.stderr.slice(0, 400)) || `exit code ${result.exitCode}`;
  throw failed(request, text);
}

/** The user that commands run as; a definite refusal counts as a failed attempt. */
async function userId(
  request: UpgradeRequest,
  exec: PodExec,
  signal: AbortSignal,
): Promise<string> {
  const attempt = `checking user id to run upgrade from ${request.from} to ${request.to} FAILED`;
  const result = await exec.exec(request.userId, signal).catch((error: unknown) => {
    // Nothing has begun: without an answer it may be tried again.
    if (!isAnswer(error)) throw error;
    throw new UpgradeError("failed", `${attempt}: ${textOf(error)}`, error);
  });
  const uid = result.stdout.trim();
  if (result.exitCode === 0 && /^\d+$/.test(uid)) return uid;
  const said = plainText(result.stderr.slice(0, 400)) || `exit code ${result.exitCode}`;
  throw new UpgradeError("failed", `${attempt}: ${said}`);
}

async function runScript(
  request: UpgradeRequest,
  uid: string,
  exec: PodExec,
  signal: AbortSignal,
): Promise<ExecResult> {
  const script = uid === "0" ? request.asRoot : request.asPostgres;
  try {
    return await exec.exec(script, signal);
  } catch (error) {
    if (isAnswer(error)) throw failed(request, textOf(error), error);
    throw new UpgradeError("lost", textOf(error), error);
  }
}

/** What the script said last; nothing where that cannot be read. */
async function lastLine(
  request: UpgradeRequest,
  exec: PodExec,
  signal: AbortSignal,
): Promise<string> {
  try {
    return (await exec.exec(request.lastLine, signal)).stdout.trim().slice(0, 1000);
  } catch {
    return "";
  }
}

function failed({ from, to }: UpgradeRequest, why: string, cause?: unknown): UpgradeError {
  return new UpgradeError("failed", `upgrade from ${from} to ${to} FAILED: ${why}`, cause);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
