/**
 * Volumes of EBS through the EC2 query API. What signs requests and reads answers is loaded with the
 * first call: most operators never make one. Layer: client of AWS, implements the pass's port.
 *
 * Zalando: pkg/util/volumes/ebs.go
 */

import { plainText } from "../../lib/plain_text.ts";
import type { CloudVolumes } from "../../ports/cloud.ts";
import { createKeySource } from "./credentials.ts";
import { type AwsEnvironment, awsEnvironment, serviceUrl } from "./environment.ts";
import { AwsError } from "./error.ts";
import { exchange, type Send } from "./http.ts";
import { describeChangesBody, describeVolumesBody, modifyVolumeBody } from "./requests.ts";

export interface AwsOptions {
  /** `aws_region`. */
  readonly region: string;
  /** One variable of the environment. */
  readonly env: (name: string) => string | undefined;
  readonly readFile: (path: string) => Promise<string>;
  readonly now: () => number;
  readonly timeoutMs?: number;
  readonly send?: Send;
}

const TIMEOUT_MS = 30_000;
const MAX_WORDS = 300;

/** Sends one signed request; gives the answer's text. */
type Call = (attempt: string, body: string, signal: AbortSignal) => Promise<string>;

/** Makes the port. */
export function createCloudVolumes(options: AwsOptions): CloudVolumes {
  const environment = awsEnvironment(options.env);
  const call = createCall(options, environment);
  return {
    async describe(ids, signal) {
      if (ids.length === 0) return [];
      const attempt = `cannot describe volumes ${ids.join(", ")}`;
      const text = await call(attempt, describeVolumesBody(ids), signal);
      const { volumesIn } = await import("./answers.ts");
      return decode(attempt, () => volumesIn(text));
    },
    async changes(ids, signal) {
      if (ids.length === 0) return [];
      const attempt = `cannot ask for the last change of volumes ${ids.join(", ")}`;
      const text = await call(attempt, describeChangesBody(ids), signal);
      const { changesIn } = await import("./answers.ts");
      return decode(attempt, () => changesIn(text));
    },
    async modify(request, signal) {
      const attempt = `cannot modify volume ${request.id}`;
      const text = await call(attempt, modifyVolumeBody(request), signal);
      const { begunChangeIn } = await import("./answers.ts");
      const { state, message } = decode(attempt, () => begunChangeIn(text));
      if (state !== "failed") return;
      const words = plainText(message, { limit: MAX_WORDS });
      throw new AwsError(`${attempt}: the modification failed: ${words}`, "failed");
    },
  };
}

function createCall(options: AwsOptions, environment: AwsEnvironment): Call {
  const { region, send = fetch, now, timeoutMs = TIMEOUT_MS } = options;
  const keysFrom = createKeySource({ ...options, environment, send });
  const endpoint = environment.ec2Endpoint || serviceUrl("ec2", region);
  return async (attempt, body, signal) => {
    const keys = await keysFrom(signal);
    const { AwsV4Signer } = await import("aws4fetch");
    const { url, method, headers } = await new AwsV4Signer({
      method: "POST",
      url: endpoint,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body,
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey.reveal(),
      ...(keys.sessionToken ? { sessionToken: keys.sessionToken.reveal() } : {}),
      service: "ec2",
      region,
      datetime: new Date(now()).toISOString().replaceAll(/[:-]|\.\d{3}/g, ""),
      allHeaders: true,
    }).sign();
    const init = { method, headers, body };
    const answer = await exchange(send, { attempt, url: url.toString(), init, timeoutMs, signal });
    if (answer.status !== 200) await refuse(attempt, answer);
    return answer.text;
  };
}

async function refuse(
  attempt: string,
  { status, text }: { readonly status: number; readonly text: string },
): Promise<never> {
  const { kindOfCode, refusalIn } = await import("./answers.ts");
  const refusal = refusalIn(text);
  if (refusal === undefined) {
    const kind = status >= 500 ? "unavailable" : "failed";
    throw new AwsError(`${attempt}: AWS answers ${status}`, kind);
  }
  const { code, message } = refusal;
  const words = plainText(message, { known: [attempt], limit: MAX_WORDS });
  const told = `${attempt}: AWS refuses: ${plainText(code, { known: [code] })}: ${words}`;
  throw new AwsError(told, kindOfCode(code), code);
}

function decode<T>(attempt: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const why = error instanceof TypeError ? error.message : "it is no XML";
    throw new AwsError(`${attempt}: the answer of AWS is not as expected: ${why}`, "failed");
  }
}
