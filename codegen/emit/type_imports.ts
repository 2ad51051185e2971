/** Resources with their types, and the imports of these in generated files. */
import type { ResourceInfo } from "../openapi/model.ts";

/** A resource together with the name of its TypeScript type. */
export interface TypedResource extends ResourceInfo {
  type: string;
  /** Whether the type is one of ours. */
  custom: boolean;
}

/** Imports of the types of resources, as a file in `src/ports` needs them. */
export function typeImports(
  resources: readonly TypedResource[],
  extra: readonly string[],
): string {
  const names = (custom: boolean) =>
    resources.filter((one) => one.custom === custom).map((one) => one.type);
  const kube = [...names(false), ...extra].sort().join(", ");
  return `import type { ${kube} } from "../kubernetes/types.gen.ts";
import type { ${names(true).join(", ")} } from "../api/types.gen.ts";`;
}
