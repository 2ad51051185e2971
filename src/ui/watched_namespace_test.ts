/** Which namespace is served where the settings name none. */

import assert from "node:assert/strict";
import { PortError } from "../ports/errors.ts";
import { watchedNamespace } from "./watched_namespace.ts";

function operator(get: () => Promise<unknown>) {
  return { get, post: () => Promise.reject(new Error("nothing is posted")) };
}

for (
  const [told, wanted] of [
    [{ operator: { WatchedNamespace: "shop" } }, "shop"],
    [{ operator: { WatchedNamespace: "*" } }, undefined],
    [{ operator: { WatchedNamespace: "" } }, undefined],
    [{ operator: {} }, undefined],
    [{}, undefined],
  ] as const
) {
  Deno.test(`an operator that says ${JSON.stringify(told)} leads to ${wanted ?? "all"}`, async () => {
    assert.equal(await watchedNamespace(operator(() => Promise.resolve(told))), wanted);
  });
}

Deno.test("without an operator all namespaces are served", async () => {
  const silent = operator(() => Promise.reject(new PortError("it is gone", "unavailable")));
  assert.equal(await watchedNamespace(silent), undefined);
});
