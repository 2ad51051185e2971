/**
 * TypeScript types from schemas. `openapi-typescript` makes the types; here its one big `components`
 * interface is taken apart into exported declarations with plain names. Kinds become type aliases (so that
 * they are assignable to `KubeObject`), everything else interfaces.
 */
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";
import type { Schema, Schemas } from "../openapi/model.ts";
import { mapSchema } from "../openapi/refs.ts";

/** Returns TypeScript declarations for all `schemas`, in their order, without the names in `external`. */
export async function emitTypes(
  schemas: Schemas,
  options: { aliases: ReadonlySet<string>; external?: readonly string[] },
): Promise<string> {
  const external = options.external ?? [];
  const stubs = Object.fromEntries(external.map((name) => [name, { type: "string" } as Schema]));
  const document = {
    openapi: "3.0.0",
    info: { title: "schemas", version: "v1" },
    paths: {},
    components: { schemas: { ...mapValues(schemas, plainSchema), ...stubs } },
  };
  const nodes = await openapiTS(JSON.stringify(document), {
    defaultNonNullable: false,
    emptyObjectsUnknown: true,
    silent: true,
  });
  const skip = new Set(external);
  return schemaMembers(nodes).filter((member) => !skip.has(nameOf(member)))
    .map((member) => declaration(member, options.aliases)).join("\n");
}

/** Rewrites what openapi-typescript would read differently from the Kubernetes meaning. */
function plainSchema(schema: Schema): Schema {
  return mapSchema(schema, (node) => {
    if (node["x-kubernetes-int-or-string"] || node.format === "int-or-string") {
      return { ...pickDescription(node), oneOf: [{ type: "integer" }, { type: "string" }] };
    }
    const { default: _default, format: _format, anyOf: _anyOf, not: _not, ...rest } = node;
    return node.properties ? rest : { ...rest, ...(node.anyOf ? { anyOf: node.anyOf } : {}) };
  });
}

function pickDescription(node: Schema): Schema {
  return node.description ? { description: node.description } : {};
}

/** Finds the members of `components.schemas` in what openapi-typescript returns. */
function schemaMembers(nodes: readonly ts.Node[]): ts.PropertySignature[] {
  for (const node of nodes) {
    if (!ts.isInterfaceDeclaration(node) || node.name.text !== "components") continue;
    for (const member of node.members) {
      if (!ts.isPropertySignature(member) || nameOf(member) !== "schemas" || !member.type) continue;
      if (ts.isTypeLiteralNode(member.type)) {
        return member.type.members.filter(ts.isPropertySignature);
      }
    }
  }
  throw new Error("cannot read the types made by openapi-typescript: no components.schemas");
}

function nameOf(member: ts.PropertySignature): string {
  const name = member.name;
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : "";
}

function declaration(member: ts.PropertySignature, aliases: ReadonlySet<string>): string {
  const name = nameOf(member);
  const modifiers = [ts.factory.createModifier(ts.SyntaxKind.ExportKeyword)];
  const type = member.type!;
  const asInterface = ts.isTypeLiteralNode(type) && !aliases.has(name);
  const node = asInterface
    ? ts.factory.createInterfaceDeclaration(modifiers, name, undefined, undefined, type.members)
    : ts.factory.createTypeAliasDeclaration(modifiers, name, undefined, type);
  const text = astToString(node as unknown as ts.TypeNode).trim();
  return text.replace(/components\["schemas"\]\["([^"]+)"\]/g, "$1")
    .replace(/^ *\/\*\* @enum \{string\} \*\/\n|^ *\* @enum \{string\}\n/gm, "")
    .replace(/^( *(?:\/\*)?\*) @description /gm, "$1 ") + "\n";
}

function mapValues(schemas: Schemas, change: (schema: Schema) => Schema): Schemas {
  return Object.fromEntries(Object.entries(schemas).map(([name, value]) => [name, change(value)]));
}
