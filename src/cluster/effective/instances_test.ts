import assert from "node:assert/strict";
import { cluster } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import { newFindings } from "./findings.ts";
import { resolveInstances } from "./instances.ts";
import { resolveRequests } from "./requests.ts";
import { resolveStandby } from "./source/standby.ts";

const KEY = "ignore-instance-limits";

const ROWS = [
  { name: "no bounds", min: -1, max: -1, asked: 2, want: 2 },
  { name: "below the minimum", min: 2, max: -1, asked: 1, want: 2 },
  { name: "above the maximum", min: -1, max: 5, asked: 10, want: 5 },
  { name: "zero is raised to the minimum", min: 1, max: -1, asked: 0, want: 1 },
  { name: "a maximum of zero", min: -1, max: 0, asked: 3, want: 0 },
  { name: "a maximum below the minimum", min: 4, max: 2, asked: 3, want: 4 },
  { name: "lifted", min: 2, max: -1, asked: 1, annotation: { [KEY]: "true" }, want: 1 },
  { name: "another key", min: 2, max: -1, asked: 1, annotation: { other: "true" }, want: 2 },
  { name: "another value", min: 2, max: -1, asked: 1, annotation: { [KEY]: "active" }, want: 2 },
  { name: "a standby of one", min: 2, max: -1, asked: 1, standby: true, want: 1 },
  { name: "a standby of one, maximum zero", min: -1, max: 0, asked: 1, standby: true, want: 1 },
  { name: "a standby of three", min: -1, max: 2, asked: 3, standby: true, want: 2 },
];

Deno.test("resolveInstances keeps the number of pods within the bounds", () => {
  for (const { name, min, max, asked, annotation, standby, want } of ROWS) {
    const manifest = cluster({
      metadata: { annotations: (annotation ?? {}) as Record<string, string> },
      spec: {
        numberOfInstances: asked,
        ...(standby ? { standby: { standby_host: "far" } } : {}),
      },
    });
    const settings = config({
      minInstances: min,
      maxInstances: max,
      ignoreInstanceLimitsAnnotationKey: KEY,
    });
    const findings = newFindings();
    const standbyRole = resolveStandby(manifest.spec);
    const { count, requested } = resolveInstances(
      manifest,
      settings,
      { standby: standbyRole, requests: resolveRequests(manifest) },
      findings,
    );
    assert.equal(count, want, name);
    assert.equal(requested, asked, name);
    const told = findings.notices.some(({ severity }) => severity === "info");
    assert.equal(told, count !== asked, name);
  }
});
