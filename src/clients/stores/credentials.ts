/** Credentials for buckets, from the places where the cloud's own tools look first. */

import { readText } from "../../peers/bounded_text.ts";
import { PortError } from "../../ports/errors.ts";
import { xmlTexts } from "./object_store.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What credentials are looked up with. */
export interface CredentialSources {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
  readonly send: typeof fetch;
  readonly now: () => number;
}

const TIMEOUT_MS = 10_000;
/** Credentials that end are exchanged so long before. */
const EARLY_MS = 5 * 60_000;

/** Keys of the environment, else a role by the pod's identity token (IRSA). */
export function awsCredentials(
  sources: CredentialSources,
  region: string,
): () => Promise<AwsCredentials> {
  const { variables } = sources;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = variables;
  if (accessKeyId && secretAccessKey) {
    const session = variables["AWS_SESSION_TOKEN"];
    const fixed = { accessKeyId, secretAccessKey, ...(session ? { sessionToken: session } : {}) };
    return () => Promise.resolve(fixed);
  }
  return kept(sources.now, () => assumedRole(sources, region));
}

async function assumedRole(
  { variables, readFile, send }: CredentialSources,
  region: string,
): Promise<{ value: AwsCredentials; endsMs: number }> {
  const { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: role } = variables;
  if (!file || !role) {
    throw new PortError(
      "no credentials for the bucket: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give " +
        "the service account a role",
      "unavailable",
    );
  }
  const query = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: role,
    RoleSessionName: "postgres-operator-ui",
    WebIdentityToken: (await readFile(file)).trim(),
  });
  const answer = await send(`https://sts.${region}.amazonaws.com/`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: query.toString(),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { text } = await readText(answer, 64 * 1024);
  const [accessKeyId] = xmlTexts(text, "AccessKeyId");
  const [secretAccessKey] = xmlTexts(text, "SecretAccessKey");
  const [sessionToken] = xmlTexts(text, "SessionToken");
  const [ends = ""] = xmlTexts(text, "Expiration");
  if (!answer.ok || !accessKeyId || !secretAccessKey || !sessionToken) {
    const [code = `status ${answer.status}`] = xmlTexts(text, "Code");
    throw new PortError(`cannot take the role ${role}: ${code}`, "failed");
  }
  return { value: { accessKeyId, secretAccessKey, sessionToken }, endsMs: Date.parse(ends) };
}

const METADATA =
  "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token";

/** The token of the machine's or workload's service account. */
export function googleToken({ send, now }: CredentialSources): () => Promise<string> {
  return kept(now, async () => {
    const answer = await send(METADATA, {
      headers: { "metadata-flavor": "Google" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => undefined);
    const body = answer?.ok ? (await readText(answer, 64 * 1024)).text : "";
    const { access_token: value, expires_in: seconds } = parsed(body);
    if (typeof value !== "string") {
      throw new PortError(
        "the metadata server of Google Cloud gives no token for the bucket",
        "unavailable",
      );
    }
    return { value, endsMs: now() + Number(seconds ?? 0) * 1000 };
  });
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Keeps what has an end until shortly before it. */
function kept<T>(
  now: () => number,
  ask: () => Promise<{ readonly value: T; readonly endsMs: number }>,
): () => Promise<T> {
  let known: { readonly value: T; readonly endsMs: number } | undefined;
  return async () => {
    if (known === undefined || !(known.endsMs - now() > EARLY_MS)) known = await ask();
    return known.value;
  };
}
