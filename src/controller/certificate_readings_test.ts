/** Ends of certificates as a scrape shows them. */

import assert from "node:assert/strict";
import { certificateEnds, certificateReadings } from "./certificate_readings.ts";

Deno.test("a cluster shows the end of the certificate that was seen last, and goes with its entry", () => {
  const ends = certificateEnds();
  const keys = ["shop/acid-a", "shop/acid-b"];
  const [reading] = certificateReadings({ keys: () => keys }, ends);
  const read = () => [...reading?.read() ?? []];
  assert.deepEqual(read(), []);
  const a = { namespace: "shop", cluster: "acid-a" };
  ends.note(a, new Date("2026-02-01T00:00:00Z"));
  ends.note(a, new Date("2026-05-01T00:00:00Z"));
  ends.note({ namespace: "shop", cluster: "gone" }, new Date(0));
  assert.deepEqual(read(), [{ labels: a, value: Date.parse("2026-05-01T00:00:00Z") / 1000 }]);
  keys.shift();
  assert.deepEqual(read(), []);
});
