/**
 * Listens with TLS by a certificate in files (`tls.crt`, `tls.key`: a Secret that is mounted), and takes
 * it up again when the files change. A renewed one that cannot be used leaves the former in place.
 */

import type { Listener } from "./server.ts";

/** How often the files are looked at; the kubelet itself needs up to a minute. */
const LOOK_AGAIN_MS = 10_000;

export interface RenewedOptions {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Holds `tls.crt` and `tls.key`. */
  readonly directory: string;
  readonly logger: { info(message: string): void; warn(message: string): void };
  /** Answers what a listener accepts; resolves once it is closed. */
  readonly take: (listener: Listener) => Promise<void>;
  /** Milliseconds between two looks at the files. */
  readonly lookAgainMs?: number;
}

/** A server whose certificate is kept up to date. */
export interface Renewed {
  readonly port: number;
  stop(): Promise<void>;
}

interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Listens. @throws with a message that names the file, or the port that is taken */
export async function listenRenewed(options: RenewedOptions): Promise<Renewed> {
  const { hostname, directory, logger, take, lookAgainMs = LOOK_AGAIN_MS } = options;
  let current = await readCertificate(directory);
  let listener = listen({ hostname, port: options.port }, current, directory);
  const { port } = listener.addr;
  let taken = take(listener);
  let looking: Promise<void> = Promise.resolve();
  const look = async () => {
    const next = await readCertificate(directory);
    if (next.cert === current.cert && next.key === current.key) return;
    // What cannot be used is found out before the former one goes.
    listen({ hostname, port: 0 }, next, directory).close();
    current = next;
    listener.close();
    await taken;
    listener = listen({ hostname, port }, next, directory);
    taken = take(listener);
    logger.info(`the certificate in ${directory} is new and in use`);
  };
  let told = "";
  const timer = setInterval(() => {
    looking = looking.then(look).then(() => void (told = "")).catch((error) => {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== told) logger.warn(`${message}; the former certificate stays in use`);
      told = message;
    });
  }, lookAgainMs);
  return {
    port,
    async stop() {
      clearInterval(timer);
      await looking;
      listener.close();
      await taken;
    },
  };
}

async function readCertificate(directory: string): Promise<Certificate> {
  const read = async (name: string) => {
    try {
      return await Deno.readTextFile(`${directory}/${name}`);
    } catch (cause) {
      throw new Error(
        `cannot read the certificate ${directory}/${name}, which --admission-certificate names`,
        { cause },
      );
    }
  };
  const [cert, key] = await Promise.all([read("tls.crt"), read("tls.key")]);
  return { cert, key };
}

function listen(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  { cert, key }: Certificate,
  directory: string,
): Deno.TlsListener {
  try {
    return Deno.listenTls({ hostname, port, cert, key });
  } catch (cause) {
    if (cause instanceof Deno.errors.AddrInUse) {
      const why = "the port is taken; --admission-port names the one to use";
      throw new Error(`cannot answer admission reviews on ${hostname}:${port}: ${why}`, { cause });
    }
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`cannot use the certificate in ${directory}: ${why}`, { cause });
  }
}
