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

/** Declares the test of one scenario. */
export function scenario(
  name: string,
  options: ScenarioOptions,
  run: (play: Play) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const cluster = await startTestCluster(options);
    try {
      const operator = await cluster.operator(options.operator);
      const namespace = await cluster.namespace();
      await run(playOf(cluster, operator, namespace));
    } finally {
      await cluster.stop();
    }
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
