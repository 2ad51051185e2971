/**
 * Resource quantities in Kubernetes' canonical form ("1000m" is stored as "1", "1024Mi" as "1Gi").
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */

const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const NANO = 10n ** 9n;

interface Quantity {
  /** Value in units of 10^-9, which is the smallest that Kubernetes keeps. */
  nano: bigint;
  format: "decimal" | "binary" | "exponent";
}

/** Parses a quantity, or undefined when it is none. */
export function parseQuantity(text: string): Quantity | undefined {
  const match = text.trim().match(
    /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$/,
  );
  if (!match || (match[2] === "" && !match[3])) return undefined;
  const [, sign, whole, fraction = "", suffix = ""] = match;
  const digits = BigInt((whole ?? "") + fraction || "0");
  let numerator = digits * NANO;
  let denominator = 10n ** BigInt(fraction.length);
  let format: Quantity["format"] = "decimal";
  if (BINARY.indexOf(suffix) > 0) {
    format = "binary";
    numerator *= 1024n ** BigInt(BINARY.indexOf(suffix));
  } else if (/^[eE][+-]?\d+$/.test(suffix)) {
    format = "exponent";
    const exponent = Number(suffix.slice(1));
    if (exponent >= 0) numerator *= 10n ** BigInt(exponent);
    else denominator *= 10n ** BigInt(-exponent);
  } else {
    const power = (DECIMAL.indexOf(suffix) - 3) * 3;
    if (power >= 0) numerator *= 10n ** BigInt(power);
    else denominator *= 10n ** BigInt(-power);
  }
  // Kubernetes rounds away from zero below one nano.
  const nano = (numerator + denominator - 1n) / denominator;
  return { nano: sign === "-" ? -nano : nano, format };
}

/** The canonical text, or undefined when the value is no quantity. */
export function canonicalQuantity(value: string | number): string | undefined {
  const quantity = parseQuantity(String(value));
  if (!quantity) return undefined;
  const negative = quantity.nano < 0n;
  const nano = negative ? -quantity.nano : quantity.nano;
  const sign = negative ? "-" : "";
  if (nano === 0n) return "0";
  if (quantity.format === "binary" && nano >= 1024n * NANO) return sign + binaryText(nano);
  return sign + decimalText(nano, quantity.format === "exponent");
}

function binaryText(nano: bigint): string {
  let value = (nano + NANO - 1n) / NANO;
  let power = 0;
  while (power < BINARY.length - 1 && value % 1024n === 0n) {
    value /= 1024n;
    power++;
  }
  return `${value}${BINARY[power]}`;
}

function decimalText(nano: bigint, exponent: boolean): string {
  let value = nano;
  let index = 0;
  while (index < DECIMAL.length - 1 && value % 1000n === 0n) {
    value /= 1000n;
    index++;
  }
  if (!exponent) return `${value}${DECIMAL[index]}`;
  const power = (index - 3) * 3;
  return power === 0 ? String(value) : `${value}e${power}`;
}
