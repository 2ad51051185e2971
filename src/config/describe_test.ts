import assert from "node:assert/strict";
import { Sensitive } from "../lib/sensitive.ts";
import { config } from "../testing/config_fixture.ts";
import { controllerConfigView, describeConfig, operatorConfigView } from "./describe.ts";
import { environmentFrom } from "./from_environment.ts";
import { PARAMETERS } from "./parameters.ts";

const SECRET = "do-not-tell";

function withSecrets() {
  const secrets = PARAMETERS.filter((row) => row.kind === "secret");
  assert.equal(secrets.length, 4);
  return config({
    ...Object.fromEntries(secrets.map((row) => [row.property, new Sensitive(SECRET)])),
    sidecars: [{ name: "side", image: "side:1", env: [{ name: "TOKEN", value: SECRET }] }],
  });
}

Deno.test("a described configuration names all parameters and no secret", () => {
  const lines = describeConfig(withSecrets());
  assert.equal(lines.length, 191);
  assert.ok(lines.includes('docker_image: "ghcr.io/zalando/spilo-18:4.1-p2"'));
  assert.ok(lines.includes('resync_period: "30m0s"'));
  assert.ok(lines.includes('oauth_token_secret_name: "default/postgresql-operator"'));
  assert.ok(lines.includes('scalyr_api_key: "[redacted]"'));
  assert.ok(describeConfig(config()).includes('scalyr_api_key: ""'));
  assert.doesNotMatch(lines.join("\n"), new RegExp(SECRET));
});

/** Some of the reference's field names, those that are hardest to derive. */
const FIELDS: Readonly<Record<string, unknown>> = {
  APIPort: 8080,
  AdditionalOwnerRoles: [],
  CRDCategories: ["all"],
  ConnectionPoolerDefaultCPURequest: "",
  DbHostedZone: "db.example.com",
  EnableDBAccess: true,
  EnablePostgresTeamCRDSuperusers: false,
  EnableTeamIdClusternamePrefix: false,
  EtcdHost: "",
  IRSARoleARN: "",
  KubeIAMRole: "",
  LogicalBackupS3AccessKeyID: "",
  LogicalBackupS3SSE: "",
  LogicalBackupTTLSecondsAfterFinished: 86400,
  MasterDNSNameFormat: "{cluster}.{namespace}.{hostedzone}",
  MaxDBConnections: 60,
  NumberOfInstances: 2,
  OAuthTokenSecretName: "default/postgresql-operator",
  PDBNameFormat: "postgres-{cluster}-pdb",
  PamConfiguration: "https://info.example.com/oauth2/tokeninfo?access_token= uid realm=/employees",
  PatroniAPICheckInterval: "1s",
  PodEnvironmentConfigMap: "/",
  ScalyrAPIKey: "",
  ScalyrServerURL: "https://upload.eu.scalyr.com",
  SpiloFSGroup: null,
  TeamAPIRoleConfiguration: { log_statement: "all" },
  TeamsAPIUrl: "https://teams.example.com/api/",
  WALES3Bucket: "",
};

Deno.test("the operator's part of /config/ has the reference's field names and no secret", () => {
  const view = operatorConfigView(config(), "operators");
  assert.equal(Object.keys(view).length, 191);
  for (const [field, want] of Object.entries(FIELDS)) assert.deepEqual(view[field], want, field);
  const secret = JSON.stringify(operatorConfigView(withSecrets(), "operators"));
  assert.doesNotMatch(secret, new RegExp(SECRET));
});

Deno.test("the watched namespace of /config/ is '' for all of them", () => {
  const watched = (watchedNamespace: string) =>
    operatorConfigView(config({ watchedNamespace }), "operators").WatchedNamespace;
  assert.deepEqual([watched("*"), watched("db"), watched("")], ["", "db", "operators"]);
});

Deno.test("the controller's part of /config/ shows infrastructure roles without passwords", () => {
  const view = controllerConfigView({
    config: config(),
    environment: environmentFrom({ CONFIG_MAP_NAME: "settings" }, "operators"),
    switches: { noDatabaseAccess: true, noTeamsApi: false },
    kubeQps: 10,
    kubeBurst: 20,
    roles: [{ name: "monitor", flags: ["LOGIN"], memberOf: ["pg_monitor"], parameters: {} }],
  });
  assert.equal(view.ConfigMapName, "operators/settings");
  assert.equal(view.CRDReadyWaitInterval, 4_000_000_000);
  assert.deepEqual([view.NoDatabaseAccess, view.NoTeamsAPI], [true, false]);
  assert.deepEqual(view.InfrastructureRoles, {
    monitor: {
      Origin: 2,
      Name: "monitor",
      Namespace: "",
      Password: "[redacted]",
      Flags: ["LOGIN"],
      MemberOf: ["pg_monitor"],
      Parameters: null,
      AdminRole: "",
      IsDbOwner: false,
      Deleted: false,
      Rotated: false,
      Degraded: false,
    },
  });
});
