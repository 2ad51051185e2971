/** The description of the debug API, made of its table of pages: `/openapi.json`. */

import { toJsonSchema } from "@valibot/to-json-schema";
import type { Route } from "./routes.ts";
import { ErrorShape } from "./shapes.ts";

/** OpenAPI 3.1 of the pages; `version` is the operator's. */
export function describeApi(routes: readonly Route[], version: string): unknown {
  return {
    openapi: "3.1.0",
    info: {
      title: "Debug API of the Postgres operator",
      version,
      description: "Read-only. Every answer comes from memory and holds no secret.",
    },
    paths: Object.fromEntries(routes.map((route) => [route.path, { get: operation(route) }])),
    components: { schemas: { Error: schemaOf(ErrorShape) } },
  };
}

function operation({ path, summary, answer }: Route): unknown {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  const error = { content: content({ $ref: "#/components/schemas/Error" }) };
  return {
    operationId: path.split(/\W+/).filter((word) => word !== "").join("_"),
    summary,
    parameters: names.map((name) => ({
      name,
      in: "path",
      required: true,
      schema: { type: "string" },
    })),
    responses: {
      "200": { description: summary, content: content(schemaOf(answer)) },
      ...(names.length === 0 ? {} : { "404": { description: "It is not known", ...error } }),
    },
  };
}

function content(schema: unknown): unknown {
  return { "application/json": { schema } };
}

function schemaOf(shape: Route["answer"]): unknown {
  const { $schema: _dialect, ...schema } = toJsonSchema(shape);
  return schema;
}
