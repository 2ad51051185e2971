/** What the demo shows at the end: the cluster, and commands to try (pure). */
import type { DatabaseAnswer, Login } from "./database.ts";

/** A member of the cluster. */
export interface Member {
  readonly name: string;
  /** `master` or `replica`, as the label says. */
  readonly role: string;
  readonly address: string;
}

/** What there is to show. */
export interface Summary {
  readonly answer: DatabaseAnswer;
  readonly members: readonly Member[];
  readonly login: Login;
  readonly cluster: string;
  readonly kubeconfig: string;
}

/** The lines of the summary; no password is in them. */
export function summaryLines(summary: Summary): string[] {
  const { answer, members, login, cluster, kubeconfig } = summary;
  const secret = `${login.user}.${cluster}.credentials.postgresql.acid.zalan.do`;
  return [
    "",
    `SELECT version()  ${answer.version}`,
    "",
    ...table([["MEMBER", "ROLE", "ADDRESS"], ...members.map((m) => [m.name, m.role, m.address])]),
    "",
    ...table([["LOGIN ROLE", "MEMBER OF"], ...answer.roles.map((r) => [r.name, r.memberOf])]),
    "",
    "Try in another terminal:",
    `  export KUBECONFIG=${kubeconfig}`,
    "  kubectl get postgresql,pods,services",
    `  kubectl exec ${members[0]?.name ?? `${cluster}-0`} -- patronictl list`,
    `  export PGPASSWORD=$(kubectl get secret ${secret} \\`,
    "    -o 'go-template={{.data.password | base64decode}}')",
    `  psql "host=${login.host} port=${login.port} dbname=${login.database} user=${login.user} ` +
    `sslmode=require"`,
  ];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  return rows.map((row) => row.map((text, at) => text.padEnd(widths[at]!)).join("  ").trimEnd());
}
