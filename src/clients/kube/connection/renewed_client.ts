/**
 * A pool of connections that is made again when the certificates behind it were exchanged: CAs and
 * client certificates are rotated while the operator runs. Layer: client of the API server.
 */

/** The pool in use. */
export interface RenewedClient {
  readonly current: Deno.HttpClient;
  /** Takes what certificates are now; makes another pool only where that is something new. */
  renew(certificates: Certificates): void;
  close(): void;
}

/** PEM texts that a pool is made of. */
export interface Certificates {
  readonly ca?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
}

/** Makes the first pool. */
export function createRenewedClient(
  first: Certificates,
  make: (certificates: Certificates) => Deno.HttpClient,
): RenewedClient {
  let known = JSON.stringify(first);
  let current = make(first);
  // What is under way on it, watches above all, goes on until the next exchange.
  let former: Deno.HttpClient | undefined;
  return {
    get current() {
      return current;
    },
    renew({ ca, cert, key }) {
      const found = { ...ca && { ca }, ...cert && { cert }, ...key && { key } };
      const text = JSON.stringify(found);
      if (text === known) return;
      // A pair of which only one half was written yet does not make a pool: the next look does.
      const next = make(found);
      known = text;
      former?.close();
      former = current;
      current = next;
    },
    close() {
      former?.close();
      current.close();
    },
  };
}
