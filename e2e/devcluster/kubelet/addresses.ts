/**
 * Loopback addresses for pods (dev cluster, kubelet layer). All of 127.0.0.0/8 is local on
 * Linux, so a pod can have an address of its own without any network set-up.
 */

export interface AddressPool {
  /** Takes an address that nobody has. @throws Error when all are taken */
  take(): string;
  /** Marks an address as taken by somebody else. */
  reserve(address: string): void;
  give(address: string): void;
}

const PER_BLOCK = 254;
const BLOCKS = 256;

/**
 * Addresses `127.<second>.<x>.<y>`. A freed address is used again only when all others were, so
 * that no late connection meets another pod.
 */
export function loopbackAddresses(second: number): AddressPool {
  const taken = new Set<string>();
  let next = 0;
  const at = (n: number) => `127.${second}.${Math.floor(n / PER_BLOCK)}.${n % PER_BLOCK + 1}`;
  return {
    take() {
      for (let tries = 0; tries < PER_BLOCK * BLOCKS; tries++) {
        const address = at(next);
        next = (next + 1) % (PER_BLOCK * BLOCKS);
        if (taken.has(address)) continue;
        taken.add(address);
        return address;
      }
      throw new Error(`cannot give a pod an address: all of 127.${second}.0.0/16 are taken`);
    },
    reserve: (address) => void taken.add(address),
    give: (address) => void taken.delete(address),
  };
}

const FIRST_BLOCK = 64;
const LAST_BLOCK = 120;

/**
 * A second octet that no other kubelet of this machine uses: whoever listens on its first
 * address and this port owns the block until the listener is closed.
 */
export function claimLoopbackBlock(lockPort = 10249): { second: number; release(): void } {
  for (let second = FIRST_BLOCK; second <= LAST_BLOCK; second++) {
    try {
      const lock = Deno.listen({ hostname: `127.${second}.255.255`, port: lockPort });
      return { second, release: () => lock.close() };
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error("cannot start a kubelet: every block of loopback addresses is in use");
}
