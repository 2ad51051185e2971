/**
 * Keys of labels and annotations that say whose an object is, or what the operator is to do with
 * it. A manifest cannot set them, through whatever field: they are left out here, before anything
 * is resolved, so that no builder has to ask.
 *
 * `acid.zalan.do/controller` may be passed on: it counts on manifests alone.
 */

import type { AdditionalVolume, Postgresql, PostgresqlSpec } from "../../api/types.gen.ts";
import type { Config } from "../../config/config.ts";
import { type Findings, warn } from "./findings.ts";

type StringMap = Readonly<Record<string, string>>;

/** What of the configuration says which labels are the operator's own. */
export type LabelSettings = Pick<Config, "clusterLabels" | "clusterNameLabel" | "podRoleLabel">;

const OWN_KEY = /^(([^/]+\.)?acid\.zalan\.do\/|zalando-postgres-operator-)/;
const HARMLESS_KEYS = ["acid.zalan.do/controller"];

/** Labels by which the objects and pods of a cluster are told from others. */
const OWN_LABELS = ["team", "connection-pooler", "critical-operation"];

/** Value of `application` that pooler pods alone have. */
const POOLER_APPLICATION = "db-connection-pooler";

/** True for an annotation that only the operator may set. */
export function isReservedAnnotation(key: string): boolean {
  return OWN_KEY.test(key) && !HARMLESS_KEYS.includes(key);
}

/** True for a label that only the operator may set. */
export function isReservedLabel(key: string, value: string, settings: LabelSettings): boolean {
  return isReservedAnnotation(key) || OWN_LABELS.includes(key) ||
    [settings.clusterNameLabel, settings.podRoleLabel].includes(key) ||
    Object.hasOwn(settings.clusterLabels, key) ||
    (key === "application" && value === POOLER_APPLICATION);
}

/** The manifest without reserved keys in its spec; each one is told. */
export function withoutReservedKeys(
  cr: Postgresql,
  config: Config,
  findings: Findings,
): Postgresql {
  const { spec } = cr;
  const { additionalVolumes } = spec;
  return {
    ...cr,
    spec: {
      ...spec,
      ...annotationFields(spec, findings),
      ...(additionalVolumes
        ? { additionalVolumes: volumes(additionalVolumes, config, findings) }
        : {}),
    },
  };
}

/** The manifest without labels and annotations that its objects must not inherit. */
export function withoutReservedMetadata(
  cr: Postgresql,
  config: Config,
  findings: Findings,
): Postgresql {
  const labels = passedOnLabels(cr, config, findings);
  const annotations = passedOnAnnotations(cr.metadata.annotations ?? {}, config, findings);
  return { ...cr, metadata: { ...cr.metadata, labels, annotations } };
}

function volumes(
  given: readonly AdditionalVolume[],
  config: Config,
  findings: Findings,
): AdditionalVolume[] {
  return given.map((volume, index) =>
    withoutClaimKeys(volume, `spec.additionalVolumes[${index}]`, config, findings)
  );
}

const ANNOTATION_FIELDS = [
  "podAnnotations",
  "serviceAnnotations",
  "masterServiceAnnotations",
  "replicaServiceAnnotations",
] as const;

function annotationFields(spec: PostgresqlSpec, findings: Findings): Partial<PostgresqlSpec> {
  const kept = ANNOTATION_FIELDS.flatMap((field) => {
    const map = spec[field];
    return map ? [[field, without(map, isReservedAnnotation, `spec.${field}`, findings)]] : [];
  });
  return Object.fromEntries(kept);
}

function passedOnLabels({ metadata, spec }: Postgresql, config: Config, findings: Findings) {
  const own = new Map([["team", spec.teamId ?? ""], [
    config.clusterNameLabel,
    metadata.name ?? "",
  ]]);
  for (const [key, value] of Object.entries(config.clusterLabels)) own.set(key, value);
  const reserved = (key: string, value: string) => isReservedLabel(key, value, config);
  const told = (key: string, value: string) =>
    config.inheritedLabels.includes(key) && own.get(key) !== value;
  return without(metadata.labels ?? {}, reserved, "metadata.labels", findings, told);
}

function passedOnAnnotations(annotations: StringMap, config: Config, findings: Findings) {
  const downscaler = config.downscalerAnnotations.map((pattern) => new RegExp(pattern));
  const told = (key: string) =>
    config.inheritedAnnotations.includes(key) || downscaler.some((pattern) => pattern.test(key));
  return without(annotations, isReservedAnnotation, "metadata.annotations", findings, told);
}

/** Kubernetes makes a claim of the template of an ephemeral volume, in the cluster's namespace. */
function withoutClaimKeys(
  volume: AdditionalVolume,
  path: string,
  config: Config,
  findings: Findings,
): AdditionalVolume {
  const source = volume.volumeSource;
  const template = source?.ephemeral?.volumeClaimTemplate;
  if (!template?.metadata) return volume;
  const at = `${path}.volumeSource.ephemeral.volumeClaimTemplate.metadata`;
  const { labels, annotations, ...rest } = template.metadata;
  const reserved = (key: string, value: string) => isReservedLabel(key, value, config);
  const metadata = {
    ...rest,
    ...(labels ? { labels: without(labels, reserved, `${at}.labels`, findings) } : {}),
    ...(annotations
      ? { annotations: without(annotations, isReservedAnnotation, `${at}.annotations`, findings) }
      : {}),
  };
  const ephemeral = { ...source.ephemeral, volumeClaimTemplate: { ...template, metadata } };
  return { ...volume, volumeSource: { ...source, ephemeral } };
}

function without(
  map: StringMap,
  reserved: (key: string, value: string) => boolean,
  path: string,
  findings: Findings,
  told: (key: string, value: string) => boolean = () => true,
): Record<string, string> {
  const dropped = Object.entries(map).filter(([key, value]) => reserved(key, value));
  for (const [key, value] of dropped) {
    if (!told(key, value)) continue;
    const message = `${path}["${key}"] is left out: only the operator sets it`;
    warn(findings, message, "ReservedKey");
  }
  return Object.fromEntries(Object.entries(map).filter(([key, value]) => !reserved(key, value)));
}
