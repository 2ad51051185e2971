/** The connection pooler comes, changes and goes; clients get through it. */
import type { Deployment, Pod, Service } from "../../../src/kubernetes/types.gen.ts";
import { isReady, MINIMAL } from "../../cases/clusters.ts";
import { readManifest } from "../../support/test_cluster.ts";
import { certificateSecret, shownSubject } from "../certificates.ts";
import { equal, type Life } from "../life.ts";
import type { Scenario } from "../scenario.ts";

export const POOLER_SCENARIOS: readonly Scenario[] = [
  {
    name: "test_enable_disable_connection_pooler",
    asserts: [
      "both poolers have two pods each, two Services and three Secrets",
      "all four pods have the paths and the mount of certificate and key",
      "both poolers show the certificate to clients",
      "a client gets through the pooler of the primary",
      "a client gets through the pooler of the replicas",
      "both Services become load balancers with their DNS names",
      "without the primary's pooler the replicas' is left, with two Secrets",
      "without the replicas' pooler the primary's is left, as ClusterIP, with two Secrets",
      "three pods of the pooler run",
      "nothing of the poolers is left",
      "every database has the pooler's schema",
      "the empty section can go",
    ],
    run: poolers,
  },
  {
    name: "pooler_password_changed",
    asserts: [
      "the database takes the pooler's new password",
      "its pods are others, and both run",
      "clients get through it afterwards",
      "the former password lets nobody in",
    ],
    run: passwordChanged,
  },
  {
    name: "pooler_with_names_of_its_own",
    asserts: [
      "a client gets through a pooler whose schema and user are written in their own way",
      "a client gets through a pooler whose user is the superuser",
    ],
    run: ownNames,
  },
  {
    name: "test_overwrite_pooler_deployment",
    asserts: [
      "the foreign Deployment of that name is taken over, with two replicas",
      "no pod is left",
    ],
    run: overwritten,
  },
];

const [PRIMARY, REPLICA] = [`${MINIMAL}-pooler`, `${MINIMAL}-pooler-repl`] as const;
const LABELS = { application: "db-connection-pooler", "cluster-name": MINIMAL };

function runningPods(life: Life, pooler: string): number {
  return (life.labelled("Pod", { "connection-pooler": pooler }) as Pod[]).filter(isReady).length;
}

/** Ready pods of both poolers, Services, Secrets. */
function counts(life: Life): number[] {
  return [
    runningPods(life, PRIMARY),
    runningPods(life, REPLICA),
    life.labelled("Service", LABELS).length,
    life.labelled("Secret", LABELS).length,
  ];
}

function see(life: Life, what: string, wanted: number[]): Promise<void> {
  return life.eventually(what, () => equal(counts(life), wanted));
}

function service(life: Life, name: string): Service | undefined {
  return life.object("Service", name) as Service | undefined;
}

async function poolers(life: Life): Promise<void> {
  const tls = await certificateSecret(life, HOST);
  await life.start({ spiloFSGroup: 103, tls });
  await life.change({ enableConnectionPooler: true, enableReplicaConnectionPooler: true });
  const all = "both poolers have two pods each, two Services and three Secrets";
  await see(life, all, [2, 2, 2, 3]);
  await encrypted(life);
  await getThrough(life);
  await loadBalancers(life);
  await life.change({
    enableMasterPoolerLoadBalancer: null,
    enableReplicaPoolerLoadBalancer: null,
    enableConnectionPooler: false,
  });
  const replicas = "without the primary's pooler the replicas' is left, with two Secrets";
  await see(life, replicas, [0, 2, 1, 2]);
  await life.change({
    enableConnectionPooler: true,
    enableReplicaConnectionPooler: false,
    enableMasterPoolerLoadBalancer: false,
  });
  await life.eventually(
    "without the replicas' pooler the primary's is left, as ClusterIP, with two Secrets",
    () => equal([counts(life), service(life, PRIMARY)?.spec?.type], [[2, 0, 1, 2], "ClusterIP"]),
  );
  await life.change({ connectionPooler: { numberOfInstances: 3 } });
  await life.eventually(
    "three pods of the pooler run",
    () => equal(runningPods(life, PRIMARY), 3),
  );
  await switchOff(life);
}

const HOST = "pooler.example.org";
const CERTIFICATE = ["CONNECTION_POOLER_CLIENT_TLS_CRT", "CONNECTION_POOLER_CLIENT_TLS_KEY"];

async function encrypted(life: Life): Promise<void> {
  const pods = life.labelled("Pod", LABELS) as Pod[];
  const found = pods.flatMap(({ spec }) =>
    (spec?.containers ?? []).map(({ env, volumeMounts }) => [
      ...CERTIFICATE.map((name) => env?.find((it) => it.name === name)?.value),
      volumeMounts?.some(({ mountPath }) => mountPath === "/tls"),
    ])
  );
  const wanted = ["/tls/tls.crt", "/tls/tls.key", true];
  life.check(
    "all four pods have the paths and the mount of certificate and key",
    equal(found, [wanted, wanted, wanted, wanted]),
  );
  await life.eventually("both poolers show the certificate to clients", async () => {
    const subjects = await Promise.all(pods.map(shownSubject));
    return equal(subjects.map((text) => text.includes(`CN = ${HOST}`)), pods.map(() => true));
  });
}

async function getThrough(life: Life): Promise<void> {
  const user = { user: "zalando", database: "foo" };
  await life.eventually(
    "a client gets through the pooler of the primary",
    () => life.logsIn({ ...user, service: PRIMARY }),
  );
  await life.eventually(
    "a client gets through the pooler of the replicas",
    async () => {
      const rows = await life.sql("SELECT pg_is_in_recovery()", { ...user, service: REPLICA });
      return equal(rows, [[true]]);
    },
  );
}

const HOSTNAME = "external-dns.alpha.kubernetes.io/hostname";

async function loadBalancers(life: Life): Promise<void> {
  await life.change({
    enableMasterPoolerLoadBalancer: true,
    enableReplicaPoolerLoadBalancer: true,
  });
  const names = [PRIMARY, REPLICA].map((name) => `${name}.${life.namespace}.db.example.com`);
  await life.eventually("both Services become load balancers with their DNS names", () => {
    const found = [PRIMARY, REPLICA].map((name) => {
      const { spec, metadata } = service(life, name) ?? {};
      return [spec?.type, metadata?.annotations?.[HOSTNAME]?.split(",")[0]];
    });
    return equal(found, names.map((name) => ["LoadBalancer", name]));
  });
}

async function switchOff(life: Life): Promise<void> {
  await life.change({ enableConnectionPooler: false, enableReplicaConnectionPooler: false });
  await see(life, "nothing of the poolers is left", [0, 0, 0, 0]);
  const databases = await life.sql(
    "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'",
  );
  const schema = "SELECT count(*)::int FROM pg_namespace WHERE nspname = 'pooler'";
  const found = await Promise.all(
    databases.map(([database]) => life.sql(schema, { database: String(database) })),
  );
  life.check(
    "every database has the pooler's schema",
    databases.length > 0 && found.every(([row]) => row?.[0] === 1),
  );
  await life.change({ connectionPooler: null });
  await life.settled();
  life.check("the empty section can go", true);
}

async function passwordChanged(life: Life): Promise<void> {
  await life.start({ numberOfInstances: 1, enableConnectionPooler: true });
  const uids = () => life.labelled("Pod", LABELS).map(({ metadata }) => metadata.uid);
  await life.until("the pooler runs", () => equal(runningPods(life, PRIMARY), 2));
  const [former, before] = [life.secretValue("pooler", "password"), uids()];
  await life.cluster.patch(life.secret("pooler"), { data: { password: btoa("another") } });
  const letsIn = (password: string) => life.logsIn({ user: "pooler", password });
  await life.eventually("the database takes the pooler's new password", () => letsIn("another"));
  await life.eventually(
    "its pods are others, and both run",
    () =>
      equal(
        [runningPods(life, PRIMARY), uids().filter((uid) => before.includes(uid)).length],
        [2, 0],
      ),
  );
  await life.eventually(
    "clients get through it afterwards",
    () => life.logsIn({ user: "zalando", database: "foo", service: PRIMARY }),
  );
  life.check("the former password lets nobody in", !await letsIn(former));
  await life.settled();
}

async function ownNames(life: Life): Promise<void> {
  await life.start({
    numberOfInstances: 1,
    users: { crane: [] },
    databases: { cargo: "crane" },
    enableConnectionPooler: true,
    connectionPooler: { schema: "GateWay", user: "gatekeeper", numberOfInstances: 1 },
  });
  const getsThrough = () =>
    life.logsIn({
      user: "crane",
      password: life.secretValue("crane", "password"),
      service: PRIMARY,
      database: "cargo",
    });
  await life.eventually(
    "a client gets through a pooler whose schema and user are written in their own way",
    getsThrough,
  );
  await life.change({ connectionPooler: { user: "postgres" } });
  await life.settled();
  await life.eventually("a client gets through a pooler whose user is the superuser", getsThrough);
}

async function overwritten(life: Life): Promise<void> {
  await life.start({ numberOfInstances: 1 });
  const [foreign] = readManifest("minimal-fake-pooler-deployment.yaml");
  await life.cluster.create({
    ...foreign!,
    metadata: { ...foreign!.metadata, name: PRIMARY, namespace: life.namespace },
  });
  await life.change({ enableConnectionPooler: true });
  await life.eventually(
    "the foreign Deployment of that name is taken over, with two replicas",
    () => {
      const deployment = life.object("Deployment", PRIMARY) as Deployment | undefined;
      return equal([deployment?.spec?.replicas, runningPods(life, PRIMARY)], [2, 2]);
    },
  );
  await life.change({ enableConnectionPooler: false });
  await life.eventually("no pod is left", () => equal(runningPods(life, PRIMARY), 0));
}
