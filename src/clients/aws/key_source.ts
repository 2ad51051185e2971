/** Keys for AWS out of this machine's environment. Layer: client of AWS. */

import { type AwsKeys, createKeySource } from "./credentials.ts";
import { awsEnvironment } from "./environment.ts";

/** Longest time for getting keys. */
const TIMEOUT_MS = 15_000;

/** Makes a source that asks where AWS's own clients look. */
export function environmentKeys({ env, region, readFile, now }: {
  readonly env: (name: string) => string | undefined;
  readonly region: string;
  readonly readFile: (path: string) => Promise<string>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}): () => Promise<AwsKeys> {
  const source = createKeySource({
    environment: awsEnvironment(env),
    region,
    send: (url, init) => fetch(url, init),
    readFile,
    now,
  });
  return () => source(AbortSignal.timeout(TIMEOUT_MS));
}
