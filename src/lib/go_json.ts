/**
 * JSON as Go's encoding/json writes it: map keys sorted by bytes, `<`, `>`, `&` and the two line
 * separators escaped. Texts in pod templates must be equal to the byte, otherwise pods restart for
 * nothing.
 */

/** A `Map` is a map of Go and gets sorted; a plain object is a struct and keeps its order. */
export type GoJson =
  | string
  | number
  | boolean
  | readonly GoJson[]
  | ReadonlyMap<string, GoJson>
  | { readonly [field: string]: GoJson | undefined };

// Go knows the short forms \b \f \n \r \t, as JSON.stringify does; these it escapes besides.
const GO_ESCAPES = /[<>&\u2028\u2029]/g;

/** Compact JSON text with Go's escapes; fields of a struct whose value is undefined are left out. */
export function goJson(value: GoJson): string {
  if (typeof value === "string") return quote(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(goJson).join(",")}]`;
  if (value instanceof Map) {
    return object([...value].sort(([a], [b]) => compareUtf8(a, b)));
  }
  return object(Object.entries(value));
}

/** Turns a record into what `goJson` writes as a map of Go. */
export function goMap<T extends GoJson>(record: Readonly<Record<string, T>>): Map<string, T> {
  return new Map(Object.entries(record));
}

/** Orders strings like Go does: by bytes of UTF-8, that is by code point. */
export function compareUtf8(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/**
 * The number that Go prints for a 32-bit float: the shortest decimal that reads back as the same
 * float (2^30 prints as 1073741800).
 */
export function float32(value: number): number {
  const single = Math.fround(value);
  for (let digits = 1; digits <= 9; digits++) {
    const shorter = Number(single.toPrecision(digits));
    if (Math.fround(shorter) === single) return shorter;
  }
  return single;
}

function quote(text: string): string {
  return JSON.stringify(text).replace(
    GO_ESCAPES,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function object(entries: readonly (readonly [string, GoJson | undefined])[]): string {
  const fields = entries.flatMap(([key, value]) =>
    value === undefined ? [] : [`${quote(key)}:${goJson(value)}`]
  );
  return `{${fields.join(",")}}`;
}
