/** Subresources with an answer of their own: scale, binding, eviction, token, finalize, streams; and reviews. */
import { review } from "./access_reviews.ts";
import {
  ApiError,
  badRequest,
  conflict,
  invalid,
  notFound,
  unknownResource,
} from "../model/api_error.ts";
import { API_AUDIENCE } from "../auth/authn.ts";
import { objectBody, readBody } from "./body.ts";
import { decodeBuiltin } from "../kubernetes/decode.ts";
import { deleteObject, deleteOptions, finishIfReleased } from "../registry/delete.ts";
import {
  ensureObject,
  isObject,
  type JsonObject,
  type KubeObject,
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  stringAt,
} from "../model/json.ts";
import { applyPatchTo } from "../registry/patch/apply_patch.ts";
import { getObject } from "../registry/read.ts";
import { jsonResponse, objectResponse, type ResourceRequest, writeOf } from "./resource_request.ts";
import { groupVersion } from "../model/resource_type.ts";
import { scaleOf, withReplicas } from "../model/scale.ts";
import { type Labels, labelSelectorPredicate } from "../model/selectors.ts";
import { relayToKubelet } from "./streams/relay.ts";
import { trackUpdate } from "../registry/managed_fields/manager.ts";
import { invalidValue } from "../registry/validate_metadata.ts";
import { updateObject } from "../registry/write.ts";
import { kubeTime } from "../../objects/time.ts";

async function bodyOf(request: ResourceRequest): Promise<JsonObject> {
  return objectBody(await readBody(request.request));
}

function target(request: ResourceRequest): KubeObject {
  return getObject(
    request.context.store,
    request.type,
    request.target.namespace,
    request.target.name,
  );
}

async function handleScale(request: ResourceRequest): Promise<Response> {
  const { info, type } = request;
  const current = target(request);
  if (info.verb === "get") return jsonResponse(scaleOf(type, current));
  const scale = info.verb === "update"
    ? await bodyOf(request)
    : applyPatchTo(scaleOf(type, current), {
      contentType: (request.request.headers.get("content-type") ?? "").split(";")[0]!.trim(),
      patch: await readBody(request.request),
    });
  const replicas = numberAt(objectAt(scale, "spec"), "replicas") ?? 0;
  if (replicas < 0) {
    throw invalid({ group: "autoscaling", kind: "Scale", name: request.target.name }, [
      invalidValue("spec.replicas", replicas, "must be greater than or equal to 0"),
    ]);
  }
  const revision = stringAt(objectAt(scale, "metadata"), "resourceVersion");
  const updated = updateObject(writeOf(request), {
    name: request.target.name,
    subresource: "",
    change: (object) => {
      const changed = withReplicas(type, object, replicas);
      if (revision) changed.metadata.resourceVersion = revision;
      return changed;
    },
  });
  return jsonResponse(scaleOf(type, updated));
}

function success(status = 201): Response {
  return jsonResponse({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    code: status,
  }, status);
}

async function handleBinding(request: ResourceRequest): Promise<Response> {
  const body = await bodyOf(request);
  const name = request.target.name || stringAt(objectAt(body, "metadata"), "name");
  const pods = request.context.registry.find("", "v1", "pods")!;
  const node = stringAt(objectAt(body, "target"), "name");
  const store = request.context.store;
  const pod = getObject(store, pods, request.target.namespace, name);
  const bound = stringAt(objectAt(pod, "spec"), "nodeName");
  if (bound) {
    throw conflict(
      { group: "", kind: "pods/binding", name },
      `pod ${name} is already assigned to node "${bound}"`,
    );
  }
  const changed = structuredClone(pod);
  ensureObject(changed, "spec")["nodeName"] = node;
  const status = ensureObject(changed, "status");
  const others = objectsAt(status, "conditions").filter((item) => item["type"] !== "PodScheduled");
  const now = kubeTime();
  status["conditions"] = [...others, {
    type: "PodScheduled",
    status: "True",
    lastProbeTime: null,
    lastTransitionTime: now,
  }];
  store.put(pods.storageKey, changed);
  return success();
}

/** A pod's budgets: those that select it. */
function budgetsOf(request: ResourceRequest, pod: KubeObject): KubeObject[] {
  return request.context.store.list("policy/poddisruptionbudgets", pod.metadata.namespace).filter((
    budget,
  ) =>
    labelSelectorPredicate(objectAt(budget, "spec")["selector"])(
      (pod.metadata.labels ?? {}) as Labels,
    )
  );
}

function checkBudgets(request: ResourceRequest, pod: KubeObject): void {
  const budgets = budgetsOf(request, pod);
  if (budgets.length > 1) {
    throw new ApiError(
      500,
      "InternalError",
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    );
  }
  const [budget] = budgets;
  if (!budget) return;
  const status = objectAt(budget, "status");
  const name = budget.metadata.name!;
  if ((numberAt(status, "observedGeneration") ?? 0) < (budget.metadata.generation ?? 0)) {
    throw disruptionRefused(
      `The disruption budget ${name} is still being processed by the server.`,
      10,
    );
  }
  const allowed = numberAt(status, "disruptionsAllowed") ?? 0;
  if (allowed <= 0) {
    throw disruptionRefused(
      `The disruption budget ${name} needs ${
        numberAt(status, "desiredHealthy") ?? 0
      } healthy pods and has ` +
        `${numberAt(status, "currentHealthy") ?? 0} currently`,
    );
  }
  const changed = structuredClone(budget);
  const next = ensureObject(changed, "status");
  next["disruptionsAllowed"] = allowed - 1;
  next["disruptedPods"] = {
    ...objectAt(next, "disruptedPods"),
    [pod.metadata.name!]: kubeTime(),
  };
  request.context.store.put("policy/poddisruptionbudgets", changed);
}

function disruptionRefused(why: string, retryAfterSeconds?: number): ApiError {
  return new ApiError(
    429,
    "TooManyRequests",
    "Cannot evict pod as it would violate the pod's disruption budget.",
    {
      details: {
        causes: [{ reason: "DisruptionBudget", message: why }],
        ...(retryAfterSeconds ? { retryAfterSeconds } : {}),
      },
      ...(retryAfterSeconds ? { headers: { "retry-after": String(retryAfterSeconds) } } : {}),
    },
  );
}

async function handleEviction(request: ResourceRequest): Promise<Response> {
  const body = await bodyOf(request);
  const pod = target(request);
  const phase = stringAt(objectAt(pod, "status"), "phase");
  const finished = phase === "Succeeded" || phase === "Failed" || phase === "Pending";
  if (!finished && !pod.metadata.deletionTimestamp) checkBudgets(request, pod);
  deleteObject(
    writeOf(request),
    request.target.name,
    deleteOptions(objectAt(body, "deleteOptions"), new URLSearchParams()),
  );
  return success();
}

const MIN_TOKEN_SECONDS = 600;

async function handleToken(request: ResourceRequest): Promise<Response> {
  const body = await bodyOf(request);
  const account = target(request);
  const spec = objectAt(body, "spec");
  const expirationSeconds = numberAt(spec, "expirationSeconds") ?? 3600;
  if (expirationSeconds < MIN_TOKEN_SECONDS) {
    throw invalid({ group: "authentication.k8s.io", kind: "TokenRequest", name: "" }, [
      invalidValue(
        "spec.expirationSeconds",
        expirationSeconds,
        "may not specify a duration less than 10 minutes",
      ),
    ]);
  }
  const bound = objectAt(spec, "boundObjectRef");
  const audiences = listAt(spec, "audiences").map(String);
  const { namespace, name, uid } = account.metadata;
  const pod = bound["kind"] === "Pod" ? boundPod(request, stringAt(bound, "name")) : undefined;
  const { token, expires } = request.context.authenticator.issue({
    namespace: namespace!,
    serviceAccount: { name: name!, uid: uid! },
    ...(pod ? { pod: { name: pod.metadata.name!, uid: pod.metadata.uid! } } : {}),
    audiences,
    expirationSeconds,
  });
  return jsonResponse({
    kind: "TokenRequest",
    apiVersion: "authentication.k8s.io/v1",
    metadata: {
      name: name!,
      namespace: namespace!,
      creationTimestamp: kubeTime(),
    },
    spec: {
      audiences: audiences.length > 0 ? audiences : [API_AUDIENCE],
      expirationSeconds,
      boundObjectRef: isObject(spec["boundObjectRef"]) ? spec["boundObjectRef"] : null,
    },
    status: { token, expirationTimestamp: kubeTime(expires) },
  }, 201);
}

function boundPod(request: ResourceRequest, name: string): KubeObject {
  const pod = request.context.store.get("/pods", request.target.namespace, name);
  if (!pod) throw notFound({ group: "", kind: "pods", name });
  return pod;
}

/** A namespace goes when its spec's finalizers are gone; only this subresource changes them. */
async function handleFinalize(request: ResourceRequest): Promise<Response> {
  const body = await bodyOf(request);
  const current = target(request);
  const { object } = decodeBuiltin(
    { apiVersion: "v1", kind: "Namespace", ...body },
    request.type.schema,
  );
  const changed: KubeObject = { ...current, spec: object["spec"] ?? {} };
  const finished = finishIfReleased(writeOf(request), changed);
  return objectResponse(
    request,
    finished ?? request.context.store.put(request.type.storageKey, changed),
  );
}

async function handleReview(request: ResourceRequest): Promise<Response> {
  const { type } = request;
  const body = await bodyOf(request);
  const named = { ...body, kind: type.kind, apiVersion: groupVersion(type) };
  const answer = review(request.context, type.kind, request.user, named);
  if (!answer) throw unknownResource();
  const metadata = objectAt(named, "metadata");
  const tracked = trackUpdate({
    ...writeOf(request),
    object: { ...named, metadata } as KubeObject,
    subresource: "",
  });
  return jsonResponse({ ...answer, metadata: tracked.metadata }, 201);
}

/** Answers what the generic handler leaves. @throws ApiError. */
export async function handleSubresource(request: ResourceRequest): Promise<Response> {
  const { subresource, plural } = request.target;
  switch (subresource) {
    case "":
      return plural === "bindings" ? await handleBinding(request) : await handleReview(request);
    case "scale":
      return await handleScale(request);
    case "binding":
      return await handleBinding(request);
    case "eviction":
      return await handleEviction(request);
    case "token":
      return await handleToken(request);
    case "finalize":
      return await handleFinalize(request);
    case "exec":
    case "portforward":
    case "log":
      return await relayToKubelet(request, target(request));
    case "ephemeralcontainers":
    case "approval":
      throw badRequest(`this server has no subresource ${subresource}`);
    default:
      throw unknownResource();
  }
}
