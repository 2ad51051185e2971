/** What the handlers of one API server share. */
import type { Authenticator } from "../auth/authn.ts";
import type { AuditEntry } from "../auth/authz.ts";
import type { Faults } from "./faults.ts";
import type { Registry } from "../registry/registry.ts";
import type { Store } from "../storage/store.ts";

export interface ApiContext {
  store: Store;
  registry: Registry;
  /** First two parts of the addresses of Services, such as `127.96`. */
  serviceNetwork: string;
  authenticator: Authenticator;
  faults: Faults;
  /** Ends of the open watches and relayed streams. */
  open: Set<() => void>;
  /** Whether a WebSocket to a pod needs `create` beside `get`. */
  upgradeAsksCreate: boolean;
  audit: (entry: AuditEntry) => void;
}
