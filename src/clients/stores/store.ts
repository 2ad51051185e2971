/** Opens the bucket that the settings name. */

import { createAzure } from "./azure.ts";
import { awsCredentials, type CredentialSources, googleToken } from "./credentials.ts";
import { createGcs } from "./gcs.ts";
import type { ObjectStore } from "./object_store.ts";
import { createS3 } from "./s3.ts";

/** Which bucket, and where. */
export interface StoreAddress {
  /** `s3://bucket`, `gs://bucket`, `azure://account/container`; empty for none. */
  readonly bucket: string;
  /** Another server than the provider's; empty for the provider's. */
  readonly endpoint: string;
  readonly region: string;
}

/** Undefined where no bucket is named. */
export function openStore(
  { bucket: address, endpoint, region }: StoreAddress,
  given: Omit<CredentialSources, "send">,
): ObjectStore | undefined {
  const [, scheme, name = "", inner = ""] = /^(\w+):\/\/([^/]+)(?:\/(.+))?$/.exec(address) ?? [];
  const send = fetch;
  const sources = { ...given, send };
  const { variables } = sources;
  switch (scheme) {
    case "s3":
      return createS3(
        { bucket: name, region, endpoint, credentials: awsCredentials(sources, region) },
        send,
      );
    case "gs":
      return createGcs({ bucket: name, endpoint: "", token: googleToken(sources) }, send);
    case "azure": {
      const signature = variables["AZURE_STORAGE_SAS_TOKEN"] ?? "";
      return createAzure({ account: name, container: inner, endpoint: "", signature }, send);
    }
    default:
      return undefined;
  }
}
