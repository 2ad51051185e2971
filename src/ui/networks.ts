/** Addresses of peers against lists of networks, for IPv4 and IPv6. Pure. */

/** A network: its first bits, as a number, and how many of them count. */
export interface Network {
  readonly family: 4 | 6;
  readonly start: bigint;
  readonly bits: number;
}

/** Reads `10.0.0.0/8`, `10.1.2.3`, `fd00::/8`; undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = "", size] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const parsed = parseAddress(address);
  if (parsed === undefined) return undefined;
  const all = parsed.family === 4 ? 32 : 128;
  const bits = size === undefined ? all : Number(size);
  return bits <= all ? { family: parsed.family, start: parsed.value, bits } : undefined;
}

/** True when an address lies in one of the networks. */
export function isIn(networks: readonly Network[], address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && networks.some(({ family, start, bits }) => {
    if (family !== parsed.family) return false;
    const rest = BigInt((family === 4 ? 32 : 128) - bits);
    return start >> rest === parsed.value >> rest;
  });
}

function parseAddress(text: string): { family: 4 | 6; value: bigint } | undefined {
  // An IPv4 peer of a socket for both families.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
  const plain = mapped ?? text;
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(plain)) {
    const parts = plain.split(".").map(Number);
    if (parts.some((part) => part > 255)) return undefined;
    return { family: 4, value: parts.reduce((value, part) => value << 8n | BigInt(part), 0n) };
  }
  const groups = ipv6Groups(plain);
  if (groups === undefined) return undefined;
  return { family: 6, value: groups.reduce((value, part) => value << 16n | BigInt(part), 0n) };
}

function ipv6Groups(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2 || !text.includes(":")) return undefined;
  const sides = halves.map((half) => half === "" ? [] : half.split(":"));
  const given = sides.flat();
  if (given.some((part) => !/^[0-9a-f]{1,4}$/i.test(part))) return undefined;
  const missing = 8 - given.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const [left = [], right = []] = sides;
  return [...left, ...Array<string>(halves.length === 2 ? missing : 0).fill("0"), ...right]
    .map((part) => parseInt(part, 16));
}
