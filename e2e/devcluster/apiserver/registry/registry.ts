/** Which resources are served right now: the built-in ones and those of established CRDs. */
import { builtinResources } from "../kubernetes/builtin.ts";
import { groupVersion, type ResourceType } from "../model/resource_type.ts";

export class Registry {
  #types = new Map<string, ResourceType>();
  #byDefinition = new Map<string, string[]>();

  constructor() {
    for (const type of builtinResources()) this.add(type);
  }

  /** The resource at `<groupVersion>/<plural>`. */
  find(group: string, version: string, plural: string): ResourceType | undefined {
    return this.#types.get(`${group}/${version}/${plural}`);
  }

  /** The resource that holds objects of a kind. */
  findKind(apiVersion: string, kind: string): ResourceType | undefined {
    return this.all().find((type) => groupVersion(type) === apiVersion && type.kind === kind);
  }

  /** Whether there is anything in a group version. */
  serves(group: string, version: string): boolean {
    return this.all().some((type) => type.group === group && type.version === version);
  }

  /** All served resources. */
  all(): ResourceType[] {
    return [...this.#types.values()];
  }

  /** Serves a resource (again). */
  add(type: ResourceType): void {
    this.#types.set(`${type.group}/${type.version}/${type.plural}`, type);
  }

  /** Serves exactly these versions of a custom resource definition. */
  replaceCustom(definition: string, types: ResourceType[]): void {
    for (const key of this.#byDefinition.get(definition) ?? []) this.#types.delete(key);
    this.#byDefinition.set(
      definition,
      types.map((type) => `${type.group}/${type.version}/${type.plural}`),
    );
    for (const type of types) this.add(type);
  }
}
