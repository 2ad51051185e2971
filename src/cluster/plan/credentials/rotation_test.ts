import assert from "node:assert/strict";
import fc from "fast-check";
import type { DesiredRole, RoleOrigin } from "../../desired/roles/role.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { config } from "../../../testing/config_fixture.ts";
import {
  expiredLogins,
  isRotatedName,
  nextRotation,
  parseRotationDate,
  rotatedName,
  rotationCleanup,
  rotationMode,
  rotationObstacle,
  type RotationRules,
  rotationRules,
} from "./rotation.ts";

const NOW = new Date("2026-11-23T18:00:00Z");

const RULES: RotationRules = {
  everyone: true,
  byUser: [],
  inPlace: [],
  ignored: [],
  intervalDays: 30,
  retentionDays: 75,
  superuser: "postgres",
  standby: false,
};

function role(name: string, origin: RoleOrigin, isDbOwner = false): DesiredRole {
  return {
    name,
    origin,
    flags: [],
    login: true,
    memberOf: [],
    parameters: {},
    isDbOwner,
    namespace: "shop",
    hasPassword: true,
  };
}

const MODES: readonly [string, DesiredRole, Partial<RotationRules>, string | undefined][] = [
  ["users of the manifest", role("app", "manifest"), {}, "by user"],
  ["users of prepared databases", role("foo_owner_user", "bootstrap"), {}, "by user"],
  ["nobody without the general switch", role("app", "manifest"), { everyone: false }, undefined],
  ["no owner in general", role("own", "manifest", true), {}, undefined],
  ["an owner that is listed", role("own", "manifest", true), { byUser: ["own"] }, "by user"],
  ["an owner in place", role("own", "manifest", true), { inPlace: ["own"] }, "in place"],
  ["in place outranks by user", role("app", "manifest"), { inPlace: ["app"] }, "in place"],
  ["nobody who is ignored", role("app", "manifest"), { ignored: ["app"] }, undefined],
  [
    "nobody who is listed and ignored",
    role("app", "manifest"),
    { byUser: ["app"], ignored: ["app"] },
    undefined,
  ],
  ["no system role in general", role("standby", "system"), {}, undefined],
  ["replication in place", role("standby", "system"), { inPlace: ["standby"] }, "in place"],
  ["replication never by user", role("standby", "system"), { byUser: ["standby"] }, undefined],
  ["the superuser never", role("postgres", "system"), { inPlace: ["postgres"] }, undefined],
  ["the pooler's role if listed", role("pooler", "pooler"), { byUser: ["pooler"] }, "by user"],
  ["no infrastructure role", role("mon", "infrastructure"), { byUser: ["mon"] }, undefined],
  ["nobody on a standby cluster", role("app", "manifest"), { standby: true }, undefined],
];

Deno.test("rotationMode says whose password is rotated, and how", () => {
  for (const [why, given, rules, want] of MODES) {
    assert.equal(rotationMode(given, { ...RULES, ...rules }), want, why);
  }
});

Deno.test("retention is never shorter than two intervals", () => {
  const days = (interval: number, retention: number) =>
    rotationRules(
      cluster().spec,
      config({ passwordRotationInterval: interval, passwordRotationUserRetention: retention }),
      "primary",
    ).retentionDays;
  assert.equal(days(90, 180), 180);
  assert.equal(days(90, 100), 180);
  assert.equal(days(30, 75), 75);
});

Deno.test("a rotated name is the role and the date of six digits", () => {
  assert.equal(rotatedName("app", NOW), "app261123");
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z_]{1,20}$/),
      fc.date({ noInvalidDate: true }),
      (name, date) => {
        if (date.getUTCFullYear() < 0 || date.getUTCFullYear() > 9999) return;
        assert.ok(isRotatedName(rotatedName(name, date), name));
      },
    ),
  );
  assert.equal(isRotatedName("app", "app"), false);
  assert.equal(isRotatedName("app26112x", "app"), false);
  assert.equal(isRotatedName("apple261123", "app"), false);
});

Deno.test("a role is not rotated into the name of another, nor beyond what PostgreSQL allows", () => {
  assert.equal(rotationObstacle("app", new Set(["app"]), NOW), undefined);
  assert.match(rotationObstacle("app", new Set(["app261123"]), NOW) ?? "", /another role/);
  assert.match(rotationObstacle("a".repeat(58), new Set(), NOW) ?? "", /too long/);
  assert.equal(rotationObstacle("a".repeat(57), new Set(), NOW), undefined);
});

Deno.test("dates are written with whole seconds in UTC and read with any offset", () => {
  assert.equal(nextRotation(new Date("2026-11-23T18:00:00.999Z"), RULES), "2026-12-23T18:00:00Z");
  assert.equal(parseRotationDate("2026-12-23T18:00:00Z")?.getTime(), Date.UTC(2026, 11, 23, 18));
  assert.equal(
    parseRotationDate("2026-12-23T20:00:00+02:00")?.getTime(),
    Date.UTC(2026, 11, 23, 18),
  );
  for (const text of [undefined, "", "soon", "2026-12-23", "2026-13-45T00:00:00Z"]) {
    assert.equal(parseRotationDate(text), undefined, text);
  }
});

const LOGINS: readonly [string, readonly string[], boolean][] = [
  ["app260101", ["app"], true],
  ["app260908", ["app"], true],
  ["app260910", ["app"], false],
  ["app261123", ["app"], false],
  ["app991231", ["app"], true],
  ["app260101", [], false],
  ["apple260101", ["app"], false],
  ["app_x260101", ["app"], false],
  ["app2601011", ["app"], false],
  ["app260231", ["app"], false],
  ["app000000", ["app"], false],
  ["app250505", ["app"], false],
  ["app250606", ["app"], false],
];

Deno.test("expiredLogins drops exactly the old logins of one role", () => {
  const cleanup = rotationCleanup("app", "app250505", RULES, NOW);
  const wanted = new Set(["app250606"]);
  for (const [name, memberOf, want] of LOGINS) {
    assert.deepEqual(
      expiredLogins(cleanup, [{ name, memberOf }], wanted),
      want ? [name] : [],
      name,
    );
  }
});
