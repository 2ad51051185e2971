/** Requests for the tests of the images: a container and a machine, changed where a test says. */
import type { ImageRequest, Machine } from "./program.ts";

/** A Debian 12 machine with PostgreSQL 15 and no mounted files. */
export function machine(changes: Partial<Machine> = {}): Machine {
  return {
    postgresMajors: ["15"],
    modules: () => new Set(["pg_stat_statements", "auto_explain"]),
    locales: new Set(["C", "C.utf8", "POSIX"]),
    readMounted: () => undefined,
    patroni: { ttl: 20, loopWait: 2, retryTimeout: 5 },
    ...changes,
  };
}

/** A request for a container of an image with an environment. */
export function imageRequest(
  image: string,
  env: Readonly<Record<string, string>>,
  changes: Partial<ImageRequest> = {},
): ImageRequest {
  return {
    podIp: "127.20.1.1",
    hostname: "acid-tiny-0",
    machine: machine(),
    container: {
      name: "postgres",
      image,
      env,
      mounts: [],
      tty: false,
      restartCount: 0,
      onOutput: () => {},
      onReady: () => {},
    },
    ...changes,
  };
}

/** The environment that the operator gives a member of a minimal cluster, in ConfigMap mode. */
export const MINIMAL_ENV: Readonly<Record<string, string>> = {
  SCOPE: "acid-tiny",
  PGROOT: "/home/postgres/pgdata/pgroot",
  POD_IP: "127.20.1.1",
  POD_NAMESPACE: "prod",
  PGUSER_SUPERUSER: "postgres",
  KUBERNETES_SCOPE_LABEL: "cluster-name",
  KUBERNETES_ROLE_LABEL: "spilo-role",
  PGPASSWORD_SUPERUSER: "super-password",
  PGUSER_STANDBY: "standby",
  PGPASSWORD_STANDBY: "standby-password",
  PAM_OAUTH2: "https://info.example.com/oauth2/tokeninfo?access_token= uid realm=/employees",
  HUMAN_ROLE: "zalandos",
  PGVERSION: "15",
  KUBERNETES_LABELS: '{"application":"spilo"}',
  SPILO_CONFIGURATION:
    '{"postgresql":{},"bootstrap":{"initdb":[{"auth-host":"scram-sha-256"},{"auth-local":"trust"}],"dcs":{"failsafe_mode":false}}}',
  DCS_ENABLE_KUBERNETES_API: "true",
  KUBERNETES_BOOTSTRAP_LABELS: '{"critical-operation":"true"}',
  KUBERNETES_USE_CONFIGMAPS: "true",
};
