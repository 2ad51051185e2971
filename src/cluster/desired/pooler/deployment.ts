/**
 * Deployment of a connection pooler: PgBouncer in front of one of the cluster's services.
 *
 * Zalando: pkg/cluster/connection_pooler.go, generateConnectionPoolerPodTemplate,
 * generateConnectionPoolerDeployment
 */

import type {
  Affinity,
  Container,
  Deployment,
  PodSpec,
  Volume,
  VolumeMount,
} from "../../../kubernetes/types.gen.ts";
import { dnsLabel } from "../../../lib/dns_label.ts";
import type { Config } from "../../../config/config.ts";
import { inheritedOver, workloadAnnotations } from "../annotations.ts";
import type { MemberRole } from "../labels.ts";
import { poolerAuthSecretName, poolerName } from "../names.ts";
import { ownerFields } from "../owner.ts";
import { POSTGRES_PORT } from "../services/services.ts";
import { poolerEnvironment } from "./environment.ts";
import { fullPoolerLabels, poolerLabels } from "./labels.ts";
import type { PoolerDeploymentSource } from "./source.ts";

/** Name of the container with PgBouncer. */
export const POOLER_CONTAINER = "connection-pooler";

// User and group of PgBouncer in the pooler's image.
const RUN_AS_USER = 100;
const RUN_AS_GROUP = 101;

/** Secrets with keys must be readable by the group, which fsGroup is for. */
const TLS_MODE = 0o640;

/** The Deployment of one pooler. */
export function poolerDeployment(
  source: PoolerDeploymentSource,
  role: MemberRole,
  config: Config,
): Deployment {
  const { identity, pooler } = source;
  const name = poolerName(identity.name, role);
  const labels = fullPoolerLabels(identity, role, config);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name,
      namespace: identity.namespace,
      labels,
      ...workloadAnnotations(identity),
      ...ownerFields(identity),
    },
    spec: {
      replicas: pooler.instances,
      selector: { matchLabels: poolerLabels(identity, name) },
      template: {
        metadata: {
          namespace: identity.namespace,
          labels,
          ...inheritedOver(identity, source.podAnnotations),
        },
        spec: podSpec(source, role, config),
      },
    },
  };
}

function podSpec(source: PoolerDeploymentSource, role: MemberRole, config: Config): PodSpec {
  const { fsGroup } = source.security;
  const { tolerations } = source.scheduling;
  const affinity = poolerAffinity(source, role);
  return {
    terminationGracePeriodSeconds: Math.trunc(config.podTerminateGracePeriodMs / 1000),
    containers: [container(source, role, config)],
    ...(tolerations.length === 0 ? {} : { tolerations: [...tolerations] }),
    volumes: volumes(source, role),
    securityContext: {
      runAsUser: RUN_AS_USER,
      runAsGroup: RUN_AS_GROUP,
      ...(fsGroup === undefined ? {} : { fsGroup }),
    },
    serviceAccountName: config.podServiceAccountName,
    ...(affinity === undefined ? {} : { affinity }),
  };
}

function container(
  source: PoolerDeploymentSource,
  role: MemberRole,
  config: Config,
): Container {
  return {
    name: POOLER_CONTAINER,
    image: source.pooler.image,
    imagePullPolicy: "IfNotPresent",
    resources: source.pooler.resources,
    ports: [{ containerPort: POSTGRES_PORT, protocol: "TCP" }],
    readinessProbe: { tcpSocket: { port: POSTGRES_PORT } },
    securityContext: { allowPrivilegeEscalation: false },
    env: poolerEnvironment(source, role, config),
    volumeMounts: volumeMounts(source, role),
  };
}

function volumes({ identity, tls }: PoolerDeploymentSource, role: MemberRole): Volume[] {
  const userList = poolerAuthSecretName(identity.name, role);
  return [
    { name: dnsLabel(userList), secret: { secretName: userList } },
    ...(tls?.mounts ?? []).map(({ secretName }) => ({
      name: dnsLabel(secretName),
      secret: { secretName, defaultMode: TLS_MODE },
    })),
  ];
}

function volumeMounts({ identity, tls }: PoolerDeploymentSource, role: MemberRole): VolumeMount[] {
  return [
    {
      name: dnsLabel(poolerAuthSecretName(identity.name, role)),
      mountPath: "/etc/pgbouncer/userlist.txt",
      subPath: "userlist.txt",
      readOnly: true,
    },
    ...(tls?.mounts ?? []).map(({ secretName, mountPath }) => ({
      name: dnsLabel(secretName),
      mountPath,
    })),
  ];
}

/** As for the cluster's pods, but poolers keep apart from poolers. */
function poolerAffinity(
  { identity, scheduling }: PoolerDeploymentSource,
  role: MemberRole,
): Affinity | undefined {
  const { nodeAffinity, antiAffinity } = scheduling;
  const node = nodeAffinity === undefined ? {} : { nodeAffinity };
  if (antiAffinity === undefined) return nodeAffinity === undefined ? undefined : node;
  const matchLabels = poolerLabels(identity, poolerName(identity.name, role));
  const term = { labelSelector: { matchLabels }, topologyKey: antiAffinity.topologyKey };
  const podAntiAffinity = antiAffinity.strength === "preferred"
    ? {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }],
    }
    : { requiredDuringSchedulingIgnoredDuringExecution: [term] };
  return { podAntiAffinity, ...node };
}
