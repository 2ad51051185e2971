/** What connections ask of a kubeconfig, whoever read it. Layer: client of the API server. */

/** What client-node fills in for a request; the parts that this module uses. */
export interface AppliedOptions {
  headers?: Record<string, string>;
  auth?: string;
  ca?: string | Uint8Array;
  cert?: string | Uint8Array;
  key?: string | Uint8Array;
  servername?: string;
  rejectUnauthorized?: boolean;
}

export interface Cluster {
  readonly name: string;
  readonly server: string;
  readonly proxyUrl?: string;
}

/** What connections ask of a kubeconfig: a part of client-node's `KubeConfig`. */
export interface LoadedConfig {
  getCurrentUser(): { readonly name: string } | null;
  getCurrentContext(): string;
  getCurrentCluster(): Cluster | null;
  getContexts(): readonly { readonly name: string }[];
  getContextObject(name: string): { readonly namespace?: string } | null;
  applyToHTTPSOptions(options: AppliedOptions): Promise<void>;
}
