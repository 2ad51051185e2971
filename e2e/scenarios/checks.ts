/** Counts what a scenario has checked: an assert that was never looked at has failed. */

/** How the check of one assert ended. */
export interface CheckResult {
  readonly assert: string;
  readonly passed: boolean;
  /** What was found instead. */
  readonly detail?: string;
}

/** The checks of one run of one scenario. */
export interface Checks {
  /** Notes how an assert turned out. @throws Error for one that the scenario does not have */
  note(assert: string, passed: boolean, detail?: string): void;
  /** One result for each assert, in their order. */
  results(): CheckResult[];
}

/** What is found of an assert that a run never got to. */
export const NOT_LOOKED_AT = "was not looked at";

/** Starts with nothing checked. */
export function checksOf(asserts: readonly string[]): Checks {
  const found = new Map<string, CheckResult>();
  return {
    note(assert, passed, detail) {
      if (!asserts.includes(assert)) throw new Error(`"${assert}" is no assert of this scenario`);
      // Once failed stays failed, however often it is looked at.
      if (found.get(assert)?.passed === false) return;
      found.set(assert, { assert, passed, ...(detail === undefined ? {} : { detail }) });
    },
    results: () =>
      asserts.map((assert) =>
        found.get(assert) ?? { assert, passed: false, detail: NOT_LOOKED_AT }
      ),
  };
}
