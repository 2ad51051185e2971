/** The data directory of an API server: store snapshot, keys, certificate, kubeconfig. */
import { randomBytes } from "node:crypto";
import type { ServerCertificate } from "../../pki.ts";
import type { Store } from "./store.ts";

/** How long changes are gathered before they are written. */
const SAVE_DELAY_MS = 200;

export interface DataDirectory {
  signingKey: Uint8Array;
  adminToken: string;
  /** Of an earlier run. */
  certificate: ServerCertificate | undefined;
  keepCertificate(certificate: ServerCertificate): Promise<void>;
  writeKubeconfig(text: string): Promise<string>;
  close(): Promise<void>;
}

interface Keys {
  signingKey: string;
  adminToken: string;
}

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** Writes beside and renames, so that a crash leaves the old file whole. */
async function writeSecret(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(`${path}.new`, text, { mode: 0o600 });
  await Deno.rename(`${path}.new`, path);
}

/** Restores the store from a directory and saves its changes there; without one, state ends with the process. */
export async function openDataDirectory(
  path: string | undefined,
  store: Store,
): Promise<DataDirectory> {
  const directory = path ?? await Deno.makeTempDir({ prefix: "devcluster-" });
  await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
  const file = (name: string) => `${directory}/${name}`;
  const keys: Keys = await readJson<Keys>(file("keys.json")) ?? {
    signingKey: randomBytes(32).toString("base64"),
    adminToken: randomBytes(24).toString("base64url"),
  };
  if (path) {
    await writeSecret(file("keys.json"), JSON.stringify(keys));
    const snapshot = await readJson<ReturnType<Store["snapshot"]>>(file("store.json"));
    if (snapshot) store.restore(snapshot);
  }
  const saver = path ? saveOnChange(store, file("store.json")) : undefined;
  return {
    signingKey: new Uint8Array(atob(keys.signingKey).split("").map((char) => char.charCodeAt(0))),
    adminToken: keys.adminToken,
    certificate: path ? await readJson<ServerCertificate>(file("certificate.json")) : undefined,
    keepCertificate: (certificate) =>
      path ? writeSecret(file("certificate.json"), JSON.stringify(certificate)) : Promise.resolve(),
    writeKubeconfig: async (text) => {
      await writeSecret(file("kubeconfig"), text);
      return file("kubeconfig");
    },
    close: async () => {
      await saver?.();
      if (!path) await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Starts saving; the result saves a last time and stops. */
function saveOnChange(store: Store, path: string): () => Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing = Promise.resolve();
  const save = () => {
    timer = undefined;
    const text = JSON.stringify(store.snapshot());
    writing = writing.then(() => writeSecret(path, text));
  };
  store.onChange = () => {
    timer ??= setTimeout(save, SAVE_DELAY_MS);
  };
  return async () => {
    store.onChange = undefined;
    clearTimeout(timer);
    save();
    await writing;
  };
}
