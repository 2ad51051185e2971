/** Discovery: what is served, in the aggregated form (v2) of kubectl and the older one of plain lists. */
import { PageNotFound } from "../model/api_error.ts";
import type { JsonObject } from "../model/json.ts";
import type { Registry } from "../registry/registry.ts";
import { groupVersion, type ResourceType } from "../model/resource_type.ts";

const AGGREGATED = /as=APIGroupDiscoveryList/;

/** What this server calls itself; kubectl compares minor versions. */
export const VERSION = {
  major: "1",
  minor: "34",
  gitVersion: "v1.34.4-devcluster",
  gitCommit: "0000000000000000000000000000000000000000",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "none",
  compiler: "deno",
  platform: `${Deno.build.os}/${Deno.build.arch === "x86_64" ? "amd64" : "arm64"}`,
};

interface Group {
  name: string;
  versions: Map<string, ResourceType[]>;
}

function groups(registry: Registry): Group[] {
  const result = new Map<string, Group>();
  for (const type of registry.all()) {
    const group = result.get(type.group) ?? { name: type.group, versions: new Map() };
    result.set(type.group, group);
    const types = group.versions.get(type.version) ?? [];
    group.versions.set(type.version, types);
    types.push(type);
  }
  for (const group of result.values()) {
    const sorted = [...group.versions].sort(([a], [b]) => compareVersions(a, b));
    group.versions = new Map(sorted);
  }
  return [...result.values()];
}

/** Kubernetes' order: v2 before v1 before v1beta2 before v1alpha1; newest and most stable first. */
export function compareVersions(a: string, b: string): number {
  const rank = (version: string): number[] => {
    const match = version.match(/^v(\d+)(?:(alpha|beta)(\d+))?$/);
    if (!match) return [-1, 0, 0];
    const stability = match[2] === undefined ? 2 : match[2] === "beta" ? 1 : 0;
    return [stability, Number(match[1]), Number(match[3] ?? 0)];
  };
  const [left, right] = [rank(a), rank(b)];
  for (let index = 0; index < 3; index++) {
    if (left[index] !== right[index]) return right[index]! - left[index]!;
  }
  return a < b ? -1 : 1;
}

function aggregatedResource(type: ResourceType): JsonObject {
  const { group, version, kind } = type;
  return {
    resource: type.plural,
    responseKind: { group, version, kind },
    scope: type.namespaced ? "Namespaced" : "Cluster",
    singularResource: type.singular,
    verbs: type.verbs,
    ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
    ...(type.categories.length > 0 ? { categories: type.categories } : {}),
    ...(type.subresources.size > 0
      ? {
        subresources: [...type.subresources.values()].map((sub) => {
          const [subGroup, subVersion] = (sub.kindGroupVersion ?? `${group}/${version}`).split("/");
          return {
            subresource: sub.name,
            responseKind: { group: subGroup!, version: subVersion!, kind: sub.kind },
            verbs: sub.verbs,
          };
        }),
      }
      : {}),
  };
}

function aggregated(list: Group[]): JsonObject {
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: list.map((group) => ({
      metadata: group.name ? { name: group.name } : {},
      versions: [...group.versions].map(([version, types]) => ({
        version,
        resources: types.map(aggregatedResource),
        freshness: "Current",
      })),
    })),
  };
}

function apiGroup(group: Group): JsonObject {
  const versions = [...group.versions.keys()].map((version) => ({
    groupVersion: `${group.name}/${version}`,
    version,
  }));
  return { name: group.name, versions, preferredVersion: versions[0]! };
}

function resourceList(types: ResourceType[], version: string): JsonObject {
  const resources = types.flatMap((type): JsonObject[] => [
    {
      name: type.plural,
      singularName: type.singular,
      namespaced: type.namespaced,
      kind: type.kind,
      verbs: type.verbs,
      ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
      ...(type.categories.length > 0 ? { categories: type.categories } : {}),
    },
    ...[...type.subresources.values()].map((sub) => {
      const [group, subVersion] = sub.kindGroupVersion?.split("/") ?? [];
      return {
        name: `${type.plural}/${sub.name}`,
        singularName: "",
        namespaced: type.namespaced,
        ...(group !== undefined ? { group, version: subVersion! } : {}),
        kind: sub.kind,
        verbs: sub.verbs,
      };
    }),
  ]);
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion: version, resources };
}

export interface DiscoveryAnswer {
  body: JsonObject;
  contentType: string;
}

/** Answers /api, /apis, /apis/GROUP, /api/v1 and /apis/GROUP/VERSION. @throws ApiError 404. */
export function discovery(registry: Registry, path: string, accept: string): DiscoveryAnswer {
  const parts = path.split("/").filter((part) => part !== "");
  const all = groups(registry);
  const core = parts[0] === "api";
  const mine = all.filter((group) => (group.name === "") === core);
  if (parts.length === 1 && AGGREGATED.test(accept)) {
    const contentType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    return { body: aggregated(mine), contentType };
  }
  return { body: plainDiscovery(mine, parts, core), contentType: "application/json" };
}

function plainDiscovery(mine: Group[], parts: string[], core: boolean): JsonObject {
  if (parts.length === 1) {
    return core
      ? { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] }
      : { kind: "APIGroupList", apiVersion: "v1", groups: mine.map(apiGroup) };
  }
  const group = mine.find((candidate) => candidate.name === (core ? "" : parts[1]));
  if (!group) throw new PageNotFound();
  const version = core ? parts[1] : parts[2];
  if (version === undefined) return { kind: "APIGroup", apiVersion: "v1", ...apiGroup(group) };
  const types = group.versions.get(version);
  if (!types) throw new PageNotFound();
  return resourceList(types, groupVersion({ group: group.name, version }));
}
