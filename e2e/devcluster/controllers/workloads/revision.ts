/**
 * Names for versions of a pod template (controllers; pure).
 *
 * A StatefulSet's revision hash equals the one of the real kube-controller-manager: FNV-1 over
 * the JSON of the template with sorted keys, as Go prints it, and the collision count. So pods
 * keep their revision when a StatefulSet moves between this controller and the real one.
 */
import type { PodTemplate } from "../../objects/pod.ts";

/** What a ControllerRevision of a StatefulSet holds. */
export function revisionData(template: PodTemplate): unknown {
  return sorted({ spec: { template: { ...template, $patch: "replace" } } });
}

/** The hash in a ControllerRevision's name. */
export function revisionHash(template: PodTemplate, collisionCount = 0): string {
  return safeEncode(fnv1(goJson(revisionData(template)) + collisionCount));
}

/** A hash for the `pod-template-hash` label; its value is this controller's own choice. */
export function templateHash(template: PodTemplate): string {
  return safeEncode(fnv1(goJson(sorted(template))));
}

/** The template that a revision stands for. */
export function templateOf(data: unknown): PodTemplate {
  const { $patch: _, ...template } = (data as { spec: { template: { $patch?: string } } }).spec
    .template;
  return template as PodTemplate;
}

/** The same data with the keys of every object in order. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, it]) => it !== undefined);
  entries.sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([key, it]) => [key, sorted(it)]));
}

/** JSON as Go's encoder writes it, which escapes what HTML would interpret. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (it) => "\\u" + it.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}

/** FNV-1, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = (Math.imul(hash, 0x01000193) ^ byte) >>> 0;
  }
  return hash;
}

/** No vowels, so that no hash spells a word. */
const SAFE_LETTERS = "bcdfghjklmnpqrstvwxz2456789";

function safeEncode(hash: number): string {
  return [...String(hash)]
    .map((digit) => SAFE_LETTERS[digit.charCodeAt(0) % SAFE_LETTERS.length])
    .join("");
}
