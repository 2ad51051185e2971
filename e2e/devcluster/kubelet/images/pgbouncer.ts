/**
 * The connection pooler image: PgBouncer of this machine, started by the image's own script
 * (dev cluster, images layer).
 *
 * The address to listen on is the pod's own, because pods share the machine's network.
 */
import { type ContainerProgram, type ImageRequest, programPath } from "./program.ts";

const SCRIPT = new URL("../../../../images/pooler/entrypoint.sh", import.meta.url);
const DIRECTORY = "/run/pgbouncer";
const MOUNTED_USERS = "/etc/pgbouncer/userlist.txt";
const READABLE_USERS = `${DIRECTORY}/userlist.txt`;

/** The program of a pooler container. */
export function pgbouncerProgram(request: ImageRequest): ContainerProgram {
  const { env, mounts } = request.container;
  // Debian's package brings a file at that path, too: only a mount counts.
  const mounted = mounts.some((mount) => mount.path === MOUNTED_USERS);
  return {
    argv: ["/bin/sh", "/entrypoint.sh"],
    user: "postgres",
    execUser: "postgres",
    workingDir: "/",
    env: {
      HOME: "/tmp",
      PGBOUNCER_listen_addr: request.podIp,
      POOLER_DIRECTORY: DIRECTORY,
      POOLER_USER_LIST: READABLE_USERS,
      ...env,
      PATH: programPath(),
    },
    files: [{
      path: "/entrypoint.sh",
      content: Deno.readTextFileSync(SCRIPT),
      mode: 0o755,
      owner: "root",
    }],
    setUp: [
      `install -d -o postgres -g postgres ${DIRECTORY}`,
      ...(mounted
        ? [`install -o postgres -g postgres -m 600 ${MOUNTED_USERS} ${READABLE_USERS}`]
        : []),
    ],
    notes: [],
  };
}
