/** The commands of `kubectl pg`: names, flags, what they need, and help; pure. */

import type { FlagKind } from "./options.ts";

export interface CommandInfo {
  readonly name: string;
  /** What stands after the name. */
  readonly words: string;
  /** How many words there have to be. */
  readonly count: readonly [least: number, most: number];
  readonly help: string;
  readonly flags?: Readonly<Record<string, FlagKind>>;
  /** Rights beyond `get` of postgresqls, as `resource: verbs`. */
  readonly rights: readonly string[];
}

const WAITS = { "no-wait": "switch", timeout: "value" } as const;
const ASKS = ["postgresqls: patch"];
const LOOKS = ["pods: list", "statefulsets: get"];

export const COMMANDS: readonly CommandInfo[] = [
  {
    name: "list",
    words: "",
    count: [0, 0],
    help: "a line for each cluster; -A for all namespaces",
    flags: { "all-namespaces": "switch" },
    rights: ["postgresqls: list"],
  },
  {
    name: "status",
    words: "CLUSTER",
    count: [1, 1],
    help: "members, conditions, requests, backups, certificate on one screen",
    rights: [...LOOKS, "cronjobs: list", "deployments: list", "secrets: get"],
  },
  {
    name: "plan",
    words: "[CLUSTER]",
    count: [0, 1],
    help: "what the operator would do; --all, -A: for every cluster",
    flags: {
      file: "value",
      request: "value",
      config: "value",
      json: "switch",
      all: "switch",
      "all-namespaces": "switch",
    },
    rights: [
      ...LOOKS,
      "services, endpoints, configmaps, secrets, serviceaccounts, persistentvolumeclaims, nodes: get, list",
      "cronjobs, deployments, poddisruptionbudgets, rolebindings: get, list",
      "customresourcedefinitions: get",
      "operatorconfigurations: get, list",
      "with --all or -A postgresqls: list",
    ],
  },
  {
    name: "why",
    words: "POD|CLUSTER",
    count: [1, 1],
    help: "what happened to it, and why",
    rights: [...LOOKS, "pods: get", "events: list"],
  },
  {
    name: "history",
    words: "CLUSTER",
    count: [1, 1],
    help: "what happened to a cluster and its pods",
    rights: [...LOOKS, "pods: get", "events: list"],
  },
  {
    name: "logs",
    words: "CLUSTER",
    count: [1, 1],
    help: "logs of all members; -f follows them",
    flags: { follow: "switch", tail: "value", container: "value" },
    rights: ["pods: list", "pods/log: get"],
  },
  {
    name: "psql",
    words: "CLUSTER [-- ARGUMENTS]",
    count: [1, 1],
    help: "a session of the superuser; -c runs one statement",
    flags: { replica: "switch", database: "value", command: "value" },
    rights: ["pods: list", "pods/exec: get, create"],
  },
  {
    name: "connect",
    words: "CLUSTER",
    count: [1, 1],
    help: "how an application connects: URI, JDBC, variables",
    flags: {
      user: "value",
      database: "value",
      replica: "switch",
      pooler: "switch",
      password: "switch",
    },
    rights: ["secrets: list"],
  },
  {
    name: "switchover",
    words: "CLUSTER",
    count: [1, 1],
    help: "hands over to --to POD or the best replica, now or --at TIME",
    flags: { ...WAITS, to: "value", at: "value" },
    rights: ASKS,
  },
  {
    name: "restart",
    words: "CLUSTER",
    count: [1, 1],
    help: "recreates all pods; --pending: only PostgreSQL where it waits for it",
    flags: { ...WAITS, pending: "switch" },
    rights: ASKS,
  },
  {
    name: "pause",
    words: "CLUSTER",
    count: [1, 1],
    help: "nothing of the cluster is changed until resume",
    flags: WAITS,
    rights: ASKS,
  },
  {
    name: "hibernate",
    words: "CLUSTER",
    count: [1, 1],
    help: "a checkpoint, then no pods until resume",
    flags: WAITS,
    rights: ASKS,
  },
  {
    name: "resume",
    words: "CLUSTER",
    count: [1, 1],
    help: "ends a pause, or a hibernation",
    rights: ASKS,
  },
  {
    name: "backup",
    words: "CLUSTER",
    count: [1, 1],
    help: "a logical backup now",
    flags: WAITS,
    rights: ASKS,
  },
  {
    name: "upgrade-check",
    words: "CLUSTER",
    count: [1, 1],
    help: "pg_upgrade --check in the primary's pod; --to VERSION",
    flags: { ...WAITS, to: "value" },
    rights: ASKS,
  },
  {
    name: "adopt",
    words: "[CLUSTER]",
    count: [0, 1],
    help: "hands it to operator --to ID, at rest; --accept restart|destructive",
    flags: {
      to: "value",
      accept: "value",
      config: "value",
      quiet: "value",
      timeout: "value",
      all: "switch",
      "all-namespaces": "switch",
    },
    rights: [...ASKS, "those of plan", "with --all or -A postgresqls: list"],
  },
  {
    name: "handback",
    words: "[CLUSTER]",
    count: [0, 1],
    help: "hands it back to the operator that it came from, or to --to ID",
    flags: {
      to: "value",
      quiet: "value",
      timeout: "value",
      all: "switch",
      "all-namespaces": "switch",
    },
    rights: [...ASKS, ...LOOKS, "with --all or -A postgresqls: list"],
  },
  {
    name: "restore",
    words: "CLUSTER NEW-NAME",
    count: [2, 2],
    help: "prints the manifest of a copy as of --at TIME; --plan plans it",
    flags: { at: "value", plan: "switch", config: "value" },
    rights: ["with --plan those of plan"],
  },
  {
    name: "report",
    words: "CLUSTER",
    count: [1, 1],
    help: "everything of a cluster as JSON for an issue; --operator ADDRESS",
    flags: { operator: "value" },
    rights: [
      ...LOOKS,
      "configmaps, secrets, services, endpoints, persistentvolumeclaims, events: list",
      "cronjobs, deployments, statefulsets, poddisruptionbudgets: list",
      "pods/log: get",
      "with --operator NAMESPACE/SERVICE services/proxy: get there",
    ],
  },
  {
    name: "scale",
    words: "CLUSTER INSTANCES",
    count: [2, 2],
    help: "another number of instances",
    rights: ASKS,
  },
  {
    name: "add-user",
    words: "CLUSTER USER [FLAG …]",
    count: [2, 20],
    help: "one more user, with flags such as createdb",
    rights: ASKS,
  },
  {
    name: "add-db",
    words: "CLUSTER DATABASE",
    count: [2, 2],
    help: "one more database, of --owner USER",
    flags: { owner: "value" },
    rights: ASKS,
  },
  {
    name: "ext-volume",
    words: "CLUSTER SIZE",
    count: [2, 2],
    help: "larger volumes",
    rights: ASKS,
  },
  {
    name: "completion",
    words: "bash|zsh",
    count: [1, 1],
    help: "a script that completes commands and names of clusters",
    rights: [],
  },
];

/** Every flag that some command knows, for completion. */
export function flagsOf({ flags = {} }: CommandInfo): string[] {
  const common = ["namespace", "context", "kubeconfig", "output", "help"];
  return [...common, ...Object.keys(flags)].map((name) => `--${name}`);
}

/** The text of `--help`. */
export function helpText(program: string): string {
  const lines = COMMANDS.map(({ name, words, help }): string => {
    const usage = `  ${name} ${words}`.trimEnd();
    return usage.length > 30 ? `${usage}\n${" ".repeat(32)}${help}` : `${usage.padEnd(32)}${help}`;
  });
  return `${program} COMMAND [flags]

${lines.join("\n")}

Flags of all commands:
  -n, --namespace NAMESPACE     that of the context where it is left out
  --context NAME                another context of the kubeconfig
  --kubeconfig FILE             KUBECONFIG or ~/.kube/config where it is left out
  -o, --output json|yaml        of list, status, why, history and connect: as data
  -h, --help
What asks for an action waits for its end; --no-wait does not, --timeout 10m waits so long.
`;
}

/** How one command is called, and which rights it needs. */
export function usageText(program: string, command: CommandInfo): string {
  const { name, words, help, rights } = command;
  const flags = flagsOf(command).join(" ");
  return `${program} ${name} ${words}\n\n${help}\n\nflags: ${flags}\n` +
    `rights: postgresqls: get${rights.map((right) => `; ${right}`).join("")}\n`;
}
