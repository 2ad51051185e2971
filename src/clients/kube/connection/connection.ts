/** A connection to one API server, whatever the credentials come from. Layer: client of the API server. */

import type { ByteStream } from "./tls_stream.ts";

/** One API server with credentials. */
export interface KubeConnection {
  /** As the user wrote it, for messages. */
  readonly server: string;
  /** What goes before the path in a URL for `httpClient`. */
  readonly baseUrl: string;
  /** Of the next request; another one once certificates were exchanged. Ask for `headers` before. */
  readonly httpClient: Deno.HttpClient;
  /** Credentials of the next request; rotated tokens and certificates are picked up here. */
  headers(signal: AbortSignal): Promise<Record<string, string>>;
  /** The server did not accept the token: read or fetch it again. */
  forgetToken(): void;
  /** Opens a raw connection to the server, for protocols other than plain HTTP. */
  dial(signal: AbortSignal): Promise<ByteStream>;
  /** Why the last `dial` behind `httpClient` failed, where fetch cannot know. */
  dialFailure?(): unknown;
  /** Namespace of the service account or of the current context. */
  readonly namespace?: string;
  close(): void;
}
