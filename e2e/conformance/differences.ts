/**
 * Where two objects differ, one line of text for each place, in the form that the comparison of
 * recorded runs uses, so that one list of accepted differences serves both:
 * `StatefulSet/acid-x.spec.template.spec.containers[postgres].image: want "a", ours "b"`.
 */

const SHOWN_LENGTH = 200;

/** All places in which `ours` is not as the reference has it; `path` names the object. */
export function differencesOf(reference: unknown, ours: unknown, path: string): string[] {
  if (isList(reference) && isList(ours)) {
    const length = Math.max(reference.length, ours.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) => {
      const element = elementName(reference[index] ?? ours[index]);
      const at = element === undefined ? `${path}.${index}` : `${path}[${element}]`;
      return differencesOf(reference[index], ours[index], at);
    });
  }
  if (isRecord(reference) && isRecord(ours)) {
    const keys = new Set([...Object.keys(reference), ...Object.keys(ours)]);
    return [...keys].sort().flatMap((key) =>
      differencesOf(reference[key], ours[key], `${path}.${key}`)
    );
  }
  if (Object.is(reference, ours)) return [];
  if (ours === undefined) return [`${path}: missing (want ${shown(reference)})`];
  if (reference === undefined) return [`${path}: extra (${shown(ours)})`];
  return [`${path}: want ${shown(reference)}, ours ${shown(ours)}`];
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function elementName(element: unknown): string | undefined {
  return isRecord(element) && typeof element.name === "string" ? element.name : undefined;
}

function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, SHOWN_LENGTH);
}
