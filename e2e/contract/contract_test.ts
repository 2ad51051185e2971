/**
 * The contract of the dev cluster's API server: the same rows pass on it and on a real kube-apiserver.
 * `deno test -A e2e/contract` runs the embedded one, `KUBECONFIG=… deno test -A e2e/contract` a real one.
 */
import type { Row } from "./context.ts";
import { runRow } from "./context.ts";
import { rows } from "./rows.ts";
import { chosenTarget } from "./target.ts";

const real = Deno.env.get("KUBECONFIG") !== undefined;

function skipReason(row: Row): string | undefined {
  return row.skip?.[real ? "real" : "embedded"];
}

Deno.test("the API server keeps the contract", async (t) => {
  const target = await chosenTarget();
  try {
    for (const row of rows) {
      const reason = skipReason(row);
      await t.step({
        name: reason ? `${row.name} (skipped: ${reason})` : row.name,
        ignore: reason !== undefined,
        fn: () => runRow(target, row),
      });
    }
  } finally {
    await target.stop();
  }
});
