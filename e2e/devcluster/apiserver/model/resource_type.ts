/** A served resource: what discovery says about it and how its objects are shaped. */
import type { Schema } from "./schema.ts";
import type { ErrorSubject } from "./api_error.ts";

/** One printer column of a Table answer. */
export interface Column {
  name: string;
  type: string;
  format: string;
  priority: number;
  description?: string;
  /** JSON path into the object; built-in kinds have code instead. */
  jsonPath?: string;
}

/** A subresource such as `status` or `scale`. */
export interface Subresource {
  name: string;
  kind: string;
  /** Group and version of `kind` where they differ from the resource's. */
  kindGroupVersion?: string;
  verbs: string[];
}

/** JSON paths of a custom resource's scale subresource. */
export interface ScalePaths {
  specReplicasPath: string;
  statusReplicasPath: string;
  labelSelectorPath?: string;
}

export interface ResourceType {
  group: string;
  version: string;
  plural: string;
  singular: string;
  kind: string;
  listKind: string;
  namespaced: boolean;
  verbs: string[];
  shortNames: string[];
  categories: string[];
  subresources: Map<string, Subresource>;
  schema: Schema;
  columns: Column[];
  /** Where objects live in the store: `<group>/<plural>`, the same for all versions. */
  storageKey: string;
  /** Set for custom resources only. */
  custom?: {
    scale?: ScalePaths;
    selectableFields: string[];
    storageVersion: string;
    definition: string;
  };
}

/** `apps/v1`, or `v1` for the core group. */
export function groupVersion(type: { group: string; version: string }): string {
  return type.group ? `${type.group}/${type.version}` : type.version;
}

/** Subject of an error about an object of this resource. */
export function subjectOf(type: ResourceType, name: string): ErrorSubject {
  return { group: type.group, kind: type.plural, name };
}

/** Subject of a validation error, which names the kind instead of the resource. */
export function kindSubjectOf(type: ResourceType, name: string): ErrorSubject {
  return { group: type.group, kind: type.kind, name };
}
