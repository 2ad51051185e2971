/**
 * The logical backup image: its own script with the programs of this machine (dev cluster, images
 * layer). Where dumps go says the environment, as in a cluster.
 */
import { ImageUnavailableError } from "../runtime.ts";
import { type ContainerProgram, type ImageRequest, programPath } from "./program.ts";

const SCRIPT = new URL("../../../../images/logical-backup/dump.sh", import.meta.url);

/**
 * The program of a logical backup container.
 *
 * @throws ImageUnavailableError when no pg_dumpall here can read a server of PG_VERSION.
 */
export function logicalBackupProgram(request: ImageRequest): ContainerProgram {
  const { env, image } = request.container;
  const version = Number(env["PG_VERSION"] ?? "0");
  // A newer pg_dumpall reads an older server, never the other way round.
  const major = request.machine.postgresMajors.find((have) => Number(have) >= version);
  if (major === undefined) {
    throw new ImageUnavailableError(
      `cannot run ${image}: PG_VERSION is ${version}, and this machine has only PostgreSQL ` +
        `${request.machine.postgresMajors.join(", ")}`,
    );
  }
  return {
    argv: ["/bin/bash", "/scripts/dump.sh"],
    user: "postgres",
    execUser: "postgres",
    workingDir: "/",
    env: {
      HOME: "/tmp",
      // The containers of this machine share its /dev.
      TERMINATION_MESSAGE_PATH: "/tmp/termination-log",
      ...env,
      PATH: programPath(major),
    },
    files: [{
      path: "/scripts/dump.sh",
      content: Deno.readTextFileSync(SCRIPT),
      mode: 0o755,
      owner: "root",
    }],
    setUp: [],
    notes: [],
  };
}
