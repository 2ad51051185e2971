/**
 * What scenarios with an archive share: a bucket, the operator's configuration for it, and clusters
 * that are made from it.
 */
import { parse } from "yaml";
import type { Postgresql } from "../../src/api/types.gen.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { manifestOf, MINIMAL } from "../cases/clusters.ts";
import { type S3Server, startS3Server } from "../support/s3_server.ts";
import { kubectlPg } from "./kubectl_pg.ts";
import { type Finding, type Life, MAJOR, pause } from "./life.ts";

const KEYS = { accessKeyId: "archive-key", secretAccessKey: "archive-secret" };

/** The bucket that the operator is configured with. */
export const BUCKET = "wal-archive";

/** What the operator is told; it looks at archives every ten seconds. */
export const ARCHIVE_CONFIG = {
  wal_s3_bucket: BUCKET,
  pod_environment_configmap: "default/pod-environment",
  pod_environment_secret: "archive-keys",
  resync_period: "10s",
};

/** The database of the scenarios. */
export const IN_FOO = { database: "foo", user: "postgres" };

/** What was written, in its order. */
export const NOTES = "SELECT string_agg(text, ',' ORDER BY id) FROM notes";

/** An archive under test. */
export interface Archive {
  readonly store: S3Server;
  /** Names of objects below the folder of a cluster. */
  readonly below: (cluster: string, uid: string, major?: string) => string[];
}

/** What the operator's configuration names is there before the first cluster. */
export async function withArchive(
  life: Life,
  play: (life: Life, archive: Archive) => Promise<void>,
): Promise<void> {
  const store = startS3Server(KEYS);
  try {
    await life.cluster.create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "pod-environment", namespace: "default" },
      data: {
        AWS_ENDPOINT: store.endpoint,
        USE_WALG_BACKUP: "true",
        CLONE_AWS_ENDPOINT: store.endpoint,
        STANDBY_AWS_ENDPOINT: store.endpoint,
      },
    } as KubeObject);
    await life.cluster.create({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "archive-keys", namespace: life.namespace },
      stringData: Object.fromEntries(
        ["", "CLONE_", "STANDBY_"].flatMap((prefix) => [
          [`${prefix}AWS_ACCESS_KEY_ID`, KEYS.accessKeyId],
          [`${prefix}AWS_SECRET_ACCESS_KEY`, KEYS.secretAccessKey],
        ]),
      ),
    } as KubeObject);
    await life.configure();
    const below = (cluster: string, uid: string, major = MAJOR) =>
      store.names().filter((name) =>
        name.startsWith(`${BUCKET}/spilo/${cluster}/${uid}/wal/${major}/`)
      );
    await play(life, { store, below });
  } finally {
    await store.stop();
  }
}

/** Ends the current WAL file and waits until the archive has it. */
export async function archiveWal(life: Life, name: string = MINIMAL): Promise<void> {
  const current = "SELECT pg_walfile_name(pg_current_wal_lsn())";
  const [[file]] = await life.sql(current, IN_FOO, name) as [[string]];
  await life.sql("SELECT pg_switch_wal()", IN_FOO, name);
  await life.until(`${file} is archived`, async () => {
    const [[last]] = await life.sql("SELECT last_archived_wal FROM pg_stat_archiver", {}, name) as [
      [string | null],
    ];
    return (last ?? "") >= file || { found: last };
  });
}

/** Makes a cluster of one member by the manifest that `kubectl pg restore` prints. */
export async function cloneTo(life: Life, name: string, moment: string): Promise<void> {
  life.step(`${name} as of ${moment}`);
  const { code, stdout, stderr } = await kubectlPg(
    life,
    ["restore", MINIMAL, name, "--at", moment],
  );
  if (code !== 0) throw new Error(`kubectl pg restore: ${stderr}`);
  const manifest = parse(stdout) as Postgresql;
  const spec = { ...manifest.spec, numberOfInstances: 1 };
  await life.cluster.create({ ...manifest, spec } as unknown as KubeObject);
  await life.settled(name);
}

/** Whether a folder of an archive has WAL and a base backup that is finished. */
export function isComplete(names: readonly string[]): Finding {
  return names.some((name) => name.includes("/wal_005/")) &&
      names.some((name) => name.endsWith("_backup_stop_sentinel.json")) || { found: names };
}

/** The uid of a cluster, which names its folder. */
export function uidOf(life: Life, name: string = MINIMAL): string {
  return manifestOf(life, name)?.metadata.uid ?? "";
}

/** The next full second, once it is there, as manifests have it: what was done is before it. */
export async function momentAfter(): Promise<string> {
  await pause(1000 - Date.now() % 1000);
  return new Date().toISOString().replace(/\.\d+Z$/, "+00:00");
}
