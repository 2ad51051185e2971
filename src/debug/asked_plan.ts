/**
 * What the operator would do for a manifest that is not stored: one question at a time, because it
 * costs the API server as many reads as a pass without caches. Off unless a flag says otherwise.
 */

import type { Context } from "hono";

/** Gives a plan for a manifest, as plain data without secrets. */
export type Planner = (manifest: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** Makes the answer to `POST /clusters/{namespace}/{name}/plan`. */
export function createPlanAnswer(
  planner: () => Planner | undefined,
): (c: Context) => Promise<Response> {
  let busy = false;
  return async (c) => {
    const plan = planner();
    const refuse = (status: 400 | 403 | 415 | 422 | 503, error: string) =>
      c.json({ error }, status);
    if (plan === undefined) {
      return refuse(403, "this operator plans for nobody; --plan-requests lets it");
    }
    // A form of a page in somebody's browser cannot send this type unasked.
    if (!/^application\/json\b/.test(c.req.header("content-type") ?? "")) {
      return refuse(415, "the manifest must be application/json");
    }
    const manifest = manifestIn(await c.req.text(), c.req.param());
    if (manifest === undefined) return refuse(400, "the body is no manifest in JSON");
    if (busy) return refuse(503, "another plan is being made; try again");
    busy = true;
    try {
      return c.json(await plan(manifest) as object);
    } catch (error) {
      return refuse(422, error instanceof Error ? error.message : String(error));
    } finally {
      busy = false;
    }
  };
}

/** The address says which cluster it is about, whatever stands in the body. */
function manifestIn(
  text: string,
  { namespace = "", name = "" }: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || !isRecord(value["spec"])) return undefined;
  const { labels, annotations } = isRecord(value["metadata"]) ? value["metadata"] : {};
  return {
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    metadata: {
      namespace,
      name,
      ...(isRecord(labels) ? { labels } : {}),
      ...(isRecord(annotations) ? { annotations } : {}),
    },
    spec: value["spec"],
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
