/**
 * Listens with TLS by a certificate in files (`tls.crt`, `tls.key`: a Secret that is mounted), and takes
 * it up again when the files change. One that cannot be used leaves the former in place, and keeps
 * nothing else from going on.
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
  /** Undefined while there is no certificate that can be used. */
  port(): number | undefined;
  stop(): Promise<void>;
}

interface Certificate {
  readonly cert: string;
  readonly key: string;
}

interface Listening extends Certificate {
  readonly listener: Deno.TlsListener;
  /** Resolves once it is closed. */
  readonly ended: Promise<void>;
}

/**
 * Listens. Without a certificate that can be used it says so, and listens once there is one.
 * @throws where the port is taken
 */
export async function listenRenewed(options: RenewedOptions): Promise<Renewed> {
  const { directory, logger, take, lookAgainMs = LOOK_AGAIN_MS } = options;
  let current: Listening | undefined;
  const begin = (port: number, certificate: Certificate) => {
    const listener = listen({ ...options, port }, certificate);
    current = { ...certificate, listener, ended: take(listener) };
  };
  const look = async () => {
    const next = await readCertificate(directory);
    if (current === undefined) return begin(options.port, next);
    if (next.cert === current.cert && next.key === current.key) return;
    // What cannot be used is found out before the former one goes.
    listen({ ...options, port: 0 }, next).close();
    const { listener, ended } = current;
    listener.close();
    await ended;
    begin(listener.addr.port, next);
    logger.info(`the certificate in ${directory} is new and in use`);
  };
  let told = "";
  const complain = (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    const until = current === undefined ? "nobody is answered" : "the former one stays in use";
    if (message !== told) logger.warn(`${message}; ${until}`);
    told = message;
  };
  const done = () => void (told = "");
  await look().catch((error) => {
    if (error instanceof PortTaken) throw error;
    complain(error);
  });
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look).then(done, complain);
  }, lookAgainMs);
  return {
    port: () => current?.listener.addr.port,
    async stop() {
      clearInterval(timer);
      await looking;
      current?.listener.close();
      await current?.ended;
    },
  };
}

class PortTaken extends Error {
  override readonly name = "PortTaken";
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
  { hostname, port, directory }: Pick<RenewedOptions, "hostname" | "port" | "directory">,
  { cert, key }: Certificate,
): Deno.TlsListener {
  try {
    return Deno.listenTls({ hostname, port, cert, key });
  } catch (cause) {
    if (cause instanceof Deno.errors.AddrInUse) {
      const why = "the port is taken; --admission-port names the one to use";
      throw new PortTaken(`cannot answer admission reviews on ${hostname}:${port}: ${why}`, {
        cause,
      });
    }
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`cannot use the certificate in ${directory}: ${why}`, { cause });
  }
}
