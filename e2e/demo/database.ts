/** Talks to the new database as any application would: over TLS, with the Secret's password. */
import postgres from "postgres";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";

/** Where and as whom to connect. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** What the demo asks a database. */
export interface DatabaseAnswer {
  readonly version: string;
  /** Roles that can log in, with the roles they are members of. */
  readonly roles: readonly { readonly name: string; readonly memberOf: string }[];
}

/** The login of a cluster's database from its Service and Secret. */
export function loginOf(service: KubeObject, secret: KubeObject, database: string): Login {
  const spec = service["spec"] as { clusterIP: string; ports: { port: number }[] };
  const data = secret["data"] as Record<string, string>;
  return {
    host: spec.clusterIP,
    port: spec.ports[0]!.port,
    database,
    user: atob(data["username"]!),
    password: atob(data["password"]!),
  };
}

/** Connects once and asks. @throws the database's error, or that of the connection */
export async function askDatabase(login: Login): Promise<DatabaseAnswer> {
  // The certificate is made by the pod itself: it encrypts, and proves nothing.
  const ssl = { rejectUnauthorized: false };
  const sql = postgres({ ...login, ssl, max: 1, connect_timeout: 5, onnotice: () => {} });
  try {
    const [row] = await sql<{ version: string }[]>`SELECT version()`;
    const roles = await sql<{ name: string; memberOf: string }[]>`
      SELECT rolname AS name,
             coalesce((SELECT string_agg(roleid::regrole::text, ', ' ORDER BY 1)
                         FROM pg_catalog.pg_auth_members WHERE member = r.oid), '') AS "memberOf"
        FROM pg_catalog.pg_roles r
       WHERE rolcanlogin
       ORDER BY rolname`;
    return { version: row!.version, roles: [...roles] };
  } finally {
    await sql.end({ timeout: 2 });
  }
}
