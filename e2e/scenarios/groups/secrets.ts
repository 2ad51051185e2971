/** Secrets that people and controllers of others write, and users that cannot be: who gets in. */
import { isReady, manifestOf, statefulSetOf, statusOf } from "../../cases/clusters.ts";
import { equal, type Life, pause, secretName } from "../life.ts";
import type { Scenario } from "../scenario.ts";

export const SECRET_SCENARIOS: readonly Scenario[] = [
  {
    name: "password_that_somebody_gave_alone",
    asserts: [
      "the chosen password lets in",
      "the user's name is put beside it, and told",
      "what its owner takes out is put back twice at the most",
      "the chosen password still lets in",
      "a renewed password lets in",
    ],
    // Nobody watches a Secret without labels: it is looked at once in this time.
    config: { resync_period: "5s" },
    run: passwordAlone,
  },
  {
    name: "users_that_cannot_be",
    asserts: [
      "everything else of roles, databases, schemas and extensions is made",
      "a second instance runs",
      "each user that cannot be is named, and none is there",
      "flags that exclude each other are named, and the cluster shrinks",
      "without them the cluster runs, and a new user gets in",
    ],
    run: impossibleUsers,
  },
  {
    name: "secrets_changed_by_hand",
    asserts: [
      "the superuser's new password lets in within 15 s, and the former one does not",
      "both pods start again with it, and the Secret keeps it",
      "the log tells neither it nor a verifier",
      "a new password of the replication role lets in, in new pods",
      "a deleted Secret of the superuser is replaced by one that lets in",
    ],
    run: changedByHand,
  },
];

const [CHOSEN, RENEWED] = ["chosen", "renewed"] as const;

async function passwordAlone(life: Life): Promise<void> {
  await life.cluster.create({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: life.namespace, name: secretName("app") },
    data: { password: btoa(CHOSEN) },
  });
  await life.start({ numberOfInstances: 1, users: { app: [] }, databases: {} });
  const letsIn = (password: string) => life.logsIn({ user: "app", password });
  life.check("the chosen password lets in", await letsIn(CHOSEN));
  const told = life.cluster.view.list("Event", life.namespace).some((event) =>
    /Secret of role app has no user name/.test(String(event["message"] ?? event["note"]))
  );
  life.check(
    "the user's name is put beside it, and told",
    equal([life.secretValue("app", "username"), told], ["app", true]),
  );
  const taken = await takenOut(life);
  life.check("what its owner takes out is put back twice at the most", taken <= 2);
  life.check("the chosen password still lets in", await letsIn(CHOSEN));
  await life.cluster.patch(life.secret("app"), { data: { password: btoa(RENEWED) } });
  await life.eventually("a renewed password lets in", () => letsIn(RENEWED));
}

/** A controller that owns the Secret takes out what is not its own; how often that was there. */
async function takenOut(life: Life): Promise<number> {
  let taken = 0;
  for (let look = 0; look < 75; look++) {
    if (life.secret("app").data?.["username"] !== undefined) {
      taken++;
      await life.cluster.patch(life.secret("app"), { data: { username: null } });
    }
    await pause(200);
  }
  return taken;
}

/** What is there of what was asked for, by database. */
const MADE: readonly (readonly [database: string, query: string])[] = [
  ["postgres", "SELECT rolcreatedb FROM pg_roles WHERE rolname = 'crane'"],
  ["postgres", "SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'berth')"],
  ["Manifests", "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'inbound')"],
  ["Manifests", "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')"],
];
const NAMELESS = "SELECT count(*)::int FROM pg_roles WHERE rolname LIKE '%\\_user'";

async function impossibleUsers(life: Life): Promise<void> {
  await life.start({
    numberOfInstances: 1,
    users: { crane: [] },
    databases: { cargo: "crane" },
    preparedDatabases: { Manifests: {} },
  });
  const Manifests = {
    defaultUsers: true,
    schemas: { inbound: { defaultRoles: false } },
    extensions: { pg_trgm: "public" },
  };
  await life.change({
    numberOfInstances: 2,
    users: { crane: ["createdb"], winch: [] },
    databases: { cargo: "crane", berth: "winch" },
    preparedDatabases: { Manifests },
  });
  await life.until("the failure is told", () => equal(statusOf(life), "UpdateFailed"));
  await life.eventually(
    "everything else of roles, databases, schemas and extensions is made",
    async () => {
      const ask = async ([database, query]: (typeof MADE)[number]) =>
        (await life.sql(query, { database })).flat()[0];
      return equal(await Promise.all(MADE.map(ask)), MADE.map(() => true));
    },
  );
  await life.eventually(
    "a second instance runs",
    () => equal(life.pods().filter(isReady).length, 2),
  );
  const named = failure(life).match(/role Manifests_(owner|reader|writer)_user/g)?.length;
  life.check(
    "each user that cannot be is named, and none is there",
    equal([named, (await life.sql(NAMELESS)).flat()[0]], [3, 0]),
  );
  await excludingFlags(life, Manifests);
}

async function excludingFlags(life: Life, Manifests: object): Promise<void> {
  const users = { crane: ["login", "nologin"], late: [] };
  await life.change({ numberOfInstances: 1, users });
  await life.eventually(
    "flags that exclude each other are named, and the cluster shrinks",
    () =>
      equal(
        [
          /spec.users.crane cannot be used/.test(failure(life)),
          statefulSetOf(life)?.spec?.replicas,
        ],
        [true, 1],
      ),
  );
  await life.change({
    users: { crane: [], late: [] },
    preparedDatabases: { Manifests: { ...Manifests, defaultUsers: false } },
  });
  await life.settled();
  life.check(
    "without them the cluster runs, and a new user gets in",
    await life.logsIn({ user: "late", password: life.secretValue("late", "password") }),
  );
}

function failure(life: Life): string {
  const { conditions = [] } = manifestOf(life)?.status ?? {};
  return conditions.find(({ type }) => type === "Synced")?.message ?? "";
}

/** From the change of the Secret to the first log-in. */
const REPAIR_LIMIT_MS = 15_000;

async function changedByHand(life: Life): Promise<void> {
  await life.start();
  const former = life.secretValue("postgres", "password");
  const letsIn = (password: string, user = "postgres") => life.logsIn({ user, password });
  let uids = life.uids();
  const write = async (role: string, password: string) => {
    uids = life.uids();
    await life.cluster.patch(life.secret(role), { data: { password: btoa(password) } });
  };
  const pods = () => life.uids().every((uid) => !uids.includes(uid)) && life.uids().length === 2;
  await write("postgres", "changed-by-hand");
  await life.eventually(
    "the superuser's new password lets in within 15 s, and the former one does not",
    async () => await letsIn("changed-by-hand") && !await letsIn(former),
    REPAIR_LIMIT_MS,
  );
  await life.until("the pods are others", pods);
  await life.settled();
  life.check(
    "both pods start again with it, and the Secret keeps it",
    await letsIn("changed-by-hand") &&
      equal(life.secretValue("postgres", "password"), "changed-by-hand"),
  );
  life.check(
    "the log tells neither it nor a verifier",
    !/changed-by-hand|SCRAM-SHA-256/.test(life.operator.log().join("\n")),
  );
  await write("standby", "replicate-by-hand");
  await life.until("the pods are others", pods);
  await life.settled();
  life.check(
    "a new password of the replication role lets in, in new pods",
    await letsIn("replicate-by-hand", "standby"),
  );
  uids = life.uids();
  await life.cluster.delete(life.secret("postgres"));
  await life.until("the pods are others", pods);
  await life.settled();
  const last = life.secretValue("postgres", "password");
  life.check(
    "a deleted Secret of the superuser is replaced by one that lets in",
    last !== "changed-by-hand" && await letsIn(last),
  );
}
