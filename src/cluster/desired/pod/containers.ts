/**
 * The containers of a cluster's pods.
 *
 * Zalando: pkg/cluster/k8sres.go, generateContainer and patchSidecarContainers
 */

import type { Container, ContainerPort } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import { secretVariable, variable } from "../../effective/pod/environment.ts";
import type { EffectiveSpec } from "../../effective/spec.ts";
import { credentialSecretName, POSTGRES_CONTAINER } from "../names.ts";
import { appendMissing, fieldVariable, postgresEnvironment } from "./environment.ts";
import { containerSecurityContext } from "./security.ts";
import { dataMount, volumeMounts } from "./volumes.ts";

/** Patroni's API, PostgreSQL, and a port that Spilo keeps for its own tools. */
export const POSTGRES_PORTS: readonly ContainerPort[] = [8008, 5432, 8080].map(
  (containerPort) => ({ containerPort, protocol: "TCP" }),
);

/** The container with Patroni and PostgreSQL. */
export function postgresContainer(spec: EffectiveSpec, config: Config): Container {
  const { probes, resources, environment } = spec;
  return {
    name: POSTGRES_CONTAINER,
    image: spec.image,
    imagePullPolicy: "IfNotPresent",
    ports: POSTGRES_PORTS.map((port) => ({ ...port })),
    env: postgresEnvironment(spec, config),
    ...(environment.manifestSources.length === 0
      ? {}
      : { envFrom: [...environment.manifestSources] }),
    ...(Object.keys(resources).length === 0 ? {} : { resources }),
    volumeMounts: [dataMount(spec.storage), ...volumeMounts(POSTGRES_CONTAINER, spec.volumes)],
    ...(probes.readiness ? { readinessProbe: probes.readiness } : {}),
    ...(probes.liveness ? { livenessProbe: probes.liveness } : {}),
    securityContext: containerSecurityContext(spec.security),
  };
}

/** A sidecar together with what all sidecars get: the data volume and the superuser's password. */
export function sidecarContainer(
  sidecar: Container,
  spec: EffectiveSpec,
  config: Config,
): Container {
  const superuser = config.superUsername;
  const secret = credentialSecretName(superuser, spec.identity.name, config);
  const shared = [
    fieldVariable("POD_NAME", "metadata.name"),
    fieldVariable("POD_NAMESPACE", "metadata.namespace"),
    variable("POSTGRES_USER", superuser),
    secretVariable("POSTGRES_PASSWORD", secret, "password"),
  ];
  return {
    ...sidecar,
    env: appendMissing(shared, sidecar.env ?? []),
    volumeMounts: [
      ...sidecar.volumeMounts ?? [],
      dataMount(spec.storage),
      ...volumeMounts(sidecar.name, spec.volumes),
    ],
  };
}
