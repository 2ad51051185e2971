/** Reads the text of an input into the model: the trimmed Kubernetes JSON and our CRD files. Pure. */
import { parse as parseYaml } from "yaml";
import type { CrdManifest, CrdModel, KubernetesModel } from "./model.ts";

/** Parses `inputs/kubernetes.json`. */
export function parseKubernetes(text: string): KubernetesModel {
  return JSON.parse(text) as KubernetesModel;
}

/** Parses one CRD file. @throws when it is not a CustomResourceDefinition with exactly one version. */
export function parseCrd(source: string, text: string): CrdModel {
  const manifest = parseYaml(text) as CrdManifest;
  const [version, ...others] = manifest?.spec?.versions ?? [];
  if (manifest?.kind !== "CustomResourceDefinition" || !version || others.length > 0) {
    throw new Error(`cannot read ${source}: not a CustomResourceDefinition with one version`);
  }
  return {
    source,
    manifest,
    schema: version.schema.openAPIV3Schema,
    resource: {
      kind: manifest.spec.names.kind,
      group: manifest.spec.group,
      version: version.name,
      plural: manifest.spec.names.plural,
      namespaced: manifest.spec.scope === "Namespaced",
      subresources: Object.keys(version.subresources ?? {}),
    },
  };
}
