/**
 * Fault knobs: make chosen requests slow or fail, so that tests can show how a client copes.
 * Set in process, by the owner of the server; nothing of it is reachable over the network.
 */
import { ApiError, conflict, expired } from "../model/api_error.ts";
import type { RequestInfo } from "../model/request_info.ts";

export type FaultKind =
  | "delay"
  | "conflict"
  | "tooManyRequests"
  | "internalError"
  | "unauthorized"
  | "forbidden"
  | "notFound"
  | "unavailable"
  | "timeout"
  | "dropWatch"
  | "silence"
  | "staleRead"
  | "gone";

export interface Fault {
  kind: FaultKind;
  /**
   * Verbs it applies to; all when left out. `dropWatch` is about watches alone, `staleRead` about
   * reads of objects and lists.
   */
  verbs?: string[];
  /** Matches against the request path. */
  path?: RegExp;
  /** Matches against the client's user agent; without it everybody is hit. */
  agent?: RegExp;
  /** Says of a request that all else fits whether it is hit. */
  when?: (info: RequestInfo) => boolean;
  /** How many requests it hits before it is spent; without it all. */
  count?: number;
  /** For `delay`, and how long a dropped watch lives. */
  delayMs?: number;
  /** For `staleRead`: how many changes of the cluster the answer does not show. */
  changesBehind?: number;
  /** For `tooManyRequests`. */
  retryAfterSeconds?: number;
}

export class Faults {
  #active: { fault: Fault; left: number }[] = [];

  /** Turns a fault on; the result turns it off. */
  add(fault: Fault): () => void {
    const entry = { fault, left: fault.count ?? Infinity };
    this.#active.push(entry);
    return () => {
      this.#active = this.#active.filter((other) => other !== entry);
    };
  }

  /** Turns all faults off. */
  clear(): void {
    this.#active = [];
  }

  /** The faults that hit a request; each hit counts. */
  take(info: RequestInfo, agent = ""): Fault[] {
    const hits = this.#active.filter(({ fault, left }) =>
      left > 0 && hitsRequest(fault, info, agent)
    );
    for (const entry of hits) entry.left--;
    return hits.map(({ fault }) => fault);
  }
}

function hitsRequest(fault: Fault, info: RequestInfo, agent: string): boolean {
  if (fault.kind === "dropWatch" && info.verb !== "watch") return false;
  if (fault.kind === "staleRead" && !["get", "list"].includes(info.verb)) return false;
  if (fault.verbs && !fault.verbs.includes(info.verb)) return false;
  if (fault.agent && !fault.agent.test(agent)) return false;
  if (fault.path && !fault.path.test(info.path)) return false;
  return fault.when?.(info) ?? true;
}

/** The failure that a fault stands for; undefined where it does not fail the request. */
export function faultError(fault: Fault, info: RequestInfo): ApiError | undefined {
  const target = info.resource;
  const subject = {
    group: target?.group ?? "",
    kind: target?.plural ?? "",
    name: target?.name ?? "",
  };
  switch (fault.kind) {
    case "conflict":
      return conflict(
        subject,
        "the object has been modified; please apply your changes to the latest version and try again",
      );
    case "tooManyRequests": {
      const seconds = fault.retryAfterSeconds ?? 1;
      return new ApiError(429, "TooManyRequests", "Too many requests, please try again later.", {
        details: { retryAfterSeconds: seconds },
        headers: { "retry-after": String(seconds) },
      });
    }
    case "internalError":
      return new ApiError(500, "InternalError", "Internal error occurred: injected fault");
    case "unauthorized":
      return new ApiError(401, "Unauthorized", "Unauthorized");
    case "forbidden":
      return new ApiError(403, "Forbidden", `${subject.kind} is forbidden: injected fault`);
    case "notFound":
      return new ApiError(404, "NotFound", "the server could not find the requested resource");
    case "unavailable":
      return new ApiError(503, "ServiceUnavailable", "injected fault");
    case "timeout":
      return new ApiError(504, "Timeout", "the server was unable to return a response in time");
    case "gone":
      return expired("too old resource version: injected fault");
    default:
      return undefined;
  }
}
