/** What a row of the contract works with: requests, watches, and a namespace of its own. */
import type { Target } from "./target.ts";

// deno-lint-ignore no-explicit-any -- answers are looked into freely, a wrong guess fails the row
export type Body = any;

export interface Answer {
  status: number;
  body: Body;
  headers: Headers;
}

export interface RequestOptions {
  contentType?: string;
  accept?: string;
  token?: string;
  headers?: Record<string, string>;
}

export interface WatchEvent {
  type: string;
  object: Body;
}

export interface Watch {
  /** The next event; fails when none comes within two seconds. */
  next(): Promise<WatchEvent>;
  /** Fails when an event comes within the time. */
  silent(ms: number): Promise<void>;
  /** Waits until the server ends the stream. */
  ended(): Promise<void>;
  close(): void;
}

export interface Context {
  target: Target;
  /** An empty namespace that has the service account `default`. */
  namespace: string;
  /** Such as /api/v1/namespaces/NS. */
  core: string;
  request(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Answer>;
  watch(path: string, options?: RequestOptions): Promise<Watch>;
}

export interface Row {
  name: string;
  run(context: Context): Promise<void>;
  /** Why a target cannot be asked. */
  skip?: Partial<Record<Target["kind"], string>>;
}

const EVENT_TIMEOUT_MS = 2000;

async function request(
  target: Target,
  method: string,
  path: string,
  body?: unknown,
  options: RequestOptions = {},
): Promise<Answer> {
  const text = typeof body === "string"
    ? body
    : body === undefined
    ? undefined
    : JSON.stringify(body);
  const response = await fetch(target.url + path, {
    client: target.client,
    method,
    headers: {
      authorization: `Bearer ${options.token ?? target.token}`,
      accept: options.accept ?? "application/json",
      "user-agent": "contract/1",
      ...(text === undefined ? {} : { "content-type": options.contentType ?? "application/json" }),
      ...options.headers,
    },
    ...(text === undefined ? {} : { body: text }),
  });
  const answer = await response.text();
  const json = response.headers.get("content-type")?.startsWith("application/json");
  return {
    status: response.status,
    body: json ? JSON.parse(answer) : answer,
    headers: response.headers,
  };
}

function timeout<T>(promise: Promise<T>, ms: number, value: T): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<T>((resolve) => timer = setTimeout(() => resolve(value), ms));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function openWatch(
  target: Target,
  path: string,
  options: RequestOptions = {},
): Promise<Watch> {
  const abort = new AbortController();
  const response = await fetch(target.url + path, {
    client: target.client,
    signal: abort.signal,
    headers: {
      authorization: `Bearer ${options.token ?? target.token}`,
      accept: options.accept ?? "application/json",
    },
  });
  if (!response.ok) {
    throw new Error(`cannot watch ${path}: ${response.status} ${await response.text()}`);
  }
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const queue: WatchEvent[] = [];
  const waiting: ((event: WatchEvent | undefined) => void)[] = [];
  let over = false;
  const pump = (async () => {
    let rest = "";
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        const lines = (rest + value).split("\n");
        rest = lines.pop()!;
        for (const line of lines.filter((one) => one !== "")) {
          const event = JSON.parse(line);
          const take = waiting.shift();
          if (take) take(event);
          else queue.push(event);
        }
      }
    } catch {
      // Closed by this side.
    }
    over = true;
    for (const take of waiting.splice(0)) take(undefined);
  })();
  const take = (): Promise<WatchEvent | undefined> => {
    const event = queue.shift();
    if (event || over) return Promise.resolve(event);
    return new Promise((resolve) => waiting.push(resolve));
  };
  return {
    async next() {
      const event = await timeout(take(), EVENT_TIMEOUT_MS, undefined);
      if (!event) throw new Error(over ? "the watch has ended" : "no event came");
      return event;
    },
    async silent(ms) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      if (queue.length > 0) throw new Error(`an event came: ${JSON.stringify(queue[0])}`);
    },
    async ended() {
      const ended = await timeout(pump.then(() => true), EVENT_TIMEOUT_MS, false);
      if (!ended) throw new Error("the watch has not ended");
    },
    close: () => abort.abort(),
  };
}

/** Runs a row in a namespace made for it. */
export async function runRow(target: Target, row: Row): Promise<void> {
  const namespace = `contract-${crypto.randomUUID().slice(0, 8)}`;
  const watches: Watch[] = [];
  const context: Context = {
    target,
    namespace,
    core: `/api/v1/namespaces/${namespace}`,
    request: (method, path, body, options) => request(target, method, path, body, options),
    watch: async (path, options) => {
      const watch = await openWatch(target, path, options);
      watches.push(watch);
      return watch;
    },
  };
  const made = await context.request("POST", "/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace },
  });
  if (made.status !== 201) throw new Error(`cannot make a namespace: ${JSON.stringify(made.body)}`);
  // A controller makes it too, where there are controllers: 409 is as good.
  await context.request("POST", `${context.core}/serviceaccounts`, {
    metadata: { name: "default" },
  });
  try {
    await row.run(context);
  } finally {
    for (const watch of watches) watch.close();
    await context.request("DELETE", `/api/v1/namespaces/${namespace}`);
  }
}
