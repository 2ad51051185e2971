/** Plays one scenario on a cluster of its own, which is gone afterwards. */
import { startTestCluster } from "../support/test_cluster.ts";
import { type CheckResult, checksOf } from "./checks.ts";
import { keepEvidence } from "./evidence.ts";
import { Life } from "./life.ts";
import type { Scenario } from "./scenario.ts";

/** How a scenario ended. */
export interface Outcome {
  readonly name: string;
  readonly results: readonly CheckResult[];
  readonly seconds: number;
  /** Why it broke off. */
  readonly broken?: string;
  /** Where objects, logs and plans of a failed run are. */
  readonly evidence?: string;
}

/** Patroni keeps its state in Endpoints, as in the runs of Zalando's suite. */
const CONFIG = { kubernetes_use_configmaps: "false" };

/** Plays a scenario; never rejects for what the scenario finds. */
export async function play(scenario: Scenario, say: (line: string) => void): Promise<Outcome> {
  const { name, asserts, nodes = 1, config = {} } = scenario;
  const startedMs = performance.now();
  const checks = checksOf(asserts);
  const cluster = await startTestCluster({ runtime: "process", nodes });
  try {
    const settings = { ...CONFIG, ...config };
    const life = new Life(cluster, await cluster.namespace(), settings, checks, say);
    await life.configure();
    const broken = await scenario.run(life).then(() => undefined, describe);
    if (broken !== undefined) life.step(`broke off: ${broken}`);
    const results = checks.results();
    const failed = broken !== undefined || results.some(({ passed }) => !passed);
    const seconds = (performance.now() - startedMs) / 1000;
    return {
      name,
      results,
      seconds,
      ...(broken === undefined ? {} : { broken }),
      ...(failed ? { evidence: await keepEvidence(life, name) } : {}),
    };
  } finally {
    await cluster.stop();
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
