/**
 * Reads Patroni's answers. Versions differ in what they leave out and in the types of values, so
 * what is missing or strange becomes absent. Layer: client of Patroni, pure.
 *
 * Zalando: pkg/util/patroni/patroni.go, MemberData, ClusterMember, ReplicationLag.
 */

import type { PatroniMember, PatroniMemberState } from "../../ports/ports.ts";

type Json = Readonly<Record<string, unknown>>;

/** `GET /config`: any object. @throws TypeError for other JSON */
export function decodeConfig(value: unknown): Record<string, unknown> {
  if (!isObject(value)) throw new TypeError("the answer is no JSON object");
  return { ...value };
}

/** `GET /cluster`; members without a name are left out. @throws TypeError without a member list */
export function decodeCluster(value: unknown): PatroniMember[] {
  const members = isObject(value) ? value["members"] : undefined;
  if (!Array.isArray(members)) throw new TypeError("the answer has no list of members");
  return members.filter(isObject).filter((member) => text(member, "name") !== "").map((member) => {
    const timeline = integer(member["timeline"]);
    // "unknown" while the member does not stream.
    const lagBytes = integer(member["lag"]);
    return {
      name: text(member, "name"),
      role: text(member, "role"),
      state: text(member, "state"),
      ...(timeline === undefined ? {} : { timeline }),
      ...(lagBytes === undefined ? {} : { lagBytes }),
    };
  });
}

/** `GET /patroni`. @throws TypeError for other JSON than an object */
export function decodeMember(value: unknown): PatroniMemberState {
  if (!isObject(value)) throw new TypeError("the answer is no JSON object");
  const serverVersion = integer(value["server_version"]);
  const patroni = value["patroni"];
  const patroniVersion = isObject(patroni) ? text(patroni, "version") : "";
  return {
    state: text(value, "state"),
    role: text(value, "role"),
    ...restartReasons(value["pending_restart_reason"]),
    pendingRestart: value["pending_restart"] === true || value["pending_restart"] === "true",
    ...startOf(text(value, "postmaster_start_time")),
    // 0 or absent while the server is down.
    ...(serverVersion === undefined || serverVersion === 0 ? {} : { serverVersion }),
    ...(patroniVersion === "" ? {} : { patroniVersion }),
  };
}

/** `2026-01-05 11:59:30.123456+00:00`, and with a name for the zone before Patroni 2. */
function startOf(time: string): Pick<PatroniMemberState, "startedMs"> {
  const startedMs = Date.parse(time);
  return Number.isNaN(startedMs) ? {} : { startedMs };
}

/** Since Patroni 4: `{"max_connections": {"old_value": "200", "new_value": "100"}}`. */
function restartReasons(value: unknown): Pick<PatroniMemberState, "restartReasons"> {
  if (!isObject(value)) return {};
  const reasons = Object.entries(value).flatMap(([name, reason]) =>
    isObject(reason) ? [[name, { from: text(reason, "old_value") }] as const] : []
  );
  return { restartReasons: Object.fromEntries(reasons) };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(object: Json, key: string): string {
  const value = object[key];
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

function integer(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : undefined;
}
