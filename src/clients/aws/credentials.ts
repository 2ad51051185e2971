/**
 * Keys for AWS, from where its own clients look for them: the environment, a role for the pod's
 * service account (web identity), the pod identity agent, the instance's metadata. Layer: client of
 * AWS.
 *
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */

import { plainText } from "../../lib/plain_text.ts";
import { Sensitive } from "../../lib/sensitive.ts";
import { type AwsEnvironment, serviceUrl } from "./environment.ts";
import { AwsError } from "./error.ts";
import { exchange, type Send } from "./http.ts";
import { assumeRoleBody } from "./requests.ts";

/** Keys that sign requests. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: Sensitive;
  readonly sessionToken?: Sensitive;
}

/** Gives keys that are good for a while longer. @throws AwsError */
export type KeySource = (signal: AbortSignal) => Promise<AwsKeys>;

export interface CredentialOptions {
  readonly environment: AwsEnvironment;
  readonly region: string;
  readonly send: Send;
  /** Reads a mounted file. */
  readonly readFile: (path: string) => Promise<string>;
  readonly now: () => number;
}

interface Lent {
  readonly keys: AwsKeys;
  readonly untilMs: number;
}

const TIMEOUT_MS = 10_000;
/** The instance's metadata is next door, or not there at all. */
const METADATA_TIMEOUT_MS = 2000;
const METADATA = "http://169.254.169.254";
const METADATA_TOKEN_S = 300;
/** Keys are renewed before they end. */
const MARGIN_MS = 5 * 60_000;
const ATTEMPT = "cannot get credentials for AWS";

/** Makes the source of keys; asks for new ones shortly before the last ones end. */
export function createKeySource(options: CredentialOptions): KeySource {
  let lent: Lent | undefined;
  return async (signal) => {
    const own = keysOfEnvironment(options.environment);
    if (own !== undefined) return own;
    if (lent === undefined || options.now() > lent.untilMs - MARGIN_MS) {
      lent = await borrow(options, signal);
    }
    return lent.keys;
  };
}

function keysOfEnvironment({ accessKeyId, secretAccessKey, sessionToken }: AwsEnvironment) {
  if (!accessKeyId || !secretAccessKey) return undefined;
  return keysOf({ accessKeyId, secretAccessKey, sessionToken });
}

function keysOf({ accessKeyId, secretAccessKey, sessionToken }: {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}): AwsKeys {
  return {
    accessKeyId,
    secretAccessKey: new Sensitive(secretAccessKey),
    ...(sessionToken ? { sessionToken: new Sensitive(sessionToken) } : {}),
  };
}

function borrow(options: CredentialOptions, signal: AbortSignal): Promise<Lent> {
  const { roleArn, webIdentityTokenFile, containerUrl } = options.environment;
  if (roleArn && webIdentityTokenFile) {
    return ofWebIdentity(options, { role: roleArn, file: webIdentityTokenFile }, signal);
  }
  if (containerUrl) return ofPodIdentity(options, containerUrl, signal);
  return ofInstance(options, signal);
}

async function ofWebIdentity(
  options: CredentialOptions,
  { role, file }: { readonly role: string; readonly file: string },
  signal: AbortSignal,
): Promise<Lent> {
  const { environment, region } = options;
  const token = (await readToken(options, "AWS_WEB_IDENTITY_TOKEN_FILE", file)).trim();
  const body = assumeRoleBody({ role, session: environment.roleSessionName, token });
  const { status, text } = await exchange(options.send, {
    attempt: ATTEMPT,
    url: environment.stsEndpoint || serviceUrl("sts", region),
    init: {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body,
    },
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  const { keysIn, kindOfCode, refusalIn } = await import("./answers.ts");
  const refusal = refusalIn(text);
  if (status !== 200 || refusal !== undefined) {
    const { code = "", message = "" } = refusal ?? {};
    const words = plainText(`${code}: ${message}`, { known: [code, role] });
    throw new AwsError(
      `${ATTEMPT}: STS refuses role ${role} (AWS_ROLE_ARN): ${status} ${words}`,
      kindOfCode(code),
      code,
    );
  }
  const keys = decode(() => keysIn(text), "STS");
  return { keys: keysOf(keys), untilMs: endOf(keys.expires, "STS") };
}

async function ofPodIdentity(
  options: CredentialOptions,
  url: string,
  signal: AbortSignal,
): Promise<Lent> {
  const file = options.environment.containerTokenFile;
  const name = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
  const token = file ? (await readToken(options, name, file)).trim() : "";
  const text = await getText(options, {
    url,
    headers: token === "" ? {} : { authorization: token },
    what: "the pod identity agent",
  }, signal);
  return decodeKeys(text, "the pod identity agent");
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html */
async function ofInstance(options: CredentialOptions, signal: AbortSignal): Promise<Lent> {
  const base = `${options.environment.metadataEndpoint || METADATA}/latest`;
  const what = "the instance's metadata";
  const token = await getText(options, {
    method: "PUT",
    url: `${base}/api/token`,
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": String(METADATA_TOKEN_S) },
    what,
  }, signal);
  const headers = { "x-aws-ec2-metadata-token": token };
  const roles = `${base}/meta-data/iam/security-credentials/`;
  const role = (await getText(options, { url: roles, headers, what }, signal)).split("\n")[0];
  const url = roles + encodeURIComponent((role ?? "").trim());
  return decodeKeys(await getText(options, { url, headers, what }, signal), what);
}

async function getText(
  { send }: CredentialOptions,
  { method = "GET", url, headers, what }: {
    readonly method?: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly what: string;
  },
  signal: AbortSignal,
): Promise<string> {
  const { status, text } = await exchange(send, {
    attempt: `${ATTEMPT} from ${what}`,
    url,
    init: { method, headers: { ...headers } },
    timeoutMs: METADATA_TIMEOUT_MS,
    signal,
  });
  if (status === 200) return text;
  throw new AwsError(`${ATTEMPT} from ${what}: it answers ${status}`, "unauthorized");
}

/** The form in which both hand out keys. */
function decodeKeys(text: string, what: string): Lent {
  const field = (name: string): string => {
    const value: unknown = JSON.parse(text)?.[name];
    if (typeof value !== "string" || value === "") throw new TypeError(`it has no ${name}`);
    return value;
  };
  return decode(() => ({
    keys: keysOf({
      accessKeyId: field("AccessKeyId"),
      secretAccessKey: field("SecretAccessKey"),
      sessionToken: field("Token"),
    }),
    untilMs: endOf(field("Expiration"), what),
  }), what);
}

function decode<T>(read: () => T, what: string): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof AwsError) throw error;
    // The words of a parser may quote the answer, which has keys in it.
    const why = error instanceof TypeError ? error.message : "it cannot be read";
    throw new AwsError(`${ATTEMPT}: the answer of ${what} is not as expected: ${why}`, "failed");
  }
}

function endOf(time: string, what: string): number {
  const endMs = Date.parse(time);
  if (!Number.isNaN(endMs)) return endMs;
  throw new AwsError(`${ATTEMPT}: the answer of ${what} has no time of expiration`, "failed");
}

async function readToken(
  { readFile }: CredentialOptions,
  variable: string,
  path: string,
): Promise<string> {
  try {
    return await readFile(path);
  } catch {
    throw new AwsError(`${ATTEMPT}: cannot read ${path} (${variable})`, "unauthorized");
  }
}
