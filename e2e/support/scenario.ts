/** A scenario as a test: a cluster, an operator and a namespace of its own, taken down at the end. */
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import {
  explainBy,
  type OperatorOptions,
  startTestCluster,
  type TestCluster,
  type TestClusterOptions,
  type TestOperator,
} from "./test_cluster.ts";

/** What a scenario plays with. */
export interface Play {
  readonly cluster: TestCluster;
  readonly operator: TestOperator;
  readonly namespace: string;
  /** Waits for a condition; a failure shows the end of the operator's log. */
  until<T>(what: string, check: () => T | undefined | false, limitMs?: number): Promise<T>;
  /** Fails when the condition comes true within a while. */
  never(what: string, check: () => unknown, forMs?: number): Promise<void>;
  /** Messages of the Events about an object that were sent so far, as `Type Reason: message`. */
  events(name: string): string[];
}

export interface ScenarioOptions extends TestClusterOptions {
  readonly operator?: OperatorOptions;
}

const NEVER_MS = 1_500;

/** What only the dev cluster has: such a scenario is left out where KUBECONFIG names another one. */
const OF_DEV_CLUSTER = [
  "runtime",
  "stub",
  "tokens",
  "audit",
  "upgradeAsksCreate",
  "nodes",
] as const;

/** Declares the test of one scenario. */
export function scenario(
  name: string,
  options: ScenarioOptions,
  run: (play: Play) => Promise<void>,
): void {
  const ignore = Boolean(Deno.env.get("KUBECONFIG")) &&
    OF_DEV_CLUSTER.some((option) => options[option] !== undefined);
  Deno.test({ name, ignore }, async () => {
    const cluster = await startTestCluster(options);
    try {
      const operator = await cluster.operator(options.operator);
      const namespace = await cluster.namespace();
      await run(playOf(cluster, operator, namespace));
    } catch (error) {
      if (Deno.env.get("KEEP_FAILED")) await keptUntilInterrupted(cluster.kubeconfig, error);
      throw error;
    } finally {
      await cluster.stop();
    }
  });
}

/** Leaves everything as it is when the scenario failed, for people to look at, until Ctrl-C. */
async function keptUntilInterrupted(kubeconfig: string, error: unknown): Promise<void> {
  const why = error instanceof Error ? error.message : String(error);
  const text = `failed: ${why}\nkept until Ctrl-C: export KUBECONFIG=${kubeconfig}\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(text));
  await new Promise<void>((resolve) => {
    const interrupted = () => {
      Deno.removeSignalListener("SIGINT", interrupted);
      resolve();
    };
    Deno.addSignalListener("SIGINT", interrupted);
  });
}

function playOf(cluster: TestCluster, operator: TestOperator, namespace: string): Play {
  const { view } = cluster;
  return {
    cluster,
    operator,
    namespace,
    until: (what, check, limitMs) =>
      view.until(what, check, {
        explain: explainBy(operator),
        ...(limitMs === undefined ? {} : { limitMs }),
      }),
    async never(what, check, forMs = NEVER_MS) {
      const happened = await view.until(what, () => Boolean(check()), { limitMs: forMs })
        .catch(() => false);
      if (happened) throw new Error(`${what}: this must not happen`);
    },
    events: (name) =>
      view.list("Event", namespace)
        .filter((event) => (event as KubeEvent).involvedObject.name === name)
        .map((event) => {
          const { type, reason, message } = event as KubeEvent;
          return `${type} ${reason}: ${message}`;
        }),
  };
}

type KubeEvent = KubeObject & {
  involvedObject: { name: string };
  type: string;
  reason: string;
  message: string;
};
