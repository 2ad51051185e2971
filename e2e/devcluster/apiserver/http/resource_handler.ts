/** Answers requests for resources: verb by verb, in the form (object, Table, metadata) the client takes. */
import { methodNotAllowed, unknownResource } from "../model/api_error.ts";
import { objectBody, readBody } from "./body.ts";
import { deletedStatus, deleteObject, deleteOptions, type Deletion } from "../registry/delete.ts";
import type { JsonObject, KubeObject } from "../model/json.ts";
import { applyPatch } from "../registry/patch/apply_patch.ts";
import {
  getObject,
  listBody,
  listObjects,
  parseRevision,
  requireReached,
} from "../registry/read.ts";
import { isTrue } from "../model/request_info.ts";
import { handleSubresource } from "./subresources.ts";
import { metadataOnly, table } from "./table.ts";
import { strategyOf } from "../registry/strategies/strategies.ts";
import { present } from "../registry/versions.ts";
import { watchStream } from "./watch.ts";
import { createObject, replaceObject } from "../registry/write.ts";
import type { Write } from "../registry/write_request.ts";
import {
  formOf,
  jsonResponse,
  NO_TRANSFORM,
  objectResponse,
  type ResourceRequest,
  writeOf,
} from "./resource_request.ts";

function listResponse(request: ResourceRequest): Response {
  const { context, type, target, info } = request;
  const list = listObjects(
    context.store,
    type,
    type.namespaced ? target.namespace : "",
    info.query,
  );
  const items = list.items.map((item) => present(type, item));
  const body = listBody(type, { ...list, items });
  switch (formOf(request)) {
    case "table":
      return jsonResponse(
        table(type, items, body["metadata"] as JsonObject, info.query.get("includeObject")),
      );
    case "metadata":
      return jsonResponse({
        ...body,
        kind: "PartialObjectMetadataList",
        apiVersion: "meta.k8s.io/v1",
        items: items.map(metadataOnly),
      });
    default:
      return jsonResponse(body);
  }
}

function watchResponse(request: ResourceRequest): Response {
  const { context, type, target, info } = request;
  const form = formOf(request);
  const query = new URLSearchParams(info.query);
  if (target.name) query.set("fieldSelector", `metadata.name=${target.name}`);
  const show = (object: KubeObject): JsonObject => {
    const shown = present(type, object);
    if (form === "metadata") return metadataOnly(shown);
    if (form === "object") return shown;
    const metadata = { resourceVersion: shown.metadata.resourceVersion! };
    // A bookmark has no row: it is told by the Table's own revision.
    const rows = shown.metadata.name ? [shown] : [];
    return table(type, rows, metadata, info.query.get("includeObject"));
  };
  const stream = watchStream({
    store: context.store,
    type,
    namespace: type.namespaced ? target.namespace : "",
    query,
    present: show,
    register: (end) => {
      context.open.add(end);
      return () => context.open.delete(end);
    },
  });
  return new Response(stream, { headers: { "content-type": "application/json", ...NO_TRANSFORM } });
}

function deletionResponse(request: ResourceRequest, write: Write, deletion: Deletion): Response {
  const whole = !deletion.removed || strategyOf(request.type).returnsDeleted;
  return whole
    ? objectResponse(request, deletion.object)
    : jsonResponse(deletedStatus(write, deletion.object));
}

async function deleteOne(request: ResourceRequest): Promise<Response> {
  const write = writeOf(request);
  const body = objectBody(await readBody(request.request));
  if (Array.isArray(body["dryRun"]) && body["dryRun"].includes("All")) write.dryRun = true;
  const options = deleteOptions(body, request.info.query);
  return deletionResponse(request, write, deleteObject(write, request.target.name, options));
}

async function deleteMany(request: ResourceRequest): Promise<Response> {
  const { context, type, target, info } = request;
  const write = writeOf(request);
  const body = objectBody(await readBody(request.request));
  if (Array.isArray(body["dryRun"]) && body["dryRun"].includes("All")) write.dryRun = true;
  const namespace = type.namespaced ? target.namespace : "";
  const list = listObjects(context.store, type, namespace, info.query);
  const items: KubeObject[] = [];
  for (const object of list.items) {
    const one = { ...write, namespace: object.metadata.namespace ?? "" };
    // Gone in the meantime is as good as deleted.
    if (!context.store.get(type.storageKey, object.metadata.namespace, object.metadata.name!)) {
      continue;
    }
    items.push(deleteObject(one, object.metadata.name!, deleteOptions(body, info.query)).object);
  }
  return jsonResponse(
    listBody(type, { items: items.map((item) => present(type, item)), revision: list.revision }),
  );
}

async function writeRequest(request: ResourceRequest): Promise<Response> {
  const { info, target } = request;
  const write = writeOf(request);
  switch (info.verb) {
    case "create": {
      if (target.name) throw methodNotAllowed();
      const object = createObject(write, objectBody(await readBody(request.request)));
      return objectResponse(request, object, 201);
    }
    case "update": {
      if (!target.name) throw methodNotAllowed();
      const body = objectBody(await readBody(request.request));
      const { object, created } = replaceObject(write, target.name, target.subresource, body);
      return objectResponse(request, object, created ? 201 : 200);
    }
    default: {
      if (!target.name) throw methodNotAllowed();
      const contentType = request.request.headers.get("content-type") ?? "";
      const { object, created } = applyPatch(write, {
        name: target.name,
        subresource: target.subresource,
        contentType: contentType.split(";")[0]!.trim(),
        patch: await readBody(request.request),
        force: isTrue(info.query.get("force")),
        fieldManager: info.query.get("fieldManager") ?? "",
      });
      return objectResponse(request, object, created ? 201 : 200);
    }
  }
}

function checkVerb(request: ResourceRequest): void {
  const { type, info, target } = request;
  const verbs = target.subresource ? type.subresources.get(target.subresource)?.verbs : type.verbs;
  if (!verbs) throw unknownResource();
  const verb = info.verb === "watch" && target.subresource ? "get" : info.verb;
  if (!verbs.includes(verb)) throw methodNotAllowed();
}

/** Answers a request for a resource. @throws ApiError for everything that fails. */
export async function handleResource(request: ResourceRequest): Promise<Response> {
  const { context, info, target, type } = request;
  checkVerb(request);
  if (target.subresource && target.subresource !== "status") {
    return await handleSubresource(request);
  }
  if (!type.verbs.includes("get")) return await handleSubresource(request);
  switch (info.verb) {
    case "get":
      requireReached(context.store, parseRevision(info.query.get("resourceVersion")));
      return objectResponse(request, getObject(context.store, type, target.namespace, target.name));
    case "list":
      return listResponse(request);
    case "watch":
      return watchResponse(request);
    case "delete":
      return await deleteOne(request);
    case "deletecollection":
      return await deleteMany(request);
    default:
      return await writeRequest(request);
  }
}
