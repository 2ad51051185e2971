/** `kubectl pg connect`: how an application connects, as a URI, for JDBC and as variables. */

import type { Postgresql } from "../api/types.gen.ts";
import type { Secret } from "../kubernetes/types.gen.ts";
import { decodeBase64 } from "../lib/base64.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import { readCluster } from "./read.ts";
import { CommandError, type Session } from "./session.ts";

export interface ConnectOptions {
  readonly user: string | undefined;
  readonly database: string | undefined;
  readonly replica: boolean;
  readonly pooler: boolean;
  /** Whether the password itself is printed; a reference to its Secret otherwise. */
  readonly password: boolean;
}

/** Where and as whom an application connects. */
export interface Connection {
  readonly host: string;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly secret: string;
}

/** Reads what the manifest and the Secret of the user say. @throws CommandError */
export async function readConnection(
  session: Session,
  name: string,
  options: ConnectOptions,
): Promise<Connection> {
  const { namespace, kube, signal } = session;
  const cr = await readCluster(session, name);
  const { user, database } = loginOf(cr, options);
  const { items } = await kube.list(RESOURCES.Secret, {
    namespace,
    labelSelector: `cluster-name=${name}`,
    signal,
  });
  const secret = (items as Secret[]).find(({ data }) =>
    data?.["username"] !== undefined && decodeBase64(data["username"]) === user
  );
  if (secret === undefined) throw new CommandError(`there is no Secret of user ${user}`);
  const role = options.replica ? "-repl" : "";
  const service = options.pooler ? `${name}-pooler${role}` : `${name}${role}`;
  return {
    host: `${service}.${namespace}.svc.cluster.local`,
    database,
    user,
    password: options.password ? decodeBase64(secret.data?.["password"] ?? "") : undefined,
    secret: secret.metadata.name ?? "",
  };
}

/** The user and database that are asked for, or the only ones. @throws CommandError */
export function loginOf(
  { spec }: Postgresql,
  { user, database }: Pick<ConnectOptions, "user" | "database">,
): { user: string; database: string } {
  const databases = Object.entries(spec.databases ?? {});
  const [first, ...others] = databases.filter(([name, owner]) =>
    (database === undefined || name === database) && (user === undefined || owner === user)
  );
  if (user !== undefined) return { user, database: database ?? first?.[0] ?? "postgres" };
  if (first === undefined) {
    return database === undefined
      ? { user: "postgres", database: "postgres" }
      : missing(`no database ${database} in spec.databases: name its --user`);
  }
  if (others.length > 0) {
    missing(`name one with --database: ${databases.map(([name]) => name).join(", ")}`);
  }
  return { user: first[1], database: first[0] };
}

function missing(text: string): never {
  throw new CommandError(text);
}

/** All forms; without the password a place is kept for it. */
export function connectText(connection: Connection): string {
  const { host, database, user, password, secret } = connection;
  const [login, place] = [user, database].map(encodeURIComponent);
  const word = password === undefined ? "$PGPASSWORD" : encodeURIComponent(password);
  const lines = [
    `postgresql://${login}:${word}@${host}:5432/${place}?sslmode=require`,
    `jdbc:postgresql://${host}:5432/${place}?user=${login}&password=${word}&sslmode=require`,
    "",
    `export PGHOST=${host}`,
    "export PGPORT=5432",
    `export PGDATABASE=${quoted(database)}`,
    `export PGUSER=${quoted(user)}`,
    "export PGSSLMODE=require",
    password === undefined
      ? `export PGPASSWORD=$(kubectl get secret ${secret} ` +
        `-o 'go-template={{.data.password | base64decode}}')`
      : `export PGPASSWORD=${quoted(password)}`,
  ];
  return lines.join("\n") + "\n";
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
