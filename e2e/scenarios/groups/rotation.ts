/** Passwords are rotated, and former logins go when their time is over. */
import type { KubeObject } from "../../../src/kubernetes/types.gen.ts";
import { MINIMAL, minimalCluster, statusOf } from "../../cases/clusters.ts";
import { readManifest } from "../../support/test_cluster.ts";
import { equal, type Life } from "../life.ts";
import type { Scenario } from "../scenario.ts";

/** The one in which the right to write Secrets is taken away. */
export const SECRET_FIRST = {
  name: "password_published_before_it_is_set",
  unknown: "a role whose Secret cannot be written has no password that nobody can read",
  kept: "a password whose successor cannot be published goes on letting in",
  healed: "both Secrets let in once they can be written",
} as const;

export const ROTATION_SCENARIOS: readonly Scenario[] = [{
  name: "test_password_rotation",
  asserts: [
    "a user that rotates in place has its next rotation in 90 days",
    "the Secret of a rotated user has the login of today and its next rotation in 30 days",
    "former logins older than the retention are gone",
    "a new login has the settings of its user, and both may log in",
    "the login of the Secret gets in",
    "there are as many Secrets as before",
    "an ignored user keeps its name",
    "an inherited annotation reaches the Secret in another namespace",
    "without rotation the Secret has the user itself and no next rotation",
    "without rotation former logins go by the shorter retention",
  ],
  config: { enable_cross_namespace_secret: "true", inherited_annotations: "environment" },
  run: passwordRotation,
}, {
  name: SECRET_FIRST.name,
  asserts: [SECRET_FIRST.unknown, SECRET_FIRST.kept, SECRET_FIRST.healed],
  run: secretFirst,
}];

const DAY_MS = 24 * 3600_000;
const LOGINS = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'foo_user%' ORDER BY 1";

/** `YYMMDD`, as in names of logins. */
function stamp(daysFromNow: number): string {
  return day(daysFromNow).replaceAll("-", "").slice(2);
}

function day(daysFromNow: number): string {
  return new Date(Date.now() + daysFromNow * DAY_MS).toISOString().slice(0, 10);
}

async function passwordRotation(life: Life): Promise<void> {
  const other = await life.cluster.namespace();
  const ignored = `${other}.db_user`;
  await life.start({
    users: { zalando: ["superuser", "createdb"], foo_user: [], [ignored]: [] },
    usersIgnoringSecretRotation: [ignored],
    usersWithInPlaceSecretRotation: ["zalando"],
  });
  await life.eventually(
    "a user that rotates in place has its next rotation in 90 days",
    () => equal(life.secretValue("zalando", "nextRotation").slice(0, 10), day(90)),
  );
  await rotate(life, other, ignored);
  await stopRotating(life);
}

async function rotate(life: Life, other: string, ignored: string): Promise<void> {
  const count = secretCount(life);
  const former = ["201031", "211031", stamp(-40)].map((it) => `foo_user${it}`);
  for (const name of former) await life.sql(`CREATE ROLE ${name} LOGIN IN ROLE foo_user`);
  await life.cluster.patch(life.secret("foo_user"), {
    data: { nextRotation: btoa(`${day(0)}T00:00:00Z`) },
  });
  await life.sql("ALTER ROLE foo_user SET search_path TO data");
  await life.configure({
    enable_password_rotation: "true",
    password_rotation_interval: "30",
    password_rotation_user_retention: "30",
  });
  const today = `foo_user${stamp(0)}`;
  await life.eventually(
    "the Secret of a rotated user has the login of today and its next rotation in 30 days",
    () =>
      equal(
        [
          life.secretValue("foo_user", "username"),
          life.secretValue("foo_user", "nextRotation").slice(0, 10),
        ],
        [today, day(30)],
      ),
  );
  const left = ["foo_user", `foo_user${stamp(-40)}`, today].sort();
  await life.eventually(
    "former logins older than the retention are gone",
    async () => equal((await life.sql(LOGINS)).flat(), left),
  );
  const settings = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'foo_user%' AND rolcanlogin " +
    "AND rolconfig = ARRAY['search_path=data'] ORDER BY 1";
  await life.eventually(
    "a new login has the settings of its user, and both may log in",
    async () => equal((await life.sql(settings)).flat(), ["foo_user", today]),
  );
  await life.eventually(
    "the login of the Secret gets in",
    () => life.logsIn({ user: today, password: life.secretValue("foo_user", "password") }),
  );
  await annotationReaches(life, other, ignored);
  life.check("there are as many Secrets as before", equal(secretCount(life), count));
}

async function annotationReaches(life: Life, other: string, ignored: string): Promise<void> {
  await life.cluster.patch(minimalCluster(life.namespace), {
    metadata: { annotations: { environment: "test" } },
  });
  const labels = { application: "spilo", "cluster-name": MINIMAL };
  const secret = () => life.labelled("Secret", labels, other)[0];
  await life.eventually(
    "an inherited annotation reaches the Secret in another namespace",
    () => equal(secret()?.metadata.annotations?.["environment"], "test"),
  );
  const data = secret()?.["data"] as Record<string, string> | undefined;
  life.check("an ignored user keeps its name", equal(atob(data?.["username"] ?? ""), ignored));
}

async function stopRotating(life: Life): Promise<void> {
  await life.configure({
    enable_password_rotation: "false",
    password_rotation_interval: "15",
    password_rotation_user_retention: "30",
  });
  await life.eventually(
    "without rotation the Secret has the user itself and no next rotation",
    () =>
      equal(
        [life.secretValue("foo_user", "username"), life.secretValue("foo_user", "nextRotation")],
        ["foo_user", ""],
      ),
  );
  await life.eventually(
    "without rotation former logins go by the shorter retention",
    async () => equal((await life.sql(LOGINS)).flat(), ["foo_user", `foo_user${stamp(0)}`]),
  );
}

function secretCount(life: Life): number {
  return life.labelled("Secret", { application: "spilo", "cluster-name": MINIMAL }).length;
}

interface Role extends KubeObject {
  rules: { resources: string[]; verbs: string[] }[];
}

/** Gives the operator the right to write Secrets, or takes it away. */
async function mayWriteSecrets({ cluster }: Life, may: boolean): Promise<void> {
  const shipped = readManifest("operator-service-account-rbac.yaml");
  const role = shipped.find(({ kind, metadata }) =>
    kind === "ClusterRole" && metadata.name === "postgres-operator"
  ) as Role;
  const rules = role.rules.map((rule) => {
    const reads = rule.verbs.filter((verb) => ["get", "list", "watch"].includes(verb));
    return rule.resources.includes("secrets") && !may ? { ...rule, verbs: reads } : rule;
  });
  await cluster.patch(role, { rules });
}

/** A refused write is tried again after the operator's repair period, and after growing pauses. */
const HEALED_LIMIT_MS = 120_000;

async function secretFirst(life: Life): Promise<void> {
  const users = { zalando: ["superuser", "createdb"], foo_user: [] };
  await life.start({ users, usersWithInPlaceSecretRotation: ["foo_user"] });
  const former = { user: "foo_user", password: life.secretValue("foo_user", "password") };
  await mayWriteSecrets(life, false);
  await life.cluster.patch(life.secret("foo_user"), {
    data: { nextRotation: btoa(`${day(-1)}T00:00:00Z`) },
  });
  await life.change({ users: { ...users, late: [] } });
  await life.until("the failure is told", () => equal(statusOf(life), "UpdateFailed"));
  const withPassword =
    "SELECT count(*) FROM pg_authid WHERE rolname = 'late' AND rolpassword <> ''";
  life.check(SECRET_FIRST.unknown, equal((await life.sql(withPassword))[0]?.[0], "0"));
  life.check(
    SECRET_FIRST.kept,
    await life.logsIn(former) &&
      equal(life.secretValue("foo_user", "password"), former.password),
  );
  await mayWriteSecrets(life, true);
  const getsIn = (user: string) =>
    life.logsIn({ user, password: life.secretValue(user, "password") });
  await life.eventually(
    SECRET_FIRST.healed,
    async () =>
      await getsIn("late") && await getsIn("foo_user") &&
      life.secretValue("foo_user", "password") !== former.password,
    HEALED_LIMIT_MS,
  );
}
