/**
 * Rows by record: requests with the answers that a real kube-apiserver 1.34 gave. Rewritten with
 * UPDATE_GOLDEN=1, against a real server only; both targets are held to the record.
 */
import { deepStrictEqual } from "node:assert/strict";
import type { Answer, Body, Context, RequestOptions, Row } from "./context.ts";

/** One request; `NS` in path and body is the row's namespace. */
export interface Exchange {
  method: string;
  path: string;
  body?: Body;
  options?: RequestOptions;
  /** Repeated until the answer has this status: what controllers do takes a moment. */
  until?: number;
  /** The answer is not part of the record. */
  silent?: boolean;
}

export interface RecordedRow {
  name: string;
  steps: Exchange[];
}

const DIRECTORY = new URL("./testdata/", import.meta.url);
const TIMES = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const UIDS = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

function fileOf(name: string): URL {
  return new URL(`${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_")}.json`, DIRECTORY);
}

/** Replaces what differs from run to run; lists whose order says nothing are sorted. */
function normalise(value: Body, namespace: string, key = ""): Body {
  if (Array.isArray(value)) {
    const items = value.map((item) => normalise(item, namespace, key));
    return key === "causes"
      ? items.sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
      : items;
  }
  if (typeof value === "object" && value !== null) {
    // Descriptions of printer columns are long prose that only Kubernetes' own table would show.
    if (key === "columnDefinitions") delete value.description;
    const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
    return Object.fromEntries(
      entries.map(([name, item]) => [name, normalise(item, namespace, name)]),
    );
  }
  if (typeof value === "number" && (key === "nodePort" || key === "healthCheckNodePort")) {
    return "<port>";
  }
  if (typeof value !== "string") return value;
  if (key === "resourceVersion") return "<revision>";
  if (key === "clusterIP" || key === "clusterIPs") return value === "None" ? value : "<address>";
  if (TIMES.test(value)) return "<time>";
  if (key === "cells" && /^\d+m?s$/.test(value)) return "<age>";
  return value.replaceAll(namespace, "NS").replaceAll(UIDS, "<uid>")
    .replaceAll(/(ResourceVersion in record \()\d+/g, "$1<revision>")
    .replaceAll(/kube-api-access-[a-z0-9]{5}/g, "kube-api-access-<random>")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "<time>");
}

function shown(answer: Answer, namespace: string): Body {
  return { status: answer.status, body: normalise(answer.body, namespace) };
}

async function step(exchange: Exchange, context: Context): Promise<Answer> {
  const fill = (text: string) => text.replaceAll("NS", context.namespace);
  const { method, path, body, options, until } = exchange;
  const text = body === undefined
    ? undefined
    : fill(typeof body === "string" ? body : JSON.stringify(body));
  for (let tries = 0;; tries++) {
    const answer = await context.request(method, fill(path), text, options);
    if (until === undefined || answer.status === until || tries === 100) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function play(row: RecordedRow, context: Context): Promise<Body[]> {
  const answers: Body[] = [];
  for (const exchange of row.steps) {
    const answer = await step(exchange, context);
    if (!exchange.silent) answers.push(shown(answer, context.namespace));
  }
  return answers;
}

/** A row that plays the steps and compares each answer with the record. */
export function recorded(row: RecordedRow): Row {
  return {
    name: row.name,
    run: async (context) => {
      const answers = await play(row, context);
      const file = fileOf(row.name);
      if (Deno.env.get("UPDATE_GOLDEN") === "1" && context.target.kind === "real") {
        await Deno.writeTextFile(file, JSON.stringify(answers, null, 1) + "\n");
      }
      deepStrictEqual(answers, JSON.parse(await Deno.readTextFile(file)));
    },
  };
}
