/** Recordings as people send them: JSON with each pass packed in it, alone or within a report. */

import type { KeptPass } from "./ring.ts";
import type { Recording } from "./recording.ts";

/** A kept pass in JSON: `packed` is base64 of gzip of a `Recording`. */
export type BundledPass = Omit<KeptPass, "packed"> & { readonly packed: string };

/** A kept pass as the debug API shows it. */
export function bundled({ packed, ...pass }: KeptPass): BundledPass {
  return {
    ...pass,
    packed: btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join("")),
  };
}

/** The passes of a bundle, of a report that has one, or of one pass. @throws TypeError */
export function passesOf(bundle: unknown): readonly BundledPass[] {
  const { recordings } = (bundle ?? {}) as { readonly recordings?: unknown };
  const list = Array.isArray(bundle) ? bundle : recordings ?? [bundle];
  if (!Array.isArray(list) || !list.every(isPass)) {
    throw new TypeError("it holds no recordings of passes");
  }
  return list;
}

function isPass(value: unknown): value is BundledPass {
  const { key, at, packed } = (value ?? {}) as Partial<BundledPass>;
  return [key, at, packed].every((text) => typeof text === "string");
}

/** What is packed in a pass. @throws TypeError */
export async function unpacked({ packed }: BundledPass): Promise<Recording> {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const text = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const recording: unknown = await new Response(text).json();
  const { format, input, plan } = (recording ?? {}) as Partial<Recording>;
  if (format !== 1 || typeof input !== "object" || typeof plan !== "string") {
    throw new TypeError("it is no recording that this version can read");
  }
  return { format, input, plan };
}
