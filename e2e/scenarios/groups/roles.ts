/** Roles, their Secrets and who may log in. */
import type { KubeObject } from "../../../src/kubernetes/types.gen.ts";
import { MINIMAL } from "../../cases/clusters.ts";
import { equal, type Life, secretName } from "../life.ts";
import type { Scenario } from "../scenario.ts";

export const ROLE_SCENARIOS: readonly Scenario[] = [
  {
    name: "test_additional_owner_roles",
    asserts: [
      "zalando, bar_owner and bar_data_owner are members of cron_admin, the wrong grant is undone",
    ],
    run: additionalOwnerRoles,
  },
  {
    name: "test_additional_teams_and_members",
    asserts: [
      "elephant and kind are roles",
      "tester can log in and kind_delete_me cannot",
      "kind is renamed back and can log in",
      "tester and tester_delete_me cannot log in where the new name is taken",
      "kind and tester can log in, tester_delete_me still cannot",
    ],
    config: {
      enable_postgres_team_crd: "true",
      enable_team_member_deprecation: "true",
      role_deletion_suffix: "_delete_me",
      resync_period: "15s",
    },
    run: teamsAndMembers,
  },
  {
    name: "test_cross_namespace_secrets",
    asserts: [
      "one Secret with the cluster's labels is in the other namespace",
      "it lets its user in",
    ],
    config: { enable_cross_namespace_secret: "true" },
    run: crossNamespaceSecrets,
  },
  {
    name: "test_infrastructure_roles",
    asserts: [
      "/config shows the role as the reference does",
      "the role can log in with its password",
    ],
    run: infrastructureRoles,
  },
];

async function additionalOwnerRoles(life: Life): Promise<void> {
  await life.start();
  await life.until(
    "the owners of the prepared database are there",
    async () =>
      (await life.sql("SELECT 1 FROM pg_roles WHERE rolname = 'bar_data_owner'")).length === 1,
  );
  await life.sql("GRANT bar_owner TO cron_admin");
  await life.configure({ additional_owner_roles: "cron_admin" });
  const members = `SELECT m.rolname FROM pg_auth_members a
    JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid
    WHERE g.rolname = 'cron_admin' AND m.rolname IN ('zalando', 'bar_owner', 'bar_data_owner')
    ORDER BY 1`;
  const wrong = `SELECT 1 FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member
    JOIN pg_roles g ON g.oid = a.roleid WHERE m.rolname = 'cron_admin' AND g.rolname = 'bar_owner'`;
  await life.eventually(
    "zalando, bar_owner and bar_data_owner are members of cron_admin, the wrong grant is undone",
    async () =>
      equal(
        [await life.sql(members), await life.sql(wrong)],
        [[["bar_data_owner"], ["bar_owner"], ["zalando"]], []],
      ),
  );
}

const TEAM = "custom-team-membership";

async function teamsAndMembers(life: Life): Promise<void> {
  const team: KubeObject = {
    apiVersion: "acid.zalan.do/v1",
    kind: "PostgresTeam",
    metadata: { name: TEAM, namespace: life.namespace },
    spec: {
      additionalTeams: { acid: ["e2e"] },
      additionalMembers: { acid: ["elephant"], e2e: ["kind"] },
    },
  };
  await life.cluster.create(team);
  await life.start();
  const setMembers = (e2e: string[]) =>
    life.cluster.patch(team, { spec: { additionalMembers: { e2e } } });
  const roles = "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname ~ " +
    "'^(elephant|kind|tester)(_delete_me)?$' ORDER BY 1";
  const see = (what: string, wanted: [string, boolean][]) =>
    life.eventually(what, async () => equal(await life.sql(roles), wanted));
  await see("elephant and kind are roles", [["elephant", true], ["kind", true]]);
  await setMembers(["tester"]);
  await see("tester can log in and kind_delete_me cannot", [
    ["elephant", true],
    ["kind_delete_me", false],
    ["tester", true],
  ]);
  await life.sql("CREATE ROLE tester_delete_me NOLOGIN");
  await setMembers(["kind"]);
  await life.until(
    "kind is back",
    async () => (await life.sql("SELECT 1 FROM pg_roles WHERE rolname = 'kind'")).length === 1,
  );
  await life.eventually(
    "kind is renamed back and can log in",
    async () =>
      equal(await life.sql("SELECT rolcanlogin FROM pg_roles WHERE rolname ~ '^kind'"), [[true]]),
  );
  await see("tester and tester_delete_me cannot log in where the new name is taken", [
    ["elephant", true],
    ["kind", true],
    ["tester", false],
    ["tester_delete_me", false],
  ]);
  await setMembers(["kind", "tester"]);
  await see("kind and tester can log in, tester_delete_me still cannot", [
    ["elephant", true],
    ["kind", true],
    ["tester", true],
    ["tester_delete_me", false],
  ]);
}

async function crossNamespaceSecrets(life: Life): Promise<void> {
  const other = await life.cluster.namespace();
  await life.start({ users: { [`${other}.db_user`]: [] } });
  const labels = { application: "spilo", "cluster-name": MINIMAL };
  await life.eventually(
    "one Secret with the cluster's labels is in the other namespace",
    () => equal(life.labelled("Secret", labels, other).length, 1),
  );
  const secret = life.labelled("Secret", labels, other)[0] as
    | (KubeObject & { data?: Record<string, string> })
    | undefined;
  const value = (key: string) => atob(secret?.data?.[key] ?? "");
  await life.eventually(
    "it lets its user in",
    () => life.logsIn({ user: value("username"), password: value("password") }),
  );
}

const ROBOT = "robot_zmon_acid_monitoring_new";

async function infrastructureRoles(life: Life): Promise<void> {
  const name = "postgresql-infrastructure-roles-new";
  const data = { user: ROBOT, password: "long-and-secret", memberof: "robot_zmon" };
  await life.cluster.create({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: "default" },
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, btoa(value)])),
  });
  await life.configure({
    infrastructure_roles_secrets: `secretname: ${name}, userkey: user, rolekey: memberof, ` +
      "passwordkey: password, defaultrolevalue: robot_zmon",
  });
  await life.start({ numberOfInstances: 1 });
  await life.eventually("/config shows the role as the reference does", async () => {
    const { controller } = await (await fetch(`${life.operator.debugUrl}/config`)).json();
    const { Password: _, ...role } = controller.InfrastructureRoles?.[ROBOT] ?? {};
    return equal(role, {
      Origin: 2,
      Name: ROBOT,
      Namespace: "",
      Flags: null,
      MemberOf: ["robot_zmon"],
      Parameters: null,
      AdminRole: "",
      IsDbOwner: false,
      Deleted: false,
      Rotated: false,
      Degraded: false,
    });
  });
  await life.eventually(
    "the role can log in with its password",
    () => life.logsIn({ user: ROBOT, password: data.password }),
  );
  life.step(`its Secret is ${secretName(ROBOT)}`);
}
