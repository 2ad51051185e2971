/**
 * The logical backup image: one pg_dumpall into a directory of this machine (dev cluster, images
 * layer).
 *
 * Zalando: logical-backup/dump.sh, which uploads; here the same path below `BACKUP_DIRECTORY`
 * stands for the bucket.
 */
import { ImageUnavailableError } from "../runtime.ts";
import { type ContainerProgram, type ImageRequest, programPath } from "./program.ts";

/** Where the directory for backups appears in the container. */
export const BACKUP_DIRECTORY = "/backups";

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
    user: "root",
    execUser: "root",
    workingDir: "/",
    env: { HOME: "/root", PGHOST: env["SCOPE"] ?? "localhost", ...env, PATH: programPath(major) },
    files: [{ path: "/scripts/dump.sh", content: DUMP, mode: 0o755, owner: "root" }],
    setUp: [`mkdir -p ${BACKUP_DIRECTORY}`],
    notes: [],
  };
}

const DUMP = `#!/bin/bash
set -euo pipefail
bucket=\${LOGICAL_BACKUP_S3_BUCKET:-backups}/\${LOGICAL_BACKUP_S3_BUCKET_PREFIX:-spilo}
directory=${BACKUP_DIRECTORY}/$bucket/$SCOPE\${LOGICAL_BACKUP_S3_BUCKET_SCOPE_SUFFIX:-}/logical_backups
mkdir -p "$directory"
file=$directory/$(date +%s).sql.gz
pg_dumpall | gzip > "$file.part"
mv "$file.part" "$file"
echo "Uploaded $(stat -c %s "$file") bytes to $file"
`;
