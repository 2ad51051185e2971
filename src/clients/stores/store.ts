/** Opens the bucket that the settings name. */

import { createAzure } from "./azure.ts";
import { googleToken } from "./google_token.ts";
import { createGcs } from "./gcs.ts";
import type { ObjectStore } from "./object_store.ts";
import { createS3, type S3Keys } from "./s3.ts";

/** Which bucket, and where. */
export interface StoreAddress {
  /** `s3://bucket`, `gs://bucket`, `azure://account/container`; empty for none. */
  readonly bucket: string;
  /** Another server than the provider's; empty for the provider's. */
  readonly endpoint: string;
  readonly region: string;
}

/** What of this machine the credentials come from. */
export interface StoreSources {
  readonly env: (name: string) => string | undefined;
  /** Keys for a bucket of S3 in a region. */
  readonly awsKeys: (region: string) => () => Promise<S3Keys>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Undefined where no bucket is named. */
export function openStore(
  { bucket: address, endpoint, region }: StoreAddress,
  { env, awsKeys, now }: StoreSources,
): ObjectStore | undefined {
  const [, scheme, name = "", inner = ""] = /^(\w+):\/\/([^/]+)(?:\/(.+))?$/.exec(address) ?? [];
  const send = fetch;
  switch (scheme) {
    case "s3":
      return createS3({ bucket: name, region, endpoint, keys: awsKeys(region) }, send);
    case "gs":
      return createGcs({ bucket: name, endpoint: "", token: googleToken({ send, now }) }, send);
    case "azure": {
      const signature = env("AZURE_STORAGE_SAS_TOKEN") ?? "";
      return createAzure({ account: name, container: inner, endpoint: "", signature }, send);
    }
    default:
      return undefined;
  }
}
