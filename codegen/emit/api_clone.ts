/** `src/api/clone.gen.ts`: deep clones of our custom resources. */
import { apiVersionOf, type CrdModel } from "../openapi/model.ts";
import { apiSchemas } from "./api_schemas.ts";
import { TYPE_NAMES } from "./api_names.ts";
import { cloneName, emitCloneFunctions } from "./clone.ts";

/** Emits the clone functions of all custom resources. */
export function emitApiClone(crds: readonly CrdModel[]): string {
  const { schemas, external } = apiSchemas(crds);
  const functions = emitCloneFunctions({ schemas, external: new Set(external) });
  const own = Object.keys(schemas).filter((name) => schemas[name]!.properties);
  const shared = ["cloneFlat", "cloneJson", "cloneKubeObject", "cloneList", "cloneMap", "isObject"];
  const imported = [...external.map(cloneName), ...shared]
    .filter((name) => name === "cloneKubeObject" || new RegExp(`\\b${name}\\b`).test(functions));
  const rows = crds.map(({ resource }) => {
    const type = TYPE_NAMES[resource.kind]![""]!;
    const key = `${apiVersionOf(resource)}/${resource.kind}`;
    return `  ${JSON.stringify(key)}: (from) => ${cloneName(type)}(from as ${type}),`;
  });
  return `import { ${imported.join(", ")} } from "../kubernetes/clone.gen.ts";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import type { ${own.join(", ")} } from "./types.gen.ts";

const CLONES: Readonly<Record<string, (from: KubeObject) => KubeObject>> = {\n${rows.join("\n")}\n};

/** A deep copy of an object of any kind: one of ours, or one of Kubernetes. */
export function cloneObject<T extends KubeObject>(from: T): T {
  const clone = CLONES[\`\${from.apiVersion}/\${from.kind}\`];
  return clone ? clone(from) as T : cloneKubeObject(from);
}

${functions}`;
}
