/** A client that writes one number after the other through the primary's Service. */
import postgres from "postgres";
import type { Service } from "../../../src/kubernetes/types.gen.ts";
import { MINIMAL } from "../../cases/clusters.ts";
import { type Life, pause } from "../life.ts";

/** What came of the writes. */
export interface Written {
  readonly acknowledged: readonly number[];
  /** The longest time from one acknowledged write to the next. */
  readonly gapMs: number;
}

/** A client at work. */
export interface Writer {
  /** Waits for so many more acknowledged writes. */
  more(count: number): Promise<void>;
  stop(): Promise<Written>;
}

const BETWEEN_MS = 10;
/** A write that the former primary will never answer is given up. */
const STATEMENT_LIMIT_MS = 2_000;
const MORE_LIMIT_MS = 120_000;

/** Begins to write. */
export async function startWriter(life: Life): Promise<Writer> {
  await life.sql("CREATE TABLE IF NOT EXISTS numbers (number bigint PRIMARY KEY)", OWNER);
  await life.sql("TRUNCATE numbers", OWNER);
  const acknowledged: number[] = [];
  let [lastMs, gapMs, stopped] = [performance.now(), 0, false];
  let client = connect(life);
  const write = async (number: number) => {
    try {
      await limited(client`INSERT INTO numbers VALUES (${number})`.execute());
      acknowledged.push(number);
      gapMs = Math.max(gapMs, performance.now() - lastMs);
      lastMs = performance.now();
    } catch {
      await client.end({ timeout: 0 }).catch(() => {});
      client = connect(life);
    }
  };
  const running = (async () => {
    for (let number = 1; !stopped; number++) {
      await write(number);
      await pause(BETWEEN_MS);
    }
    await client.end({ timeout: 1 });
  })();
  return {
    async more(count) {
      const [enough, endMs] = [acknowledged.length + count, performance.now() + MORE_LIMIT_MS];
      while (acknowledged.length < enough) {
        if (performance.now() > endMs) throw new Error(`${acknowledged.length} writes only`);
        await pause(BETWEEN_MS);
      }
    },
    async stop() {
      stopped = true;
      await running;
      return { acknowledged, gapMs };
    },
  };
}

/** Which acknowledged writes are not there. */
export async function lostOf(life: Life, { acknowledged }: Written): Promise<number[]> {
  const rows = await life.sql("SELECT number::text FROM numbers", OWNER);
  const kept = new Set(rows.map(([number]) => Number(number)));
  return acknowledged.filter((number) => !kept.has(number));
}

const OWNER = { user: "zalando", database: "foo" };

function connect(life: Life) {
  const service = life.object("Service", MINIMAL) as Service | undefined;
  return postgres({
    host: service?.spec?.clusterIP ?? "",
    port: 5432,
    database: OWNER.database,
    user: OWNER.user,
    password: life.secretValue(OWNER.user, "password"),
    // The pods made their certificates themselves.
    ssl: { rejectUnauthorized: false },
    max: 1,
    fetch_types: false,
    connect_timeout: 2,
    onnotice: () => {},
  });
}

async function limited<T>(work: PromiseLike<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("no answer")), STATEMENT_LIMIT_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
