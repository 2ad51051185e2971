/** Copies of our CRDs: as a TypeScript constant, for registration at start, and for manifests and chart. */
import type { CrdModel } from "../openapi/model.ts";

/** Emits `src/api/crds.gen.ts`: the definitions that the operator registers. */
export function emitCrdConstants(crds: readonly CrdModel[]): string {
  const rows = crds.map(({ manifest }) => `  ${JSON.stringify(manifest)},`).join("\n");
  return `import type { CustomResourceDefinition } from "../kubernetes/types.gen.ts";

/** The definitions of our custom resources, as the operator registers them. */
export const CRDS: readonly CustomResourceDefinition[] = [\n${rows}\n];\n`;
}

/** Returns the text of a CRD file without its leading comment. */
export function crdCopy(text: string): string {
  return text.replace(/^(#.*\n)*/, "");
}
