/** What a scenario of the life of a cluster is. Names and asserts are those of Zalando's suite. */
import type { Life } from "./life.ts";

/** One scenario: it gets a Kubernetes, an operator and a namespace of its own. */
export interface Scenario {
  /** Zalando: e2e/tests/test_e2e.py, the method of this name. */
  readonly name: string;
  /** What is asserted, in words; each has to be checked in a run. */
  readonly asserts: readonly string[];
  /** How many nodes; one unless told. */
  readonly nodes?: number;
  /** Keys of the operator's ConfigMap at the start. */
  readonly config?: Readonly<Record<string, string>>;
  run(life: Life): Promise<void>;
}
