/**
 * Text forms of numbers and switches as Go's strconv reads them: ConfigMap values of the reference
 * go through it, so what it accepts is accepted here and nothing else.
 *
 * Zalando: pkg/util/config/util.go, processField
 */

/** Bounds of the Go integer types that parameters have. */
export const INTEGER_BOUNDS = {
  int32: { minimum: -(2n ** 31n), maximum: 2n ** 31n - 1n },
  uint32: { minimum: 0n, maximum: 2n ** 32n - 1n },
  int64: { minimum: -(2n ** 63n), maximum: 2n ** 63n - 1n },
} as const;

export type IntegerType = keyof typeof INTEGER_BOUNDS;

const TRUE_WORDS: ReadonlySet<string> = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE_WORDS: ReadonlySet<string> = new Set(["0", "f", "F", "FALSE", "false", "False"]);

/** Reads a switch as `strconv.ParseBool` does; undefined when it is none. */
export function parseGoBool(text: string): boolean | undefined {
  if (TRUE_WORDS.has(text)) return true;
  return FALSE_WORDS.has(text) ? false : undefined;
}

// Underscores may stand between digits and between a base prefix and a digit, nowhere else.
const INTEGER =
  /^([+-]?)(?:0[xX](?<hex>(?:_?[0-9a-fA-F])+)|0[bB](?<bin>(?:_?[01])+)|0[oO]?(?<oct>(?:_?[0-7])+)|(?<dec>0|[1-9](?:_?[0-9])*))$/;

/**
 * Reads an integer as `strconv.ParseInt` and `ParseUint` do with base 0 (prefixes 0x, 0b, 0o, 0).
 * Undefined when it is none, is out of the type's range, or cannot be held exactly.
 */
export function parseGoInteger(text: string, type: IntegerType): number | undefined {
  const match = INTEGER.exec(text);
  if (match === null || match.groups === undefined) return undefined;
  const sign = match[1];
  if (type === "uint32" && sign !== "") return undefined;
  const { hex, bin, oct, dec } = match.groups;
  const literal = hex !== undefined
    ? `0x${hex}`
    : bin !== undefined
    ? `0b${bin}`
    : oct !== undefined
    ? `0o${oct}`
    : dec ?? "0";
  const magnitude = BigInt(literal.replaceAll("_", ""));
  const value = sign === "-" ? -magnitude : magnitude;
  const { minimum, maximum } = INTEGER_BOUNDS[type];
  if (value < minimum || value > maximum) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}
