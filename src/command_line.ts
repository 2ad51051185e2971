/**
 * The operator's command line, as text to options; pure. Flags are those of Zalando's operator
 * (cmd/main.go), with one dash or two, `-flag=value` or `-flag value`.
 */

import { parseDuration } from "./lib/duration.ts";

/** How several operators elect the one that works; numbers are seconds. */
export interface LeaderElection {
  readonly leaseSeconds: number;
  readonly renewDeadlineSeconds: number;
  readonly retrySeconds: number;
}

/** How the API server asks what a change would do. */
export interface AdmissionFlags {
  readonly port: number;
  /** Holds `tls.crt` and `tls.key`. */
  readonly certificateDirectory: string;
  /** Whether what cannot work is refused, and not only told. */
  readonly refuse: boolean;
}

export interface CommandLine {
  readonly kubeconfig: string;
  readonly outOfCluster: boolean;
  readonly noDatabaseAccess: boolean;
  readonly noTeamsApi: boolean;
  /** Requests a second and burst towards the API server; no limit of our own unless given. */
  readonly kubeQps: number | undefined;
  readonly kubeBurst: number | undefined;
  /** 8 and more logs every REST request. */
  readonly verbosity: number;
  /** Where the debug API listens; undefined for all addresses, and loopback outside of a cluster. */
  readonly bindAddress: string | undefined;
  /** How databases are found: by their Service's name, or by its cluster IP. */
  readonly databaseAddress: "name" | "cluster-ip";
  /** Plans are made and shown, and nothing is done: another operator looks after the clusters. */
  readonly shadow: boolean;
  /** Whether people may ask what would be done for a manifest. */
  readonly planRequests: boolean;
  /** Undefined where the API server asks nothing. */
  readonly admission: AdmissionFlags | undefined;
  /** Undefined where the operator is the only one. */
  readonly leaderElection: LeaderElection | undefined;
}

export type ParsedCommandLine =
  | { readonly kind: "run"; readonly options: CommandLine }
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "wrong"; readonly message: string };

interface Flag {
  readonly name: string;
  readonly value?: string;
  readonly help: string;
}

/** Where a Deployment mounts the certificate of the webhook. */
const ADMISSION_CERTIFICATE = "/etc/postgres-operator/admission";

const FLAGS: readonly Flag[] = [
  { name: "kubeconfig", value: "FILE", help: "kubeconfig to use, with -outofcluster" },
  { name: "outofcluster", help: "run outside of the cluster, by a kubeconfig" },
  { name: "nodatabaseaccess", help: "never connect to databases" },
  { name: "noteamsapi", help: "never ask the Teams API" },
  { name: "kubeqps", value: "NUMBER", help: "most requests a second to the API server" },
  { name: "kubeburst", value: "NUMBER", help: "requests above kubeqps for a short time" },
  { name: "v", value: "LEVEL", help: "verbosity of the log; 8 shows every REST request" },
  {
    name: "databaseaddress",
    value: "name|cluster-ip",
    help: "connect to databases by the Service's DNS name (default) or its cluster IP",
  },
  {
    name: "bind-address",
    value: "IP",
    help: "where the debug API listens (0.0.0.0; with -outofcluster 127.0.0.1)",
  },
  {
    name: "mode",
    value: "run|shadow",
    help: "shadow: say what would be done beside another operator, and write nothing",
  },
  { name: "plan-requests", help: "let people ask the debug API for the plan of a manifest" },
  {
    name: "admission-port",
    value: "PORT",
    help: "answer the API server's questions about changes there, with TLS (off)",
  },
  {
    name: "admission-certificate",
    value: "DIRECTORY",
    help: `where its tls.crt and tls.key are (${ADMISSION_CERTIFICATE})`,
  },
  { name: "admission-refuse", help: "refuse changes that cannot work, instead of warning" },
  { name: "leader-elect", help: "work only while holding a lease; others stand by" },
  {
    name: "leader-elect-lease-duration",
    value: "DURATION",
    help: "how long others wait for a leader that is silent (12s)",
  },
  {
    name: "leader-elect-renew-deadline",
    value: "DURATION",
    help: "how long a leader goes on that cannot renew its lease (8s)",
  },
  {
    name: "leader-elect-retry-period",
    value: "DURATION",
    help: "pause between renewals of the lease; others ask twice as often (2s)",
  },
  { name: "help", help: "print this text" },
  { name: "version", help: "print the version" },
];

/** What the program is asked to do; without a word it runs the operator, as Zalando's does. */
export interface Command {
  readonly name: "run" | "plan" | "replay" | "ui" | "version" | "pg";
  readonly args: readonly string[];
}

/** The name of the program as kubectl looks for it. */
const PLUGIN = /(^|[/\\])kubectl-pg$/;

/**
 * Takes the command off the arguments. `program` is how the program was called: as `kubectl-pg` it is
 * the plugin of kubectl.
 */
export function commandOf(args: readonly string[], program = ""): Command {
  if (PLUGIN.test(program)) return { name: "pg", args };
  const [name, ...rest] = args;
  switch (name) {
    case "pg":
    case "run":
    case "plan":
    case "replay":
    case "ui":
    case "version":
      return { name, args: rest };
    default:
      return { name: "run", args };
  }
}

/** The text of `--help`. */
export function usage(): string {
  const flags = FLAGS.map(({ name, value }) =>
    `  --${name}${value === undefined ? "" : `=${value}`}`
  );
  const width = Math.max(...flags.map((flag) => flag.length)) + 2;
  const lines = FLAGS.map(({ help }, index) => `${flags[index]?.padEnd(width)}${help}`);
  return `postgres-operator [run] [flags]\n` +
    `postgres-operator plan -f FILE [flags]    tells what it would do; --help says more\n` +
    `postgres-operator replay FILE             makes recorded plans again; --help says more\n` +
    `postgres-operator pg COMMAND [flags]      looks at clusters and asks for actions; --help says more\n` +
    `postgres-operator ui [flags]              serves the web UI; --help says more\n` +
    `postgres-operator version\n\n` +
    `Runs highly available PostgreSQL from postgresql manifests ` +
    `(acid.zalan.do/v1).\n\nFlags (one dash or two):\n${lines.join("\n")}\n`;
}

/** Reads the arguments. */
export function parseCommandLine(args: readonly string[]): ParsedCommandLine {
  const values = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? "";
    const match = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(argument);
    if (match === null) return wrong(unexpected(argument, at));
    const [, name = "", given] = match;
    if (name === "h") return { kind: "help" };
    const flag = FLAGS.find((known) => known.name === name);
    if (flag === undefined) return wrong(`unknown flag --${name}`);
    if (flag.value === undefined) values.set(name, given ?? "true");
    else if (given !== undefined) values.set(name, given);
    else if (at + 1 < args.length) values.set(name, args[++at] ?? "");
    else return wrong(`flag --${name} needs a value: --${name}=${flag.value}`);
  }
  if (values.get("help") === "true") return { kind: "help" };
  if (values.get("version") === "true") return { kind: "version" };
  return optionsOf(values);
}

const COMMANDS: readonly Command["name"][] = ["run", "plan", "pg", "ui", "version"];

/** A word at the beginning was meant as a command. */
function unexpected(argument: string, at: number): string {
  const word = JSON.stringify(argument);
  return at === 0 && !argument.startsWith("-")
    ? `there is no command ${word}; there are ${COMMANDS.join(", ")}`
    : `unexpected argument ${word}`;
}

function wrong(message: string): ParsedCommandLine {
  return { kind: "wrong", message };
}

/** Four numbers with dots, or what may be IPv6; whether this machine has it shows when listening. */
const IP_ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[\da-f]*:[\da-f:.]*)$/i;

function optionsOf(values: ReadonlyMap<string, string>): ParsedCommandLine {
  const problems: string[] = [];
  const flag = (name: string): boolean => {
    const text = values.get(name) ?? "false";
    if (text !== "true" && text !== "false") problems.push(`--${name} is true or false`);
    return text === "true";
  };
  const number = (name: string): number | undefined => {
    const text = values.get(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text === "" || !Number.isFinite(value) || value < 0) {
      problems.push(`--${name} must be a number, not ${JSON.stringify(text)}`);
    }
    return value;
  };
  const address = values.get("databaseaddress") ?? "name";
  if (address !== "name" && address !== "cluster-ip") {
    problems.push(`--databaseaddress is name or cluster-ip, not ${JSON.stringify(address)}`);
  }
  const bindAddress = values.get("bind-address");
  if (bindAddress !== undefined && !IP_ADDRESS.test(bindAddress)) {
    problems.push(`--bind-address must be an IP address, not ${JSON.stringify(bindAddress)}`);
  }
  const mode = values.get("mode") ?? "run";
  if (mode !== "run" && mode !== "shadow") {
    problems.push(`--mode is run or shadow, not ${JSON.stringify(mode)}`);
  }
  const leaderElection = electionOf(values, problems);
  const admission = admissionOf(values, flag("admission-refuse"), problems);
  const options: CommandLine = {
    kubeconfig: values.get("kubeconfig") ?? "",
    outOfCluster: flag("outofcluster"),
    noDatabaseAccess: flag("nodatabaseaccess"),
    noTeamsApi: flag("noteamsapi"),
    kubeQps: number("kubeqps"),
    kubeBurst: number("kubeburst"),
    verbosity: number("v") ?? 0,
    bindAddress,
    planRequests: flag("plan-requests"),
    admission,
    databaseAddress: address === "cluster-ip" ? "cluster-ip" : "name",
    shadow: mode === "shadow",
    leaderElection: flag("leader-elect") ? leaderElection : undefined,
  };
  return problems.length > 0 ? wrong(problems.join("; ")) : { kind: "run", options };
}

function admissionOf(
  values: ReadonlyMap<string, string>,
  refuse: boolean,
  problems: string[],
): AdmissionFlags | undefined {
  const text = values.get("admission-port");
  const given = values.get("admission-certificate");
  if (text === undefined) {
    if (refuse || given !== undefined) problems.push("--admission-port is missing");
    return undefined;
  }
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    problems.push(`--admission-port must be a port, not ${JSON.stringify(text)}`);
  }
  return { port, certificateDirectory: given ?? ADMISSION_CERTIFICATE, refuse };
}

/** Shorter than client-go's, so that a killed leader is followed within 15 seconds in all. */
const ELECTION = {
  "leader-elect-lease-duration": 12,
  "leader-elect-renew-deadline": 8,
  "leader-elect-retry-period": 2,
} as const;

function electionOf(values: ReadonlyMap<string, string>, problems: string[]): LeaderElection {
  const seconds = (name: keyof typeof ELECTION): number => {
    const text = values.get(name);
    if (text === undefined) return ELECTION[name];
    const milliseconds = parseDuration(text);
    if (milliseconds !== undefined && milliseconds > 0) return milliseconds / 1000;
    problems.push(`--${name} must be a duration such as 15s, not ${JSON.stringify(text)}`);
    return ELECTION[name];
  };
  const leaseSeconds = seconds("leader-elect-lease-duration");
  const renewDeadlineSeconds = seconds("leader-elect-renew-deadline");
  const retrySeconds = seconds("leader-elect-retry-period");
  if (!Number.isInteger(leaseSeconds)) {
    problems.push("--leader-elect-lease-duration must be whole seconds");
  }
  if (leaseSeconds <= renewDeadlineSeconds) {
    problems.push(
      "--leader-elect-lease-duration must be longer than --leader-elect-renew-deadline",
    );
  }
  if (renewDeadlineSeconds <= retrySeconds) {
    problems.push("--leader-elect-renew-deadline must be longer than --leader-elect-retry-period");
  }
  return { leaseSeconds, renewDeadlineSeconds, retrySeconds };
}
