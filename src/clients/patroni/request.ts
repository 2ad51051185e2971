/**
 * Patroni's REST API as data: which method, path and body a call has. Layer: client of Patroni, pure.
 *
 * https://patroni.readthedocs.io/en/latest/rest_api.html
 */

import type { PatroniRequest, PodRef } from "../../ports/requests.ts";

/** One HTTP request to Patroni. */
export interface PatroniHttpRequest {
  readonly method: "GET" | "PATCH" | "POST";
  readonly path: string;
  readonly body?: unknown;
}

/** The request of a call that changes something. */
export function requestOf(request: PatroniRequest): PatroniHttpRequest {
  switch (request.call) {
    case "patchConfig":
      return { method: "PATCH", path: "/config", body: request.body };
    case "restart":
      return { method: "POST", path: "/restart", body: request.body };
    case "switchover":
      return { method: "POST", path: "/switchover", body: request.body };
  }
}

/** Where Patroni listens in a pod. */
export function baseUrlOf(pod: PodRef, port: number): string {
  return `http://${pod.ip.includes(":") ? `[${pod.ip}]` : pod.ip}:${port}`;
}
