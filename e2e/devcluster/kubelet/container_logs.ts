/**
 * What containers wrote, a file a start, with the time of each line (dev cluster, kubelet layer).
 * https://kubernetes.io/docs/concepts/cluster-administration/logging/
 */

export interface ReadLogOptions {
  readonly follow?: boolean;
  readonly timestamps?: boolean;
  readonly tailLines?: number | undefined;
  readonly limitBytes?: number | undefined;
  readonly sinceMs?: number | undefined;
}

/** The log of one start of a container. */
export interface ContainerLog {
  append(stream: "stdout" | "stderr", bytes: Uint8Array): void;
  /** No more output comes: followers end. */
  close(): void;
  read(options: ReadLogOptions): ReadableStream<Uint8Array<ArrayBuffer>>;
}

export interface ContainerLogs {
  /** Begins the log of the next start. */
  begin(container: LogKey): ContainerLog;
  /** The log of the running or last start, or of the one before. */
  find(container: LogKey, which: "current" | "previous"): ContainerLog | undefined;
  /** Forgets a pod's logs; their files go with the pod's directory. */
  forget(podUid: string): void;
}

export interface LogKey {
  readonly podUid: string;
  readonly container: string;
  /** Where the files of this pod's logs are. */
  readonly directory: string;
}

/** A full log moves aside once, so a container keeps at most twice this. */
const LIMIT_BYTES = 10 * 1024 * 1024;

/** Keeps the logs of all containers of a node. */
export function containerLogs(): ContainerLogs {
  const logs = new Map<
    string,
    { current: ContainerLog; previous?: ContainerLog; starts: number }
  >();
  return {
    begin({ podUid, container, directory }) {
      const key = `${podUid}/${container}`;
      const known = logs.get(key);
      const starts = (known?.starts ?? 0) + 1;
      Deno.mkdirSync(directory, { recursive: true });
      const current = containerLog(`${directory}/${container}.${starts}.log`);
      logs.set(key, { current, starts, ...(known ? { previous: known.current } : {}) });
      return current;
    },
    find: ({ podUid, container }, which) => logs.get(`${podUid}/${container}`)?.[which],
    forget(podUid) {
      for (const [key, { current }] of logs) {
        if (!key.startsWith(`${podUid}/`)) continue;
        current.close();
        logs.delete(key);
      }
    },
  };
}

interface Line {
  readonly time: string;
  readonly text: string;
}

function containerLog(path: string): ContainerLog {
  const followers = new Set<(line: Line | undefined) => void>();
  const rest = { stdout: "", stderr: "" };
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  let size = 0;
  let closed = false;

  /** Opens the file for each write: thousands of quiet containers then hold no file open. */
  function write(texts: readonly string[]): void {
    if (texts.length === 0) return;
    const time = new Date().toISOString();
    const block = texts.map((text) => `${time} ${text}\n`).join("");
    Deno.writeTextFileSync(path, block, { append: true });
    for (const follower of followers) texts.forEach((text) => follower({ time, text }));
    size += block.length;
    if (size < LIMIT_BYTES) return;
    Deno.renameSync(path, `${path}.old`);
    size = 0;
  }

  function stored(): Line[] {
    return [`${path}.old`, path].flatMap((it) => {
      try {
        return Deno.readTextFileSync(it).split("\n").slice(0, -1).map(parseLine);
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return [];
        throw error;
      }
    });
  }

  return {
    append(stream, bytes) {
      if (closed) return;
      const lines = (rest[stream] + decoders[stream].decode(bytes, { stream: true })).split("\n");
      rest[stream] = lines.pop()!;
      write(lines);
    },
    close() {
      if (closed) return;
      write(Object.values(rest).filter((text) => text !== ""));
      closed = true;
      for (const follower of followers) follower(undefined);
      followers.clear();
    },
    read(options) {
      let follower: (line: Line | undefined) => void;
      return new ReadableStream({
        start(controller) {
          const print = limitedPrinter(controller, options);
          for (const line of selected(stored(), options)) print(line);
          if (!options.follow || closed) return controller.close();
          follower = (line) => line ? print(line) : controller.close();
          followers.add(follower);
        },
        cancel: () => void followers.delete(follower),
      });
    },
  };
}

function selected(lines: readonly Line[], { sinceMs, tailLines }: ReadLogOptions): Line[] {
  const recent = lines.filter(({ time }) => sinceMs === undefined || Date.parse(time) >= sinceMs);
  return tailLines === undefined ? recent : recent.slice(Math.max(0, recent.length - tailLines));
}

function limitedPrinter(
  controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
  { timestamps, limitBytes = Infinity }: ReadLogOptions,
): (line: Line) => void {
  const encoder = new TextEncoder();
  let left = limitBytes;
  return ({ time, text }) => {
    if (left <= 0) return;
    const bytes = encoder.encode(timestamps ? `${time} ${text}\n` : `${text}\n`);
    controller.enqueue(bytes.subarray(0, Math.min(left, bytes.length)));
    left -= bytes.length;
  };
}

function parseLine(line: string): Line {
  const space = line.indexOf(" ");
  return { time: line.slice(0, space), text: line.slice(space + 1) };
}
