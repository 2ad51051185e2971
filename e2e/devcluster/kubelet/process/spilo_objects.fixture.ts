/** The objects of a three-member cluster and a pooler, in the shape that an operator gives them. */
import type { KubeObject } from "../../objects/meta.ts";

export const PASSWORDS = {
  postgres: "super-pw",
  standby: "standby-pw",
  app: "app-pw",
  pooler: "pooler-pw",
};

type AnyObject = KubeObject & Record<string, unknown>;

/** What Patroni may do, once for all clusters of the namespace. */
export function podAccount(): AnyObject[] {
  const metadata = (name: string) => ({ name, namespace: "default" });
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: metadata("postgres-pod") },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "postgres-pod" },
      rules: [
        {
          apiGroups: [""],
          resources: ["endpoints"],
          verbs: [
            "create",
            "delete",
            "deletecollection",
            "get",
            "list",
            "patch",
            "update",
            "watch",
          ],
        },
        {
          apiGroups: [""],
          resources: ["pods"],
          verbs: ["get", "list", "patch", "update", "watch"],
        },
        { apiGroups: [""], resources: ["services"], verbs: ["create"] },
      ],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: metadata("postgres-pod"),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "postgres-pod" },
      subjects: [{ kind: "ServiceAccount", name: "postgres-pod" }],
    },
  ];
}

/** A cluster's name, size, version and what its members' environment has besides. */
export interface SpiloCluster {
  readonly name: string;
  readonly major: string;
  readonly replicas: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** The primary's Service and the members, in Endpoints mode. */
export function spiloObjects(cluster: SpiloCluster): AnyObject[] {
  const { name, replicas } = cluster;
  const labels = { application: "spilo", "cluster-name": name };
  const metadata = { name, namespace: "default", labels };
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { ...metadata, labels: { ...labels, "spilo-role": "master" } },
      spec: { ports: [{ name: "postgresql", port: 5432, targetPort: 5432 }] },
    },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata,
      spec: {
        replicas,
        serviceName: name,
        podManagementPolicy: "Parallel",
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: memberSpec(cluster) },
        volumeClaimTemplates: [{
          metadata: { name: "pgdata" },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
        }],
      },
    },
  ];
}

function memberSpec({ name, major, env = {} }: SpiloCluster) {
  const fields = { POD_IP: "status.podIP", POD_NAMESPACE: "metadata.namespace" };
  const values = {
    SCOPE: name,
    PGROOT: "/home/postgres/pgdata/pgroot",
    PGUSER_SUPERUSER: "postgres",
    PGPASSWORD_SUPERUSER: PASSWORDS.postgres,
    PGUSER_STANDBY: "standby",
    PGPASSWORD_STANDBY: PASSWORDS.standby,
    HUMAN_ROLE: "zalandos",
    PGVERSION: major,
    KUBERNETES_SCOPE_LABEL: "cluster-name",
    KUBERNETES_ROLE_LABEL: "spilo-role",
    KUBERNETES_LABELS: '{"application":"spilo"}',
    DCS_ENABLE_KUBERNETES_API: "true",
    SPILO_CONFIGURATION: JSON.stringify({
      postgresql: {},
      bootstrap: { initdb: [{ "auth-host": "scram-sha-256" }, { "auth-local": "trust" }], dcs: {} },
    }),
    ...env,
  };
  return {
    serviceAccountName: "postgres-pod",
    terminationGracePeriodSeconds: 60,
    containers: [{
      name: "postgres",
      image: "ghcr.io/zalando/spilo-18:4.1-p2",
      env: [
        ...Object.entries(values).map(([name, value]) => ({ name, value })),
        ...Object.entries(fields).map(([name, fieldPath]) => ({
          name,
          valueFrom: { fieldRef: { apiVersion: "v1", fieldPath } },
        })),
      ],
      volumeMounts: [
        { name: "pgdata", mountPath: "/home/postgres/pgdata" },
        { name: "dshm", mountPath: "/dev/shm" },
      ],
    }],
    volumes: [{ name: "dshm", emptyDir: { medium: "Memory" } }],
  };
}

/** A pooler in front of the primary's Service. */
export function poolerPod(): AnyObject {
  const env = {
    PGHOST: "demo",
    PGPORT: "5432",
    PGUSER: "pooler",
    PGSCHEMA: "pooler",
    PGPASSWORD: PASSWORDS.pooler,
    CONNECTION_POOLER_MODE: "transaction",
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "demo-pooler", namespace: "default" },
    spec: {
      securityContext: { runAsUser: 100, runAsGroup: 101 },
      containers: [{
        name: "connection-pooler",
        image: "ghcr.io/zalando/postgres-operator/pgbouncer:v2.0.1",
        env: Object.entries(env).map(([name, value]) => ({ name, value })),
      }],
    },
  };
}

/** What an operator installs for a pooler: its role and the function that finds passwords. */
export const POOLER_SQL = `
CREATE ROLE pooler LOGIN PASSWORD '${PASSWORDS.pooler}';
CREATE ROLE app LOGIN PASSWORD '${PASSWORDS.app}';
CREATE SCHEMA pooler AUTHORIZATION pooler;
CREATE FUNCTION pooler.user_lookup(IN i_username text, OUT uname text, OUT phash text)
  RETURNS record LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS
  $$ SELECT usename::text, passwd::text FROM pg_catalog.pg_shadow WHERE usename = i_username $$;
REVOKE ALL ON FUNCTION pooler.user_lookup(text) FROM public;
GRANT EXECUTE ON FUNCTION pooler.user_lookup(text) TO pooler;
CREATE TABLE public.written (n integer PRIMARY KEY);
GRANT ALL ON public.written TO app;
`;
