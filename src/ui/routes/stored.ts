/** Base backups in the bucket, also of clusters that are gone. */

import { type Asking, visibleClusters } from "../context.ts";
import { UiError } from "../errors.ts";
import { baseBackups, storedClusters, storedLives } from "../base_backups.ts";
import type { ObjectStore } from "../../clients/stores/object_store.ts";
import type { Route } from "./route.ts";

export const storedRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/stored_clusters",
    async handle(asking) {
      const store = await openedStore(asking);
      return Response.json(await storedClusters(store, asking.parts.settings.store.prefix));
    },
  },
  {
    method: "GET",
    path: "/stored_clusters/:cluster",
    async handle(asking, { values: { cluster = "" } }) {
      const store = await openedStore(asking);
      return Response.json(await storedLives(store, asking.parts.settings.store.prefix, cluster));
    },
  },
  {
    method: "GET",
    path: "/stored_clusters/:cluster/:uid",
    async handle(asking, { values: { cluster = "", uid = "" } }) {
      const store = await openedStore(asking);
      const { store: { prefix }, shown } = asking.parts.settings;
      const versions = (shown["postgresql_versions"] as unknown[]).map(String);
      return Response.json(await baseBackups(store, prefix, { cluster, uid, versions }));
    },
  },
];

/** The bucket is read with our rights: whoever asks has to be somebody who may list clusters. */
async function openedStore(asking: Asking): Promise<ObjectStore> {
  await visibleClusters(asking);
  const store = await asking.parts.store();
  if (store !== undefined) return store;
  throw new UiError(
    "no bucket is named: set OPERATOR_UI_BACKUP_STORE or SPILO_S3_BACKUP_BUCKET",
    503,
  );
}
