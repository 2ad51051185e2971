import assert from "node:assert/strict";
import type { PodRef } from "../../ports/requests.ts";
import { createPatroniApi } from "./client.ts";
import { PatroniError } from "./error.ts";

const pod: PodRef = { namespace: "ns", name: "acid-x-0", ip: "10.1.2.3" };
const signal = new AbortController().signal;

interface Seen {
  readonly url: string;
  readonly method: string | undefined;
  readonly body: unknown;
}

function patroni(status: number, body: string) {
  const seen: Seen[] = [];
  const api = createPatroniApi({
    send: (url, init) => {
      seen.push({ url, method: init.method, body: init.body });
      return Promise.resolve(new Response(status === 204 ? null : body, { status }));
    },
  });
  return { api, seen };
}

Deno.test("GET /config goes to the pod's port 8008", async () => {
  const { api, seen } = patroni(200, '{"ttl": 30}');
  assert.deepEqual(await api.getConfig(pod, signal), { ttl: 30 });
  assert.deepEqual(seen, [
    { url: "http://10.1.2.3:8008/config", method: "GET", body: undefined },
  ]);
});

Deno.test("an IPv6 address is put in brackets", async () => {
  const { api, seen } = patroni(200, "{}");
  await api.getConfig({ ...pod, ip: "fd00::17" }, signal);
  assert.equal(seen[0]?.url, "http://[fd00::17]:8008/config");
});

for (
  const [name, request, want] of [
    ["patchConfig", { call: "patchConfig", body: { ttl: 20 } }, ["PATCH", "/config", '{"ttl":20}']],
    ["restart", { call: "restart", body: { restart_pending: true } }, [
      "POST",
      "/restart",
      '{"restart_pending":true}',
    ]],
    ["switchover", {
      call: "switchover",
      body: { leader: "a", member: "b", scheduled_at: "" },
    }, ["POST", "/switchover", '{"leader":"a","member":"b","scheduled_at":""}']],
  ] as const
) {
  Deno.test(`${name} is sent as ${want[0]} ${want[1]}`, async () => {
    const { api, seen } = patroni(202, "scheduled");
    await api.send(pod, request, signal);
    assert.deepEqual(seen, [
      { url: `http://10.1.2.3:8008${want[1]}`, method: want[0], body: want[2] },
    ]);
  });
}

Deno.test("members with an unknown lag, missing keys or other types are still read", async () => {
  const { api } = patroni(
    200,
    JSON.stringify({
      members: [
        { name: "x-0", role: "leader", state: "running", timeline: 3, api_url: "http://…" },
        { name: "x-1", role: "replica", state: "streaming", timeline: "3", lag: 16777216 },
        { name: "x-2", role: "replica", state: "starting", lag: "unknown" },
        { name: "x-3" },
        { role: "replica" },
        "nonsense",
      ],
      scope: "x",
    }),
  );
  assert.deepEqual(await api.getCluster(pod, signal), [
    { name: "x-0", role: "leader", state: "running", timeline: 3 },
    { name: "x-1", role: "replica", state: "streaming", timeline: 3, lagBytes: 16777216 },
    { name: "x-2", role: "replica", state: "starting" },
    { name: "x-3", role: "", state: "" },
  ]);
});

Deno.test("an answer without members is an error, not an empty cluster", async () => {
  const { api } = patroni(200, "{}");
  await assert.rejects(api.getCluster(pod, signal), /no list of members/);
});

for (
  const [name, answer, want] of [
    ["a running member", {
      state: "running",
      role: "primary",
      server_version: 170005,
      pending_restart: true,
      postmaster_start_time: "2026-01-05 11:59:30.123456+00:00",
      pending_restart_reason: {
        max_connections: { old_value: "100", new_value: "90" },
        odd: "text",
      },
      patroni: { version: "4.1.0", scope: "x" },
    }, {
      state: "running",
      role: "primary",
      serverVersion: 170005,
      pendingRestart: true,
      startedMs: Date.parse("2026-01-05T11:59:30.123Z"),
      restartReasons: { max_connections: { from: "100" } },
      patroniVersion: "4.1.0",
    }],
    ["a member whose server is down", {
      state: "starting",
      role: "replica",
      postmaster_start_time: null,
    }, {
      state: "starting",
      role: "replica",
      pendingRestart: false,
    }],
    ["a member that knows nothing", {}, { state: "", role: "", pendingRestart: false }],
  ] as const
) {
  Deno.test(`the state of ${name} is read`, async () => {
    const { api } = patroni(200, JSON.stringify(answer));
    assert.deepEqual(await api.getMember(pod, signal), want);
  });
}

Deno.test("a refusal carries the status and Patroni's words", async () => {
  const { api } = patroni(412, "no good candidates have been found\n");
  await assert.rejects(
    api.send(
      pod,
      { call: "switchover", body: { leader: "a", member: "b", scheduled_at: "" } },
      signal,
    ),
    (error) =>
      error instanceof PatroniError && error.status === 412 &&
      error.message ===
        "cannot POST /switchover of Patroni on Pod ns/acid-x-0 (10.1.2.3): " +
          "Patroni answered 412: no good candidates have been found",
  );
});

Deno.test("an answer that is no JSON is an error that does not repeat it", async () => {
  const { api } = patroni(200, "<html>");
  await assert.rejects(
    api.getConfig(pod, signal),
    (error) => error instanceof PatroniError && error.message.endsWith("the answer is no JSON"),
  );
});

function hang(_url: string, init: RequestInit): Promise<Response> {
  return new Promise((_, reject) => {
    init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
  });
}

Deno.test("a silent pod gives an error after the time-out", async () => {
  const api = createPatroniApi({ send: hang, timeoutMs: 5 });
  await assert.rejects(
    api.getConfig(pod, signal),
    (error) =>
      error instanceof PatroniError && error.status === 0 && /within 0\.005 s/.test(error.message),
  );
});

Deno.test("an aborted call throws the reason of the abort", async () => {
  const api = createPatroniApi({ send: hang });
  const stopping = new AbortController();
  const call = api.getConfig(pod, stopping.signal);
  stopping.abort(new Error("shutdown"));
  await assert.rejects(call, /^Error: shutdown$/);
});

Deno.test("an answer without an end is not taken in", async () => {
  let sent = 0;
  const api = createPatroniApi({
    send: () =>
      Promise.resolve(
        new Response(
          new ReadableStream({
            pull: (controller) => void (sent++, controller.enqueue(new Uint8Array(64 * 1024))),
          }),
        ),
      ),
  });
  await assert.rejects(
    api.getConfig(pod, signal),
    /cannot GET \/config of Patroni .*: more than 1048576 bytes/,
  );
  assert.ok(sent < 20, `${sent} pieces of 64 KiB were taken`);
});
