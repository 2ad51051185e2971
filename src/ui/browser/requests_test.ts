/** Requests as annotations. */

import assert from "node:assert/strict";
import { readRequest } from "../../cluster/effective/requests.ts";
import type { Manifest } from "./manifest.ts";
import { ACTIONS, kubectlLine, newId, requestPatch, requestText, standing } from "./requests.ts";

const MANIFEST: Manifest = {
  apiVersion: "acid.zalan.do/v1",
  kind: "postgresql",
  metadata: {
    name: "acid-orders",
    namespace: "shop",
    resourceVersion: "7",
    annotations: { "acid.zalan.do/request-pause": "a" },
  },
  spec: {},
};

Deno.test("the operator understands everything that may be asked for here, and there is no more", () => {
  for (const { what } of ACTIONS) {
    assert.deepEqual(readRequest(what, requestText("a-1", {})), { what, id: "a-1" });
  }
  const refused = readRequest("dance", "a") as { problem: string };
  const kinds = refused.problem.replace(/.*there are /, "").split(", ");
  assert.deepEqual(ACTIONS.map(({ what }) => what).sort(), kinds.sort());
});

Deno.test("arguments are written as the operator reads them", () => {
  const text = requestText("a", { to: "acid-orders-1", at: "2026-05-04T22:00Z" });
  const read = readRequest("switchover", text);
  assert.deepEqual(read, {
    what: "switchover",
    id: "a",
    to: "acid-orders-1",
    at: new Date("2026-05-04T22:00Z"),
  });
  assert.ok(!("problem" in readRequest("restart", requestText("a", { only: "pending" }))));
  assert.ok(!("problem" in readRequest("upgrade-check", requestText("a", { to: "18" }))));
  assert.ok(!("problem" in readRequest("pause", newId(new Date(), Math.random))));
});

Deno.test("arguments follow the id, and empty ones are left out", () => {
  assert.equal(requestText("a", {}), "a");
  assert.equal(requestText("a", { to: "acid-orders-1", at: "" }), "a,to=acid-orders-1");
});

Deno.test("an id tells its minute and is not used again", () => {
  const now = new Date("2026-05-04T10:20:30Z");
  assert.equal(newId(now, () => 0), "ui-202605041020-0000");
  assert.equal(newId(now, () => 0.9999999), "ui-202605041020-zzzz");
});

Deno.test("one annotation is all that is sent, with the version that was seen", () => {
  assert.equal(standing(MANIFEST, "pause"), "a");
  assert.equal(standing(MANIFEST, "hibernate"), undefined);
  assert.deepEqual(requestPatch(MANIFEST, "pause", null), {
    metadata: { resourceVersion: "7", annotations: { "acid.zalan.do/request-pause": null } },
  });
});

Deno.test("the terminal's line does the same", () => {
  assert.equal(
    kubectlLine(MANIFEST, "restart", "a,only=pending"),
    "kubectl annotate postgresql --namespace shop acid-orders --overwrite " +
      "acid.zalan.do/request-restart=a,only=pending",
  );
  assert.match(kubectlLine(MANIFEST, "pause", null), /acid\.zalan\.do\/request-pause-$/);
});
