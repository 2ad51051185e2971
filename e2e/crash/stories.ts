/** What people ask of clusters, as crash runs play it. */
import type { PostgresqlSpec } from "../../src/api/types.gen.ts";
import type { Config } from "../../src/config/config.ts";
import type { KubeObject, PersistentVolumeClaim } from "../../src/kubernetes/types.gen.ts";
import { encodeBase64 } from "../../src/lib/base64.ts";
import { change, isGone, isRunning, liveManifest, remove, type Story } from "./run.ts";
import { CLUSTER, NAMESPACE, type World } from "./world.ts";

/** Objects alone: what happens in databases has stories of its own. */
const NO_SQL: Partial<Config> = { enableDatabaseAccess: false };
const IMAGE = "ghcr.io/zalando/spilo-18:4.1-p1";
const DAY_MS = 24 * 3600_000;
const VOLUME = "vol-0a1";

const APPLICATION: Partial<PostgresqlSpec> = {
  users: { shop: ["createdb"], reader: [] },
  databases: { orders: "shop" },
};
const PREPARED: Partial<PostgresqlSpec> = {
  preparedDatabases: {
    stock: { defaultUsers: true, schemas: { data: {}, history: { defaultRoles: false } } },
  },
};
const STREAMS: Partial<PostgresqlSpec> = {
  streams: [{
    applicationId: "shop",
    database: "orders",
    tables: { "public.outbox": { eventType: "ordered", idColumn: "id", payloadColumn: "payload" } },
  }],
};
const ROTATION: Partial<Config> = {
  enablePasswordRotation: true,
  passwordRotationInterval: 30,
  passwordRotationUserRetention: 60,
};

function later(days: number): (world: World) => void {
  return ({ cluster: { clock } }) => clock.moveTo(clock.now() + days * DAY_MS);
}

/** True when a Secret says something else than before the rotation, and the cluster runs. */
function rotated(role: string): Pick<Story, "act" | "ended"> {
  let before = "";
  const passwordOf = ({ cluster }: World) => {
    const name = `${role}.${CLUSTER}.credentials.postgresql.acid.zalan.do`;
    const found = cluster.api.find({
      apiVersion: "v1",
      kind: "Secret",
      namespace: NAMESPACE,
      name,
    });
    return JSON.stringify((found as { data?: unknown } | undefined)?.data);
  };
  return {
    act: (world) => {
      before = passwordOf(world);
      later(40)(world);
    },
    ended: (world) => isRunning(world) && passwordOf(world) !== before,
  };
}

/** A person writes a password into a Secret. */
function writePassword(role: string): (world: World) => void {
  return ({ cluster: { api } }) => {
    const name = `${role}.${CLUSTER}.credentials.postgresql.acid.zalan.do`;
    const found = api.find({ apiVersion: "v1", kind: "Secret", namespace: NAMESPACE, name });
    const data = { username: encodeBase64(role), password: encodeBase64("chosen by a person") };
    api.put({ ...found, data } as unknown as KubeObject);
  };
}

/** The claim is bound to a volume of EBS, which AWS has. */
function bindVolume({ cluster: { api }, aws }: World): void {
  aws.volumes.set(VOLUME, { size: 10, type: "gp3", iops: 3000, throughput: 125 });
  api.onChange(({ type, object }) => {
    const claim = object as PersistentVolumeClaim;
    if (type !== "apply" || object.kind !== "PersistentVolumeClaim") return;
    if (claim.spec?.volumeName !== undefined) return;
    const volumeName = "pv-crash";
    const bound = api.put({ ...claim, spec: { ...claim.spec, volumeName } } as KubeObject);
    const { namespace, name, uid } = bound.metadata;
    api.put({
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: volumeName },
      spec: {
        capacity: { storage: "10Gi" },
        claimRef: { namespace, name, uid },
        csi: { driver: "ebs.csi.aws.com", volumeHandle: VOLUME },
      },
    } as KubeObject);
  });
}

/** The Secret of roles that all clusters have, in the form with numbered keys. */
function infrastructure({ cluster: { api } }: World, password: string): void {
  const data = { user1: "robot", password1: password, inrole1: "" };
  const encoded = Object.entries(data).map(([key, value]) => [key, encodeBase64(value)]);
  api.put({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: "default", name: "infrastructure" },
    data: Object.fromEntries(encoded),
  } as KubeObject);
}

function capacity({ cluster: { api } }: World): unknown {
  const volume = api.find({ apiVersion: "v1", kind: "PersistentVolume", name: "pv-crash" });
  return (volume?.["spec"] as { capacity?: { storage?: string } } | undefined)?.capacity?.storage;
}

/** How many publications there are, where each has its stream. */
function published({ cluster: { api }, database: { model } }: World): number | undefined {
  const streams = api.objects().filter(({ kind }) => kind === "FabricEventStream");
  const { size } = model.contents.get("orders")?.publications ?? new Map();
  return size === streams.length ? size : undefined;
}

function podsHave(world: World, count: number, image?: string): boolean {
  const pods = world.cluster.api.objects().filter(({ kind, metadata }) =>
    kind === "Pod" && metadata.labels?.["application"] === "spilo"
  );
  return isRunning(world) && pods.length === count &&
    (image === undefined ||
      pods.every((pod) => JSON.stringify(pod["spec"]).includes(`"${image}"`)));
}

const LIFE: readonly Story[] = [
  { name: "creation", config: NO_SQL, spec: { numberOfInstances: 2 } },
  {
    name: "creation with roles, databases and pooler",
    spec: { ...APPLICATION, ...PREPARED, enableConnectionPooler: true },
  },
  {
    name: "deletion without finalizer",
    config: NO_SQL,
    spec: { numberOfInstances: 2, enableConnectionPooler: true, ...APPLICATION },
    act: remove,
    ended: isGone,
    startsUnseen: true,
  },
  {
    name: "deletion with finalizer",
    config: { ...NO_SQL, enableFinalizers: true },
    spec: { numberOfInstances: 2, enableConnectionPooler: true, ...APPLICATION },
    act: remove,
    ended: isGone,
  },
  {
    name: "scale out",
    config: NO_SQL,
    act: (world) => change(world, { numberOfInstances: 3 }),
    ended: (world) => podsHave(world, 3),
  },
  {
    name: "scale in",
    config: NO_SQL,
    spec: { numberOfInstances: 3 },
    act: (world) => change(world, { numberOfInstances: 1 }),
    ended: (world) => podsHave(world, 1),
  },
  {
    name: "image",
    config: NO_SQL,
    spec: { numberOfInstances: 3 },
    act: (world) => change(world, { dockerImage: IMAGE }),
    ended: (world) => podsHave(world, 3, IMAGE),
  },
  {
    name: "parameters that need a restart",
    config: NO_SQL,
    spec: { numberOfInstances: 2 },
    act: (world) =>
      change(world, { postgresql: { version: "17", parameters: { max_connections: "200" } } }),
  },
  {
    name: "volume growth in AWS",
    config: { ...NO_SQL, storageResizeMode: "ebs" },
    setUp: bindVolume,
    act: (world) => change(world, { volume: { size: "20Gi" } }),
    // A file system that has its size already stays as it is.
    repeats: { "F-VOL-06": /resize2fs/ },
    ended: (world) => isRunning(world) && capacity(world) === "20Gi",
  },
  {
    name: "major upgrade",
    config: { ...NO_SQL, majorVersionUpgradeMode: "full" },
    spec: { numberOfInstances: 2 },
    act: (world) => change(world, { postgresql: { version: "18" } }),
    ended: (world) =>
      isRunning(world) &&
      liveManifest(world)?.metadata.annotations?.["last-major-upgrade-success"] !== undefined,
    repeats: {
      // A question: who commands run as.
      "F-MVU-04": /\/usr\/bin\/id -u/,
      // While pods are marked its end counts as not written down.
      "F-MVU-05": /last-major-upgrade-success/,
    },
  },
  {
    name: "standby promotion",
    config: NO_SQL,
    spec: { standby: { standby_host: "primary.example" } },
    act: (world) => {
      const { standby: _, ...spec } = liveManifest(world)?.spec ?? {};
      const manifest = liveManifest(world);
      world.cluster.api.put({ ...manifest, spec } as unknown as KubeObject);
    },
    // A promotion that Patroni knows changes nothing.
    repeats: { "F-CLN-07": /patchConfig.*standby_cluster/ },
    ended: (world) =>
      isRunning(world) &&
      world.cluster.patroni.requests.some(({ request }) =>
        request.call === "patchConfig" && request.body["standby_cluster"] === null
      ),
  },
];

const DATABASES: readonly Story[] = [
  {
    name: "prepared databases",
    spec: APPLICATION,
    act: (world) => change(world, PREPARED),
    ended: (world) => isRunning(world) && world.database.model.databases.has("stock"),
  },
  {
    name: "pooler on",
    spec: APPLICATION,
    act: (world) => change(world, { enableConnectionPooler: true }),
  },
  {
    name: "pooler off",
    spec: { ...APPLICATION, enableConnectionPooler: true },
    act: (world) => change(world, { enableConnectionPooler: false }),
  },
  {
    name: "another user, database and flag",
    spec: APPLICATION,
    act: (world) =>
      change(world, {
        users: { ...APPLICATION.users, shop: ["createdb", "createrole"], late: [] },
        databases: { ...APPLICATION.databases, bills: "late" },
      }),
    ended: (world) => isRunning(world) && world.database.model.databases.has("bills"),
  },
  {
    name: "streams on",
    spec: APPLICATION,
    streams: true,
    act: (world) => change(world, STREAMS),
    ended: (world) => isRunning(world) && published(world) === 1,
  },
  {
    name: "streams off",
    spec: { ...APPLICATION, ...STREAMS },
    streams: true,
    act: (world) => change(world, { streams: [] }),
    ended: (world) => isRunning(world) && published(world) === 0,
  },
  {
    name: "password written by a person",
    spec: APPLICATION,
    act: writePassword("shop"),
    ended: (world) => world.database.accepts("shop", "chosen by a person"),
  },
];

/** Passwords that are changed in time, for every kind of role that has a Secret. */
const ROTATIONS: readonly Story[] = [
  { name: "rotation by user: role", config: ROTATION, spec: APPLICATION, ...rotated("reader") },
  {
    name: "rotation in place: role",
    config: ROTATION,
    spec: { ...APPLICATION, usersWithInPlaceSecretRotation: ["reader"] },
    ...rotated("reader"),
  },
  {
    name: "rotation in place: owner",
    config: ROTATION,
    spec: { ...APPLICATION, usersWithInPlaceSecretRotation: ["shop"] },
    ...rotated("shop"),
  },
  {
    name: "rotation by user: role that a manifest names alone",
    config: { ...ROTATION, enablePasswordRotation: false },
    spec: { ...APPLICATION, usersWithSecretRotation: ["reader"] },
    ...rotated("reader"),
  },
  {
    name: "rotation: users of prepared databases",
    config: ROTATION,
    spec: PREPARED,
    ...rotated("stock-reader-user"),
  },
  {
    name: "rotation in place: replication",
    config: ROTATION,
    spec: { ...APPLICATION, numberOfInstances: 2, usersWithInPlaceSecretRotation: ["standby"] },
    ...rotated("standby"),
  },
  {
    name: "infrastructure role gets another password",
    config: { infrastructureRolesSecretName: { namespace: "default", name: "infrastructure" } },
    setUp: (world) => infrastructure(world, "first"),
    act: (world) => infrastructure(world, "second"),
    ended: (world) => isRunning(world) && world.database.accepts("robot", "second"),
  },
];

/** All stories. */
export const STORIES: readonly Story[] = [...LIFE, ...DATABASES, ...ROTATIONS];
