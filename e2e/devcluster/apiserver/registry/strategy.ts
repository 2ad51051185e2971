/**
 * What one kind does beyond storing: defaults, what a client may set, validation, and admission.
 * The hooks run in the order of the interface.
 */
import type { Cause } from "../model/api_error.ts";
import type { KubeObject } from "../model/json.ts";
import type { ResourceType } from "../model/resource_type.ts";
import type { Store } from "../storage/store.ts";
import type { Registry } from "./registry.ts";
import type { User } from "../auth/authn.ts";

/** What hooks may look at. */
export interface StrategyContext {
  store: Store;
  registry: Registry;
  /** First two parts of the addresses of Services. */
  serviceNetwork: string;
  user: User;
  warnings: string[];
  dryRun: boolean;
}

/** What a hook may do to other objects, as the server itself. */
export interface Lifecycle {
  /** Deletes an object as a client would. */
  remove(context: StrategyContext, type: ResourceType, object: KubeObject): void;
  /** Takes away an object being deleted that nothing holds any more; false while something does. */
  release(context: StrategyContext, type: ResourceType, object: KubeObject): boolean;
}

export interface Strategy {
  /** Fills in what Kubernetes fills in on every read of a request body. */
  defaults?(object: KubeObject): void;
  /** Resets what a client may not set on creation, fills in what the server knows. */
  prepareCreate?(object: KubeObject, context: StrategyContext): void;
  /** The same for an update of the main resource; status is already the old one. */
  prepareUpdate?(object: KubeObject, old: KubeObject, context: StrategyContext): void;
  /** Admission on creation: may change or refuse. */
  admitCreate?(object: KubeObject, context: StrategyContext): void;
  admitUpdate?(object: KubeObject, old: KubeObject, context: StrategyContext): void;
  validate?(object: KubeObject, context: StrategyContext): Cause[];
  validateUpdate?(object: KubeObject, old: KubeObject, context: StrategyContext): Cause[];
  validateStatus?(object: KubeObject, old: KubeObject, context: StrategyContext): Cause[];
  /** Seconds between the deletion and the removal, 0 for at once. */
  gracePeriodSeconds?(object: KubeObject, requested: number | undefined): number;
  /** Refuses a deletion or marks the object for it. */
  admitDelete?(object: KubeObject, context: StrategyContext): void;
  /** Changes of the object when it is marked as being deleted. */
  markDeleted?(object: KubeObject): void;
  /** Whether something other than finalizers in the metadata keeps it (a Namespace's spec). */
  heldBySpec?(object: KubeObject): boolean;
  /** Finalizers that a deletion puts on the object. */
  deletionFinalizers?(object: KubeObject, context: StrategyContext): string[];
  /** Called when the object has been marked as being deleted. */
  afterMarked?(object: KubeObject, context: StrategyContext, lifecycle: Lifecycle): void;
  afterWrite?(object: KubeObject, context: StrategyContext): void;
  afterRemove?(object: KubeObject, context: StrategyContext, lifecycle: Lifecycle): void;
  /** PUT of a missing object creates it. */
  createsOnUpdate?: boolean;
  /** Changes of the spec are counted in metadata.generation. */
  generation?: boolean;
  /** A DELETE answers with the object instead of a Status. */
  returnsDeleted?: boolean;
  nameIs?: "subdomain" | "label" | "path" | "dns1035";
  /** Creation and update of the main resource take the status too (Nodes). */
  keepsStatus?: boolean;
}
