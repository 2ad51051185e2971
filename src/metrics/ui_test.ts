/** What a scrape of the web UI says. */

import assert from "node:assert/strict";
import { createUiMetrics } from "./ui.ts";

Deno.test("answers and requests are counted by method and code, and a word of the visitor's is none", async () => {
  const metrics = createUiMetrics([
    { name: "pgop_one", help: "One.", labels: [], read: () => [{ labels: {}, value: 1 }] },
  ]);
  metrics.answerEnded({ method: "GET", status: 200, seconds: 0.02 });
  metrics.answerEnded({ method: "BREW", status: 404, seconds: 0.001 });
  metrics.requestEnded({ verb: "list", status: 200 });
  metrics.requestEnded({ verb: "patch", status: 0 });
  const lines = (await metrics.text()).split("\n");
  for (
    const wanted of [
      'pgop_ui_answers_total{code="200",method="GET"} 1',
      'pgop_ui_answers_total{code="404",method="other"} 1',
      'pgop_ui_answer_seconds_bucket{le="0.025"} 2',
      'rest_client_requests_total{code="200",method="GET"} 1',
      'rest_client_requests_total{code="<error>",method="PATCH"} 1',
      "pgop_one 1",
    ]
  ) assert.ok(lines.includes(wanted), `${wanted} is missing:\n${lines.join("\n")}`);
});
