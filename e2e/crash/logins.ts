/**
 * A client for every login role of a cluster: it has read the Secret at some time and tries what it
 * read. Between two writes the database may know the former password and the Secret the new one;
 * that is one retry. Neither of them is a lock-out.
 */
import type { SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import type { KubeObject, Secret } from "../../src/kubernetes/types.gen.ts";
import { decodeBase64 } from "../../src/lib/base64.ts";
import type { CrashDatabase } from "./database.ts";

export interface Logins {
  /** Tries every Secret; called before and after each write. */
  look(): void;
  /** Whoever can neither come in with what is published nor with what was. */
  readonly lockOuts: ReadonlySet<string>;
  /** Secrets that had another password for the user that they name. */
  readonly changed: readonly string[];
  /** Secrets whose password does not log in now. */
  shutOut(): string[];
}

interface Published {
  readonly user: string;
  readonly password: string;
}

/** Follows all Secrets of credentials. */
export function watchLogins({ api }: SimulatedCluster, database: CrashDatabase): Logins {
  const published = new Map<string, readonly Published[]>();
  const worked = new Set<string>();
  const lockOuts = new Set<string>();
  const changed: string[] = [];
  api.onChange(({ type, object }) => {
    const name = object.metadata.name ?? "";
    if (object.kind !== "Secret") return;
    if (type === "delete") {
      published.delete(name);
      worked.delete(name);
      return;
    }
    const next = contentOf(object);
    const [last, ...rest] = published.get(name) ?? [];
    if (next === undefined || (last && same(last, next))) return;
    if (last?.user === next.user) changed.push(name);
    published.set(name, [next, ...(last ? [last] : rest)]);
  });
  const works = ({ user, password }: Published) => database.accepts(user, password);
  return {
    lockOuts,
    changed,
    look() {
      for (const [name, values] of published) {
        if (values.some(works)) worked.add(name);
        else if (worked.has(name)) lockOuts.add(name);
      }
    },
    shutOut: () =>
      [...published].filter(([, values]) => values[0] && !works(values[0])).map(([name]) => name),
  };
}

function contentOf(object: KubeObject): Published | undefined {
  const { username, password } = (object as Secret).data ?? {};
  if (username === undefined || password === undefined) return undefined;
  return { user: decodeBase64(username) ?? "", password: decodeBase64(password) ?? "" };
}

function same(one: Published, other: Published): boolean {
  return one.user === other.user && one.password === other.password;
}
