/** `kubectl pg`: from arguments to a command, and from errors to an exit code. */

import { stringify } from "yaml";
import { parseDuration } from "../lib/duration.ts";
import { ask, resume } from "./actions/ask.ts";
import {
  type Change,
  change,
  scaled,
  withDatabase,
  withUser,
  withVolume,
} from "./actions/change.ts";
import { handOverClusters } from "./actions/hand_over_fleet.ts";
import { type CommandInfo, COMMANDS, helpText, usageText } from "./catalog.ts";
import { completionScript } from "./completion.ts";
import { connectText, readConnection } from "./connect.ts";
import { fleetText, readFleet, worstCode } from "./fleet.ts";
import { listText, readClusters } from "./list.ts";
import { showLogs } from "./logs.ts";
import { commandAndArguments, type Options, parseOptions } from "./options.ts";
import { showPlan } from "./plan.ts";
import { runPsql } from "./psql.ts";
import { readReport } from "./report.ts";
import { restoreManifest } from "./restore.ts";
import { CommandError, type Session } from "./session.ts";
import { showStatus } from "./status/command.ts";
import { readStory, type Story, storyText, withoutRoutine } from "./why.ts";

const EXIT = { ok: 0, failed: 1, usage: 2 };
const PROGRAM = "kubectl pg";
const PATIENCE_MS = 10 * 60_000;

/** How a session is opened; nothing is connected for help and completion. */
export interface System {
  open(options: {
    readonly namespace: string | undefined;
    readonly context: string | undefined;
    readonly kubeconfig: string | undefined;
  }): Promise<{ readonly session: Session; readonly close: () => void }>;
  readFile(file: string): Promise<string>;
  print(text: string): void;
  complain(text: string): void;
}

/** Runs a command; gives the exit code. */
export async function runCommand(args: readonly string[], system: System): Promise<number> {
  const { name = "help", rest } = commandAndArguments(args);
  const command = COMMANDS.find((one) => one.name === name);
  if (name === "help") return told(system, helpText(PROGRAM));
  if (command === undefined) return wrong(system, `there is no command ${name}`);
  const options = parseOptions(rest, command.flags ?? {});
  if (typeof options === "string") return wrong(system, options, command);
  if (options.switches.has("help")) return told(system, usageText(PROGRAM, command));
  const [least, most] = command.count;
  if (options.words.length < least || options.words.length > most) {
    return wrong(system, `${name} needs ${command.words || "no more words"}`, command);
  }
  if (name === "completion") return complete(system, command, options);
  return await inSession(system, command, options);
}

function told(system: System, text: string): number {
  system.print(text);
  return EXIT.ok;
}

function wrong(system: System, problem: string, command?: CommandInfo): number {
  const usage = command === undefined ? helpText(PROGRAM) : usageText(PROGRAM, command);
  system.complain(`${problem}\n\n${usage}`);
  return EXIT.usage;
}

function complete(system: System, command: CommandInfo, { words }: Options): number {
  const [shell] = words;
  if (shell !== "bash" && shell !== "zsh") return wrong(system, "bash or zsh", command);
  return told(system, completionScript(shell));
}

async function inSession(
  system: System,
  { name }: CommandInfo,
  options: Options,
): Promise<number> {
  const value = (flag: string) => options.values.get(flag);
  const output = value("output");
  if (output !== undefined && output !== "json" && output !== "yaml") {
    return wrong(system, `--output is json or yaml, not ${output}`);
  }
  let close = () => {};
  try {
    const opened = await system.open({
      namespace: value("namespace"),
      context: value("context"),
      kubeconfig: value("kubeconfig"),
    });
    close = opened.close;
    return await RUN[name]!({ session: opened.session, options, system, value });
  } catch (error) {
    // A KubeError names verb and object and says why; neither has a stack of use to the user.
    system.complain(`${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT.failed;
  } finally {
    close();
  }
}

interface Call {
  readonly session: Session;
  readonly options: Options;
  readonly system: System;
  readonly value: (flag: string) => string | undefined;
}

/** Prints a value where data is asked for; false where it is not. */
function printer({ session, value }: Call): (data: unknown) => boolean {
  return (data) => {
    const output = value("output");
    if (output === undefined) return false;
    session.terminal.print(
      output === "json" ? `${JSON.stringify(data, null, 2)}\n` : stringify(data),
    );
    return true;
  };
}

type Run = (call: Call) => Promise<number>;

const RUN: Readonly<Record<string, Run>> = {
  list: async (call) => {
    const { session, options } = call;
    const clusters = await readClusters(session, options.switches.has("all-namespaces"));
    if (!printer(call)(clusters)) session.terminal.print(listText(clusters, session.now()));
    return EXIT.ok;
  },
  status: (call) => showStatus(call.session, wordOf(call, 0), printer(call)),
  plan: plan,
  why: (call) => story(call, withoutRoutine),
  history: (call) => story(call, (whole) => whole),
  logs: ({ session, options, value }) =>
    showLogs(session, options.words[0] ?? "", {
      follow: options.switches.has("follow"),
      tail: wholeNumber(value("tail") ?? "100", "--tail"),
      container: value("container") ?? "postgres",
    }),
  psql: ({ session, options, value }) =>
    runPsql(session, options.words[0] ?? "", {
      replica: options.switches.has("replica"),
      database: value("database") ?? "postgres",
      command: value("command"),
      arguments: options.rest,
    }),
  connect: async (call) => {
    const { session, options, value } = call;
    const connection = await readConnection(session, wordOf(call, 0), {
      user: value("user"),
      database: value("database"),
      replica: options.switches.has("replica"),
      pooler: options.switches.has("pooler"),
      password: options.switches.has("password"),
    });
    if (!printer(call)(connection)) session.terminal.print(connectText(connection));
    return EXIT.ok;
  },
  switchover: (call) => asked(call, "switchover", pairs(call, "to", "at")),
  restart: (call) =>
    asked(call, "restart", call.options.switches.has("pending") ? ["only=pending"] : []),
  pause: (call) => asked(call, "pause", []),
  hibernate: (call) => asked(call, "hibernate", []),
  resume: (call) => resume(call.session, wordOf(call, 0)),
  backup: (call) => asked(call, "backup", []),
  "upgrade-check": (call) => asked(call, "upgrade-check", pairs(call, "to")),
  restore,
  adopt: (call) => handOverAll(call, "adopt"),
  handback: (call) => handOverAll(call, "handback"),
  report: async (call) => {
    const report = await readReport(call.session, wordOf(call, 0), call.value("operator"));
    call.session.terminal.print(`${JSON.stringify(report, null, 2)}\n`);
    return EXIT.ok;
  },
  scale: (call) => changed(call, scaled(wholeNumber(wordOf(call, 1), "INSTANCES"))),
  "add-user": (call) => changed(call, withUser(wordOf(call, 1), call.options.words.slice(2))),
  "add-db": (call) => {
    const owner = call.value("owner");
    if (owner === undefined) throw new CommandError("name its owner with --owner USER");
    return changed(call, withDatabase(wordOf(call, 1), owner));
  },
  "ext-volume": (call) => changed(call, withVolume(wordOf(call, 1))),
};

function wordOf({ options }: Call, index: number): string {
  return options.words[index] ?? "";
}

function changed(call: Call, make: Change): Promise<number> {
  return change(call.session, wordOf(call, 0), make);
}

function pairs({ value }: Call, ...names: readonly string[]): string[] {
  return names.flatMap((name) => value(name) === undefined ? [] : [`${name}=${value(name)}`]);
}

function durationOf({ value }: Call, flag: string): number | undefined {
  const text = value(flag);
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined) throw new CommandError(`--${flag} is a duration such as 10m, not ${text}`);
  return ms;
}

function handOverAll(call: Call, what: "adopt" | "handback"): Promise<number> {
  const { session, options: { words, switches }, value } = call;
  const here = switches.has("all") ? "namespace" : undefined;
  return handOverClusters(session, {
    what,
    cluster: words[0],
    all: switches.has("all-namespaces") ? "everywhere" : here,
    to: value("to"),
    accept: value("accept"),
    config: value("config"),
    quietMs: durationOf(call, "quiet"),
    timeoutMs: durationOf(call, "timeout"),
  });
}

function asked(call: Call, what: string, given: readonly string[]): Promise<number> {
  const timeoutMs = durationOf(call, "timeout") ?? PATIENCE_MS;
  return ask(call.session, {
    cluster: wordOf(call, 0),
    what,
    arguments: given,
    waits: !call.options.switches.has("no-wait"),
    timeoutMs,
  });
}

async function story(call: Call, shown: (whole: Story) => Story): Promise<number> {
  const found = shown(await readStory(call.session, wordOf(call, 0)));
  if (!printer(call)(found)) call.session.terminal.print(storyText(found));
  return EXIT.ok;
}

async function plan(call: Call): Promise<number> {
  const { session, options, system, value } = call;
  if (options.switches.has("all-namespaces") || options.switches.has("all")) {
    const everywhere = options.switches.has("all-namespaces");
    const lines = await readFleet(session, { everywhere, config: value("config") });
    if (!printer(call)(lines)) session.terminal.print(fleetText(lines));
    return worstCode(lines);
  }
  const file = value("file");
  return await showPlan(session, {
    cluster: options.words[0],
    request: value("request"),
    manifest: file === undefined ? undefined : await system.readFile(file),
    config: value("config"),
    json: options.switches.has("json") || value("output") === "json",
  });
}

async function restore(call: Call): Promise<number> {
  const { session, options, value } = call;
  const [from, to] = [wordOf(call, 0), wordOf(call, 1)];
  if (from === to && options.switches.has("plan")) {
    throw new CommandError("--plan needs a new name: a cluster of this name is still there");
  }
  const manifest = await restoreManifest(session, { from, to, at: value("at") });
  session.terminal.print(manifest);
  if (!options.switches.has("plan")) return EXIT.ok;
  session.terminal.print("---\n");
  return await showPlan(session, {
    cluster: undefined,
    request: undefined,
    manifest,
    config: value("config"),
    json: false,
  });
}

function wholeNumber(text: string, what: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new CommandError(`${what} is a whole number, not ${text}`);
  return Number(text);
}
