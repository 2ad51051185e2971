/** `src/api/types.gen.ts`: our custom resources as types. */
import type { CrdModel } from "../openapi/model.ts";
import { apiSchemas } from "./api_schemas.ts";
import { emitTypes } from "./types.ts";

/** Emits the types of all custom resources. */
export async function emitApiTypes(crds: readonly CrdModel[]): Promise<string> {
  const { schemas, kinds, external } = apiSchemas(crds);
  const types = await emitTypes(schemas, { aliases: new Set(kinds), external });
  return `import type { ${external.join(", ")} } from "../kubernetes/types.gen.ts";\n\n${types}`;
}
