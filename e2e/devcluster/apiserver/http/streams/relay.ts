/**
 * exec, logs and port-forward: passed on to the kubelet of the pod's node, as kube-apiserver does.
 * Frames are not looked at; both sides agree on the protocol (v4/v5 channels, SPDY in WebSocket).
 * The kubelet says where it listens in an annotation of its Node.
 */
import { ApiError, badRequest } from "../../model/api_error.ts";
import { type KubeObject, objectAt, objectsAt, stringAt } from "../../model/json.ts";
import type { ResourceRequest } from "../resource_request.ts";
import { connectWebSocket, UpgradeRefused, type WebSocketPeer } from "./websocket_client.ts";

const KUBELET_ANNOTATION = "devcluster/kubelet-url";
const VERBS: Record<string, string> = {
  exec: "exec",
  portforward: "portForward",
  log: "containerLogs",
};

function kubeletBase(request: ResourceRequest, pod: KubeObject): string {
  const nodeName = stringAt(objectAt(pod, "spec"), "nodeName");
  const name = pod.metadata.name!;
  if (!nodeName) throw badRequest(`pod ${name} does not have a host assigned`);
  const node = request.context.store.get("/nodes", undefined, nodeName);
  const annotated = node?.metadata.annotations?.[KUBELET_ANNOTATION];
  if (annotated) return annotated;
  throw new ApiError(
    500,
    "InternalError",
    `Internal error occurred: cannot reach the kubelet of node ${nodeName}: it has no annotation ${KUBELET_ANNOTATION}`,
  );
}

/** The container meant: the one asked for, the annotated default, or the only one. */
function containerOf(request: ResourceRequest, pod: KubeObject): string {
  const spec = objectAt(pod, "spec");
  const names = ["initContainers", "containers", "ephemeralContainers"].flatMap((key) =>
    objectsAt(spec, key).map((container) => stringAt(container, "name"))
  );
  const wanted = request.info.query.get("container");
  const podName = pod.metadata.name!;
  if (wanted) {
    if (names.includes(wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${podName}`);
  }
  const containers = objectsAt(spec, "containers").map((container) => stringAt(container, "name"));
  if (containers.length === 1) return containers[0]!;
  throw badRequest(
    `a container name must be specified for pod ${podName}, choose one of: [${
      containers.join(" ")
    }]`,
  );
}

function kubeletUrl(request: ResourceRequest, pod: KubeObject): URL {
  const { subresource } = request.target;
  const { namespace, name } = pod.metadata;
  const parts = [VERBS[subresource]!, namespace!, name!];
  if (subresource !== "portforward") parts.push(containerOf(request, pod));
  const url = new URL(`${kubeletBase(request, pod)}/${parts.map(encodeURIComponent).join("/")}`);
  for (const [key, value] of request.info.query) {
    if (key !== "container") url.searchParams.append(key, value);
  }
  return url;
}

async function relayLogs(request: ResourceRequest, pod: KubeObject): Promise<Response> {
  const url = kubeletUrl(request, pod);
  const response = await fetch(url);
  if (response.ok) {
    return new Response(response.body, { headers: { "content-type": "text/plain" } });
  }
  const text = (await response.text()).trim();
  throw new ApiError(response.status, response.status === 404 ? "NotFound" : "BadRequest", text);
}

/** Relays a log, a command or a port. @throws ApiError when the kubelet cannot be reached or refuses. */
export async function relayToKubelet(request: ResourceRequest, pod: KubeObject): Promise<Response> {
  if (request.target.subresource === "log") return await relayLogs(request, pod);
  const upgrade = request.request.headers.get("upgrade")?.toLowerCase();
  if (upgrade !== "websocket") {
    throw badRequest(
      "you must specify a WebSocket upgrade: this server does not speak raw SPDY (kubectl 1.31 or newer does)",
    );
  }
  const offered = request.request.headers.get("sec-websocket-protocol") ?? "";
  const url = kubeletUrl(request, pod);
  const upstream = await connect(url, offered);
  // The protocol is put in by hand: Deno compares it with the whole list of the request.
  const { socket, response } = Deno.upgradeWebSocket(request.request, { idleTimeout: 0 });
  if (upstream.protocol) response.headers.set("sec-websocket-protocol", upstream.protocol);
  join(request, socket, upstream);
  return response;
}

async function connect(url: URL, offered: string): Promise<WebSocketPeer> {
  try {
    return await connectWebSocket(url, offered);
  } catch (error) {
    const refused = error instanceof UpgradeRefused ? error.body.trim() : (error as Error).message;
    throw new ApiError(500, "InternalError", `Internal error occurred: ${refused}`);
  }
}

/** Bytes that may wait for a slow client before the kubelet has to wait. */
const HIGH_WATER = 4 * 1024 * 1024;

function join(request: ResourceRequest, socket: WebSocket, upstream: WebSocketPeer): void {
  const { open } = request.context;
  const end = () => {
    open.delete(end);
    upstream.close();
    if (socket.readyState === WebSocket.OPEN) socket.close(1000);
  };
  open.add(end);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => {
    upstream.send(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer)).catch(end);
  };
  socket.onclose = end;
  socket.onerror = end;
  socket.onopen = () => {
    pump(socket, upstream).catch(() => {}).finally(end);
  };
}

async function pump(socket: WebSocket, upstream: WebSocketPeer): Promise<void> {
  for await (const message of upstream.messages()) {
    while (socket.readyState === WebSocket.OPEN && socket.bufferedAmount > HIGH_WATER) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(message as string | Uint8Array<ArrayBuffer>);
  }
}
