/**
 * Metrics of the web UI. They count, and name nobody: no user, no cluster, no address of a page is a
 * label.
 */

import { Counter, Histogram, Registry } from "prom-client";
import { methodOf, type Reading, register, type RequestEnded } from "./metrics.ts";

/** Seconds; pages come from memory, lists from Kubernetes. */
const ANSWER_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** One answer of the UI. */
export interface AnswerEnded {
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

export interface UiMetrics {
  /** A request to Kubernetes ended. */
  requestEnded(request: RequestEnded): void;
  answerEnded(answer: AnswerEnded): void;
  /** The text of a scrape, in Prometheus' exposition format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Methods that are told apart: whoever asks may write any word. */
const METHODS = ["GET", "HEAD", "POST", "PATCH", "DELETE"];

/** Makes the metrics with readings that are called at every scrape. */
export function createUiMetrics(readings: readonly Reading[]): UiMetrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: "rest_client_requests_total",
    help: "Requests to the API server by method and status code; code <error>: no answer.",
    labelNames: ["code", "method"],
    registers,
  });
  const answers = new Counter({
    name: "pgop_ui_answers_total",
    help: "Answers of the web UI by method and status code.",
    labelNames: ["code", "method"],
    registers,
  });
  const seconds = new Histogram({
    name: "pgop_ui_answer_seconds",
    help: "Seconds that an answer of the web UI took.",
    buckets: ANSWER_BUCKETS,
    registers,
  });
  readings.forEach((reading) => register(reading, registers));
  return {
    requestEnded({ verb, status }) {
      requests.inc({ code: status === 0 ? "<error>" : String(status), method: methodOf(verb) });
    },
    answerEnded({ method, status, seconds: took }) {
      const known = METHODS.includes(method) ? method : "other";
      answers.inc({ code: String(status), method: known });
      seconds.observe(took);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
