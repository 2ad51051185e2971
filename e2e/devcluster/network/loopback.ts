/**
 * A /16 of the loopback network for one run of the dev cluster (network layer).
 *
 * Linux answers on all of 127.0.0.0/8 without set-up, so every pod and Service gets an address
 * of its own. A lock file per /16 keeps two runs apart; the lock goes with the process, however
 * that ends.
 */

/** The addresses of one run. Nothing outside 127.0.0.0/8 is ever handed out. */
export interface LoopbackNetwork {
  /** Such as `127.20`. */
  readonly prefix: string;
  /** For the API server and whatever else the node itself serves. */
  readonly nodeAddress: string;
  /** For Services: the API server gives them addresses of its blocks 100 and up. */
  readonly serviceNetwork: string;
  /** For pods: the kubelet takes from it. */
  readonly pods: PodAddresses;
  /** Gives the /16 back. */
  close(): Promise<void>;
}

/** Pod addresses; one that was given back is taken again only after all others. */
export interface PodAddresses {
  /** @throws Error when all are taken */
  take(): string;
  /** Marks an address as taken by somebody else. */
  reserve(address: string): void;
  give(address: string): void;
}

/** 127.0 is everybody's and 127.255 ends in the broadcast address. */
const FIRST = 130;
const LAST = 250;

/** Pods live in 127.N.1.1 to 127.N.3.254. */
const POD_BLOCKS = [1, 2, 3];

/**
 * Takes a /16 that no other run has.
 *
 * @throws Error when all are taken.
 */
export async function claimLoopbackNetwork(
  lockDirectory = defaultLockDirectory(),
): Promise<LoopbackNetwork> {
  await Deno.mkdir(lockDirectory, { recursive: true });
  for (let number = FIRST; number <= LAST; number++) {
    const path = `${lockDirectory}/devcluster-127.${number}.lock`;
    const lock = await tryLock(path);
    if (lock !== undefined) return loopbackNetwork(`127.${number}`, () => giveBack(path, lock));
  }
  throw new Error(
    `cannot claim a loopback network: 127.${FIRST} to 127.${LAST} are all in use ` +
      `(lock files in ${lockDirectory})`,
  );
}

function loopbackNetwork(prefix: string, close: () => Promise<void>): LoopbackNetwork {
  return {
    prefix,
    nodeAddress: `${prefix}.0.1`,
    serviceNetwork: prefix,
    pods: podAddresses(prefix),
    close,
  };
}

function podAddresses(prefix: string): PodAddresses {
  const size = POD_BLOCKS.length * 254;
  const taken = new Set<string>();
  let next = 0;
  return {
    take() {
      for (let tries = 0; tries < size; tries++) {
        const at = next++ % size;
        const address = `${prefix}.${POD_BLOCKS[Math.floor(at / 254)]}.${at % 254 + 1}`;
        if (taken.has(address)) continue;
        taken.add(address);
        return address;
      }
      throw new Error(`cannot give a pod an address: all ${size} of ${prefix} are taken`);
    },
    reserve: (address) => void taken.add(address),
    give: (address) => void taken.delete(address),
  };
}

/** The file may be removed by its last owner between open and lock: then the lock is worth nothing. */
async function tryLock(path: string): Promise<Deno.FsFile | undefined> {
  const file = await Deno.open(path, { create: true, write: true });
  if (await file.tryLock(true)) {
    const now = await Deno.stat(path).catch(() => undefined);
    if (now?.ino === (await file.stat()).ino) return file;
  }
  file.close();
  return undefined;
}

async function giveBack(path: string, lock: Deno.FsFile): Promise<void> {
  await Deno.remove(path).catch(() => {});
  lock.close();
}

function defaultLockDirectory(): string {
  return Deno.uid() === 0 ? "/run/lock" : Deno.env.get("XDG_RUNTIME_DIR") ?? "/tmp";
}
