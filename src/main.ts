/**
 * The entry point: a command (`run`, `plan`, `replay`, `ui`, `version`, those of `kubectl pg`),
 * command line and environment to options, signals to an orderly end.
 * The only place that reads arguments, variables and exits.
 */

import process from "node:process";
import { commandOf, parseCommandLine, usage } from "./command_line.ts";
import {
  type Environment,
  environmentFrom,
  operatorNamespaceOf,
} from "./config/from_environment.ts";
import { createLogger, type RootLogger } from "./log/logger.ts";
import type { LogRecord } from "./log/record.ts";
import { createLogRing } from "./log/ring.ts";
import { startOperator } from "./operator/operator.ts";
import { VERSION } from "./version.ts";

/** Where a pod finds the name of its namespace. */
const NAMESPACE_FILE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/** Lines that the log ring keeps until the configuration is read (`ring_log_lines`). */
const FIRST_RING_LINES = 100;

const EXIT = { ok: 0, failed: 1, usage: 2 };

async function main(): Promise<number> {
  const { name, args } = commandOf(Deno.args, process.argv0);
  // An operator that runs does not load what only another command needs.
  switch (name) {
    case "pg":
      return await runPg(args);
    case "run":
      return await runOperator(args);
    case "plan": {
      const { runPlan, systemEnvironment } = await import("./dry_run/command.ts");
      return await runPlan(args, systemEnvironment());
    }
    case "replay": {
      const { replaySystem, runReplay } = await import("./recorder/command.ts");
      return await runReplay(args, replaySystem(VERSION));
    }
    case "ui": {
      const { runUi } = await import("./ui/command.ts");
      return await runUi(args, VERSION);
    }
    case "version":
      write(`postgres-operator ${VERSION}\n`);
      return EXIT.ok;
    default:
      return name satisfies never;
  }
}

/** Loaded only here: the operator needs none of it. */
async function runPg(args: readonly string[]): Promise<number> {
  const [{ runCommand }, { userSystem }] = await Promise.all([
    import("./commands/program.ts"),
    import("./commands/system.ts"),
  ]);
  return await runCommand(args, userSystem());
}

async function runOperator(args: readonly string[]): Promise<number> {
  const parsed = parseCommandLine(args);
  switch (parsed.kind) {
    case "help":
      write(usage());
      return EXIT.ok;
    case "version":
      write(`postgres-operator ${VERSION}\n`);
      return EXIT.ok;
    case "wrong":
      await Deno.stderr.write(new TextEncoder().encode(`${parsed.message}\n\n${usage()}`));
      return EXIT.usage;
  }
  const variables = Deno.env.toObject();
  const operatorNamespace = operatorNamespaceOf(variables) ?? await podNamespace() ?? "default";
  const ring = createLogRing(FIRST_RING_LINES);
  const log = (format: Environment["logFormat"]) =>
    createLog(format, parsed.options.verbosity, ring.add);
  let logger = log("text");
  const stop = stopSignal();
  try {
    const environment = environmentFrom(variables, operatorNamespace);
    logger = log(environment.logFormat);
    logger.info(`postgres-operator ${VERSION} in namespace ${operatorNamespace}`);
    const operator = await startOperator({
      settings: {
        commandLine: parsed.options,
        environment,
        operatorNamespace,
        podName: variables.HOSTNAME || "postgres-operator",
      },
      output: { logger, ring },
      signal: stop.signal,
    });
    const lost = await Promise.race([stop.asked, operator.lost]);
    if (lost !== undefined) logger.error(`stopping: ${lost}`);
    else logger.info("stopping");
    await operator.stop();
    logger.info("stopped");
    return lost === undefined ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (stop.signal.aborted) return EXIT.ok;
    logger.error(error instanceof Error ? error.message : String(error));
    if (parsed.options.verbosity > 0 && error instanceof Error) logger.error(error.stack ?? "");
    return EXIT.failed;
  }
}

function write(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

function createLog(
  format: Environment["logFormat"],
  verbosity: number,
  mirror: (record: LogRecord) => void,
): RootLogger {
  return createLogger({
    format: format === "text without quotes" ? "text-noquote" : format,
    verbosity,
    now: () => new Date(),
    write: (line) => write(`${line}\n`),
    mirror,
  });
}

async function podNamespace(): Promise<string | undefined> {
  try {
    return (await Deno.readTextFile(NAMESPACE_FILE)).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** SIGINT and SIGTERM ask for an orderly end. */
function stopSignal(): { readonly signal: AbortSignal; readonly asked: Promise<void> } {
  const controller = new AbortController();
  const asked = new Promise<void>((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(name, () => {
        controller.abort(new Error(`${name} received`));
        resolve();
      });
    }
  });
  return { signal: controller.signal, asked };
}

Deno.exit(await main());
