import assert from "node:assert/strict";
import { cluster } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import { resolveMaintenance } from "./maintenance.ts";

/** A Wednesday. */
const NOW = new Date("2026-01-14T12:30:15Z");

const ROWS = [
  { name: "no windows", given: [], want: "open", next: undefined },
  {
    name: "open every day",
    given: ["12:00-13:00"],
    want: "open",
    next: "2026-01-15T12:00:00.000Z",
  },
  { name: "starts now", given: ["12:30-13:00"], want: "open", next: "2026-01-15T12:30:00.000Z" },
  { name: "ends now", given: ["11:30-12:30"], want: "open", next: "2026-01-15T11:30:00.000Z" },
  { name: "ended", given: ["11:30-12:29"], want: "closed", next: "2026-01-15T11:30:00.000Z" },
  { name: "opens soon", given: ["12:31-13:00"], want: "closed", next: "2026-01-14T12:31:00.000Z" },
  { name: "today", given: ["Wed:12:00-13:00"], want: "open", next: "2026-01-21T12:00:00.000Z" },
  {
    name: "another day",
    given: ["Thu:12:00-13:00"],
    want: "closed",
    next: "2026-01-15T12:00:00.000Z",
  },
  {
    name: "the day before",
    given: ["Tue:23:00-23:30"],
    want: "closed",
    next: "2026-01-20T23:00:00.000Z",
  },
  {
    name: "the nearest of two",
    given: ["Sun:01:00-02:00", "Sat:01:00-02:00"],
    want: "closed",
    next: "2026-01-17T01:00:00.000Z",
  },
  { name: "unreadable ones never open", given: ["25:00-26:00"], want: "closed", next: undefined },
];

Deno.test("resolveMaintenance tells whether a window is open, and when the next one opens", () => {
  for (const { name, given, want, next } of ROWS) {
    const { spec } = cluster({ spec: { maintenanceWindows: given } });
    const resolved = resolveMaintenance(spec, config(), NOW);
    assert.equal(resolved.window, want, name);
    assert.equal(resolved.nextStart?.toISOString(), next, name);
  }
});

Deno.test("resolveMaintenance prefers the manifest's windows to the configured ones", () => {
  const configured = config({ maintenanceWindows: ["12:00-13:00"] });
  const own = cluster({ spec: { maintenanceWindows: ["01:00-02:00"] } }).spec;
  assert.equal(resolveMaintenance(own, configured, NOW).window, "closed");
  assert.equal(resolveMaintenance(cluster().spec, configured, NOW).window, "open");
});

Deno.test("resolveMaintenance knows no windows where they are switched off", () => {
  const off = config({ enableMaintenanceWindows: false });
  const { spec } = cluster({ spec: { maintenanceWindows: ["01:00-02:00"] } });
  assert.deepEqual(resolveMaintenance(spec, off, NOW), { window: "open", nextStart: undefined });
});
