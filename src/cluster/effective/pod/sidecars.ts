/**
 * Resolves the containers beside PostgreSQL: the manifest's sidecars before the configured ones
 * before the deprecated map of images before Scalyr; of two with one name the first stays.
 *
 * Zalando: pkg/cluster/k8sres.go, generateSidecarContainers, mergeContainers, validateContainers
 */

import type { Postgresql, Resources, Sidecar } from "../../../api/types.gen.ts";
import type { Container, ResourceRequirements } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import { compareUtf8 } from "../../../lib/go_json.ts";
import { canonicalQuantity } from "../../../lib/quantity.ts";
import { storedVariable } from "./environment.ts";
import { type Findings, warn } from "../findings.ts";
import { postgresDefaults, resolveResources } from "./resources.ts";

const SCALYR_NAME = "scalyr-sidecar";

/** A container, and where it was written, for messages. */
interface Candidate {
  readonly container: Container;
  readonly path: string;
}

/** Resolves the sidecars without what all of them share (data mount, credentials). */
export function resolveSidecars(
  cr: Postgresql,
  config: Config,
  findings: Findings,
): readonly Container[] {
  const manifest = (cr.spec.sidecars ?? []).map((sidecar, index) => ({
    path: `spec.sidecars[${index}]`,
    container: sidecarContainer(sidecar, index, config, findings),
  }));
  const configured = config.sidecars.map((container, index) => ({
    path: `configuration.sidecars[${index}]`,
    container: canonicalContainer(container),
  }));
  const candidates = [...manifest, ...configured, ...images(config, findings)];
  const scalyr = scalyrSidecar(cr.metadata.name ?? "", config, findings);
  if (scalyr) candidates.push({ path: "configuration.scalyr", container: scalyr });
  const chosen = withoutDuplicates(candidates, findings);
  requireNameAndImage(chosen, findings);
  for (const { path, container } of chosen) {
    if (container.name !== "postgres") continue;
    const message = "is the name of the PostgreSQL container";
    findings.issues.push({
      subject: "statefulset",
      path: `${path}.name`,
      value: "postgres",
      message,
    });
  }
  return chosen.map(({ container }) => container);
}

/** Resolves the init containers: the manifest's as they are. */
export function resolveInitContainers(cr: Postgresql, findings: Findings): readonly Container[] {
  const candidates = (cr.spec.initContainers ?? []).map((container, index) => ({
    path: `spec.initContainers[${index}]`,
    container: canonicalContainer(container),
  }));
  requireNameAndImage(candidates, findings);
  return candidates.map(({ container }) => container);
}

function sidecarContainer(
  sidecar: Sidecar,
  index: number,
  config: Config,
  findings: Findings,
): Container {
  const name = sidecar.name || `sidecar-${index}`;
  const path = `spec.sidecars[${index}].resources`;
  return {
    name,
    ...(sidecar.image ? { image: sidecar.image } : {}),
    imagePullPolicy: "IfNotPresent",
    ...resources(path, name, sidecar.resources, config, findings),
    ...(sidecar.env?.length ? { env: sidecar.env.map(storedVariable) } : {}),
    ...(sidecar.ports?.length ? { ports: sidecar.ports } : {}),
    ...(sidecar.command?.length ? { command: sidecar.command } : {}),
  };
}

/** Deprecated: containers of which only name and image are configured. */
function images(config: Config, findings: Findings): Candidate[] {
  const names = Object.keys(config.sidecarDockerImages).sort(compareUtf8);
  return names.map((name) => ({
    path: `configuration.sidecar_docker_images.${name}`,
    container: {
      name,
      image: config.sidecarDockerImages[name] ?? "",
      imagePullPolicy: "IfNotPresent",
      ...resources("configuration.postgres_pod_resources", name, undefined, config, findings),
    },
  }));
}

function scalyrSidecar(
  cluster: string,
  config: Config,
  findings: Findings,
): Container | undefined {
  if (config.scalyrImage === "") return undefined;
  const apiKey = config.scalyrApiKey.reveal();
  if (apiKey === "") {
    warn(findings, "the Scalyr sidecar does not run: scalyr_api_key is not set");
    return undefined;
  }
  const wanted: Resources = {
    requests: { cpu: config.scalyrCpuRequest, memory: config.scalyrMemoryRequest },
    limits: { cpu: config.scalyrCpuLimit, memory: config.scalyrMemoryLimit },
  };
  const serverUrl = config.scalyrServerUrl;
  return {
    name: SCALYR_NAME,
    image: config.scalyrImage,
    imagePullPolicy: "IfNotPresent",
    ...resources("configuration.scalyr", SCALYR_NAME, wanted, config, findings),
    env: [
      { name: "SCALYR_API_KEY", value: apiKey },
      { name: "SCALYR_SERVER_HOST", value: cluster },
      ...(serverUrl === "" ? [] : [{ name: "SCALYR_SERVER_URL", value: serverUrl }]),
    ],
  };
}

function resources(
  path: string,
  container: string,
  wanted: Resources | undefined,
  config: Config,
  findings: Findings,
): { resources?: ResourceRequirements } {
  const resolved = resolveResources({
    subject: "statefulset",
    path,
    container,
    wanted,
    defaults: postgresDefaults(config),
    setMemoryRequestToLimit: config.setMemoryRequestToLimit,
  }, findings);
  return Object.keys(resolved).length === 0 ? {} : { resources: resolved };
}

function withoutDuplicates(candidates: readonly Candidate[], findings: Findings): Candidate[] {
  const byName = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const winner = byName.get(candidate.container.name);
    if (winner === undefined) byName.set(candidate.container.name, candidate);
    else {
      const name = candidate.container.name;
      warn(findings, `${candidate.path} is ignored: ${winner.path} is called "${name}" as well`);
    }
  }
  return [...byName.values()];
}

function requireNameAndImage(candidates: readonly Candidate[], findings: Findings): void {
  for (const { path, container } of candidates) {
    for (const field of ["name", "image"] as const) {
      if (!container[field]) {
        findings.issues.push({
          subject: "statefulset",
          path: `${path}.${field}`,
          message: "is required",
        });
      }
    }
  }
}

/** A container as it is, quantities and empty values written as the API server would. */
function canonicalContainer(container: Container): Container {
  const { env, resources } = container;
  return {
    ...container,
    ...(env === undefined ? {} : { env: env.map(storedVariable) }),
    ...(resources === undefined ? {} : { resources: canonicalResources(resources) }),
  };
}

function canonicalResources(resources: ResourceRequirements): ResourceRequirements {
  const { requests, limits } = resources;
  return {
    ...resources,
    ...(requests === undefined ? {} : { requests: canonicalAmounts(requests) }),
    ...(limits === undefined ? {} : { limits: canonicalAmounts(limits) }),
  };
}

function canonicalAmounts(amounts: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(amounts).map(([name, text]) => [name, canonicalQuantity(String(text))]),
  );
}
