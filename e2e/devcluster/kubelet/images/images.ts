/**
 * Which program an image name stands for (dev cluster, images layer).
 *
 * Names are matched by what they contain, whatever registry and tag they carry. Images of a
 * plain shell run their command; any other unknown image idles, as a sidecar would.
 */
import { logicalBackupProgram } from "./logical_backup.ts";
import { operatorProgram } from "./operator.ts";
import { pgbouncerProgram } from "./pgbouncer.ts";
import { type ContainerProgram, type ImageRequest, programPath } from "./program.ts";
import { spiloProgram } from "./spilo.ts";

/** First match counts. */
const KNOWN: readonly { name: RegExp; program: (request: ImageRequest) => ContainerProgram }[] = [
  { name: /spilo/, program: spiloProgram },
  { name: /pgbouncer/, program: pgbouncerProgram },
  { name: /logical-backup/, program: logicalBackupProgram },
  { name: /(^|\/)postgres-operator(-deno)?$/, program: operatorProgram },
  { name: /(^|\/)(busybox|alpine|debian|ubuntu|bash)$/, program: shellProgram },
];

/** The program of a container: its image's, or the command that the manifest gives for it. */
export function imageProgram(request: ImageRequest): ContainerProgram {
  const { image, command, args, workingDir } = request.container;
  const name = image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  const known = KNOWN.find((entry) => entry.name.test(name));
  if (known === undefined) return idleProgram(request);
  const program = known.program(request);
  const changed = command !== undefined || workingDir !== undefined;
  if (!changed) return program;
  return {
    ...program,
    workingDir: workingDir ?? program.workingDir,
    ...(command === undefined ? {} : { user: program.execUser, argv: [...command, ...args ?? []] }),
  };
}

function shellProgram(request: ImageRequest): ContainerProgram {
  const { args, env } = request.container;
  return {
    argv: args ?? ["/bin/sh"],
    user: "root",
    execUser: "root",
    workingDir: "/",
    env: { HOME: "/root", ...env, PATH: env["PATH"] ?? programPath() },
    files: [],
    setUp: [],
    notes: [],
  };
}

/** A shell that waits: as process 1 it has to answer TERM by itself. */
function idleProgram(request: ImageRequest): ContainerProgram {
  return {
    ...shellProgram(request),
    argv: ["/bin/bash", "-c", "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done"],
    notes: [`this machine has no program for the image ${request.container.image}; idling`],
  };
}
