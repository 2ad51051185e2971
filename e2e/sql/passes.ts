/**
 * Passes over the databases of one cluster without an API server: Secrets live in a map, PostgreSQL
 * is real. Reading, planning and applying are the operator's own.
 */

import type { Postgresql } from "../../src/api/types.gen.ts";
import type { KubeObject, Pod, Secret } from "../../src/kubernetes/types.gen.ts";
import { createSqlConnector } from "../../src/clients/postgres/connector.ts";
import { perform } from "../../src/cluster/apply/perform.ts";
import { createCatalogReader } from "../../src/cluster/pass/catalog_reader.ts";
import type { CatalogQuestion } from "../../src/cluster/pass/due.ts";
import { isPending, type Step } from "../../src/cluster/plan/steps/action.ts";
import {
  joinPlans,
  type PlanContext,
  type SubjectPlan,
} from "../../src/cluster/plan/steps/context.ts";
import { planDatabases } from "../../src/cluster/plan/databases/databases.ts";
import { planPoolerLookup } from "../../src/cluster/plan/databases/pooler_lookup.ts";
import { planRoles } from "../../src/cluster/plan/roles/plan_roles.ts";
import type { SqlConnector } from "../../src/ports/ports.ts";
import type { Config } from "../../src/config/config.ts";
import { encodeBase64 } from "../../src/lib/base64.ts";
import { Sensitive } from "../../src/lib/sensitive.ts";
import { planContext } from "../../src/testing/plan_fixture.ts";
import type { TestServer } from "./server.ts";

export interface PassSetup {
  readonly server: TestServer;
  readonly cr: Postgresql;
  readonly config?: Partial<Config>;
  /** Changes the context before it is planned. */
  readonly change?: (context: PlanContext) => PlanContext;
}

/** What a pass did. */
export interface PassResult {
  readonly steps: readonly Step[];
  /** Messages of steps that failed. */
  readonly failures: readonly string[];
  readonly held: SubjectPlan["held"];
  readonly context: PlanContext;
}

const PRIMARY: Pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    namespace: "shop",
    name: "acid-orders-0",
    uid: "primary",
    labels: { "spilo-role": "master" },
  },
  status: { phase: "Running", podIP: "127.0.0.1" },
};

/** Passes over one cluster, which remember its Secrets. */
export function passesOver(setup: PassSetup) {
  const { server } = setup;
  const connector = createSqlConnector({
    addressOf: () => ({ host: server.host, port: server.port }),
    connectTimeoutMs: 5000,
  });
  server.onStop(() => connector.end());
  const { secrets, store } = secretStore(server);
  let passwords = 0;
  const newPassword = () => new Sensitive(`marker${++passwords}${crypto.randomUUID()}`);

  /** One pass; `connector` may be another one that counts or fails. */
  async function pass(
    { cr = setup.cr, through = connector }: { cr?: Postgresql; through?: SqlConnector } = {},
  ): Promise<PassResult> {
    const signal = new AbortController().signal;
    const fixture = { cr, config: setup.config ?? {}, pods: [PRIMARY] };
    const before = planContext({ ...fixture, objects: [...secrets.values()] });
    for (const { action } of before.credentials.steps) {
      if (action.kind === "create") store(action.object);
    }
    const context = planContext({ ...fixture, objects: [...secrets.values()] });
    const changed = setup.change?.(context) ?? context;
    const catalog = await createCatalogReader(through)(questionOf(changed), signal);
    const ready = { ...changed, newPassword, observed: { ...changed.observed, catalog } };
    const plan = joinPlans([planRoles, planDatabases, planPoolerLookup].map((f) => f(ready)));
    const failures = await performAll(plan.steps, through, cr);
    return { steps: plan.steps, failures, held: plan.held, context: ready };
  }

  /** Passes until one has nothing to do; the steps of each, the last one empty. */
  async function settle(cr: Postgresql = setup.cr): Promise<number[]> {
    const counts: number[] = [];
    while (counts.at(-1) !== 0) {
      const { steps, failures, held } = await pass({ cr });
      if (failures.length + held.filter(isPending).length > 0) {
        throw new Error(JSON.stringify([failures, held]));
      }
      counts.push(steps.length);
      if (counts.length > 6) throw new Error(`passes do not end: ${counts}`);
    }
    return counts;
  }

  return { pass, settle, secrets, connector };
}

/** Secrets as the API server would keep them; that of the superuser gets the server's password. */
function secretStore({ superuser }: TestServer) {
  const secrets = new Map<string, Secret>();
  let version = 0;
  const store = (secret: KubeObject) => {
    const { name = "" } = secret.metadata;
    const data = name.startsWith(`${superuser.name}.`)
      ? { username: encodeBase64(superuser.name), password: encodeBase64(superuser.password) }
      : (secret as Secret).data ?? {};
    const metadata = { ...secret.metadata, resourceVersion: `${++version}` };
    secrets.set(name, { ...secret, metadata, data } as Secret);
  };
  return { secrets, store };
}

/** Performs each step, whatever became of those before it; the messages of those that failed. */
async function performAll(
  steps: readonly Step[],
  sql: SqlConnector,
  cr: Postgresql,
): Promise<string[]> {
  const failures: string[] = [];
  for (const { action } of steps) {
    try {
      const writers = { sql } as Parameters<typeof perform>[1];
      await perform(action, writers, cr, new AbortController().signal);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  return failures;
}

function questionOf(context: PlanContext): CatalogQuestion {
  const { desired, effective, config, observed, memory } = context;
  return {
    desired,
    effective,
    config,
    memory,
    objects: observed.objects,
    eventStreams: observed.eventStreams,
    pods: observed.pods.known ? observed.pods.value : [],
    statefulSet: undefined,
    roleLabel: config.podRoleLabel,
    full: true,
    nowMs: context.now.getTime(),
  };
}
