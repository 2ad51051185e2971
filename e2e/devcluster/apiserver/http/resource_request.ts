/** One request for a resource, and the forms of its answer. */
import type { ApiContext } from "./api_context.ts";
import type { RequestInfo } from "../model/request_info.ts";
import type { KubeObject } from "../model/json.ts";
import type { ResourceType } from "../model/resource_type.ts";
import type { User } from "../auth/authn.ts";
import { promptBody } from "./prompt_body.ts";
import type { FieldValidation, Write } from "../registry/write_request.ts";
import { acceptedForm, type Form, metadataOnly, table } from "./table.ts";
import { present } from "../registry/versions.ts";

export interface ResourceRequest {
  context: ApiContext;
  info: RequestInfo;
  target: NonNullable<RequestInfo["resource"]>;
  type: ResourceType;
  request: Request;
  user: User;
  warnings: string[];
}

/** Deno would compress the body, and so split it again. */
export const NO_TRANSFORM = { "cache-control": "no-cache, private, no-transform" };

/** A JSON answer. */
export function jsonResponse(
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): Response {
  return new Response(promptBody(JSON.stringify(body) + "\n"), {
    status,
    headers: { "content-type": "application/json", ...NO_TRANSFORM, ...headers },
  });
}

/** What all writes of a request share. */
export function writeOf(request: ResourceRequest): Write {
  const { info, context, type, target } = request;
  const agent = request.request.headers.get("user-agent") ?? "unknown";
  const manager = info.query.get("fieldManager") || agent.split("/")[0]!.slice(0, 128);
  const validation = info.query.get("fieldValidation") as FieldValidation | null;
  return {
    store: context.store,
    registry: context.registry,
    serviceNetwork: context.serviceNetwork,
    user: request.user,
    warnings: request.warnings,
    dryRun: info.query.getAll("dryRun").includes("All"),
    type,
    namespace: type.namespaced ? target.namespace : "",
    manager,
    fieldValidation: validation || "Warn",
    now: new Date(),
  };
}

/** The form that the client asks for. */
export function formOf(request: ResourceRequest): Form {
  return acceptedForm(request.request.headers.get("accept") ?? "");
}

/** Answers with one object. */
export function objectResponse(
  request: ResourceRequest,
  object: KubeObject,
  status = 200,
): Response {
  const shown = present(request.type, object);
  switch (formOf(request)) {
    case "table": {
      const metadata = { resourceVersion: shown.metadata.resourceVersion! };
      const include = request.info.query.get("includeObject");
      return jsonResponse(table(request.type, [shown], metadata, include), status);
    }
    case "metadata":
      return jsonResponse(metadataOnly(shown), status);
    default:
      return jsonResponse(shown, status);
  }
}
