/**
 * Kubernetes resource quantities: parse, compare, and write in the canonical form that the API
 * server stores (`0.5` → `500m`, `1024Mi` → `1Gi`).
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */

type Format = "DecimalSI" | "BinarySI" | "DecimalExponent";

/** An exact amount in billionths, and the family of suffixes it was written in. */
export interface Quantity {
  readonly nanos: bigint;
  readonly format: Format;
}

const NANO = 1_000_000_000n;
const MILLI = NANO / 1000n;
const MAX_NANOS = (2n ** 63n - 1n) * NANO;
const DECIMAL_SUFFIXES = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY_SUFFIXES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const SHAPE = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,3}))?$/;

/** Parses a quantity; undefined where the text is none. More than nine decimals round up. */
export function parseQuantity(text: string): Quantity | undefined {
  const match = SHAPE.exec(text);
  if (!match) return undefined;
  const [, sign, digits = "", suffix = "", exponent] = match;
  const [whole = "", fraction = ""] = digits.split(".");
  const mantissa = BigInt(whole + fraction || "0");
  const scaled = scale(mantissa, fraction.length, suffix, exponent);
  const capped = scaled > MAX_NANOS ? MAX_NANOS : scaled;
  return { nanos: sign === "-" ? -capped : capped, format: formatOf(suffix, exponent) };
}

/** Orders two quantities: negative, zero or positive like a sort callback. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
}

/** Writes a quantity as the API server does: no fraction, the largest exponent that loses nothing. */
export function formatQuantity(quantity: Quantity): string {
  const { nanos, format } = quantity;
  if (nanos === 0n) return "0";
  const small = nanos > -1024n * NANO && nanos < 1024n * NANO;
  if (format === "BinarySI" && !small && nanos % NANO === 0n) return binary(nanos / NANO);
  return decimal(nanos, format);
}

/** The canonical text of a quantity's text; a text that is no quantity stays as it is. */
export function canonicalQuantity(text: string): string {
  const quantity = parseQuantity(text);
  return quantity === undefined ? text : formatQuantity(quantity);
}

/**
 * The text of an amount in a list of resources (requests, limits, sizes of claims): the API server
 * rounds those up to thousandths (SetDefaults_ResourceList). No quantity stays as it is.
 */
export function storedAmount(text: string): string {
  const quantity = parseQuantity(text);
  if (quantity === undefined) return text;
  const thousandths = divideUp(quantity.nanos, MILLI);
  return formatQuantity({ ...quantity, nanos: thousandths * MILLI });
}

function formatOf(suffix: string, exponent: string | undefined): Format {
  if (exponent !== undefined) return "DecimalExponent";
  return suffix.endsWith("i") ? "BinarySI" : "DecimalSI";
}

/** Billionths of `mantissa / 10^decimals × suffix`, rounded up. */
function scale(
  mantissa: bigint,
  decimals: number,
  suffix: string,
  exponent: string | undefined,
): bigint {
  const binaryPower = BINARY_SUFFIXES.indexOf(suffix);
  if (suffix.endsWith("i")) {
    return divideUp(mantissa * 1024n ** BigInt(binaryPower) * NANO, 10n ** BigInt(decimals));
  }
  const power = exponent === undefined
    ? DECIMAL_SUFFIXES.indexOf(suffix) * 3 - 9
    : Number(exponent);
  const shift = power - decimals + 9;
  return shift >= 0 ? mantissa * 10n ** BigInt(shift) : divideUp(mantissa, 10n ** BigInt(-shift));
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor === 0n ? quotient : quotient + 1n;
}

function binary(units: bigint): string {
  let power = 0;
  while (units % 1024n === 0n && power < BINARY_SUFFIXES.length - 1) {
    units /= 1024n;
    power++;
  }
  return `${units}${BINARY_SUFFIXES[power]}`;
}

function decimal(nanos: bigint, format: Format): string {
  let index = 0;
  while (nanos % 1000n === 0n && index < DECIMAL_SUFFIXES.length - 1) {
    nanos /= 1000n;
    index++;
  }
  if (format !== "DecimalExponent") return `${nanos}${DECIMAL_SUFFIXES[index]}`;
  const exponent = index * 3 - 9;
  return exponent === 0 ? `${nanos}` : `${nanos}e${exponent}`;
}
