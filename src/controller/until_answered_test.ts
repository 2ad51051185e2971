/** A start goes on while the API server fails, whichever of its requests meets the failure. */

import assert from "node:assert/strict";
import { CRDS } from "../api/crds.gen.ts";
import { createSimulatedApi } from "../dry_run/simulated/api.ts";
import { type FailureKind, PortError } from "../ports/errors.ts";
import { unknown } from "../ports/observation.ts";
import type { KubeReader, KubeWriter } from "../ports/ports.ts";
import { config as configOf } from "../testing/config_fixture.ts";
import { type BootstrapPorts, checkNamespace, loadConfig, registerCrds } from "./bootstrap.ts";
import { untilAnswered } from "./until_answered.ts";

const SIGNAL = new AbortController().signal;

function listener() {
  const lines: string[] = [];
  const pauses: number[] = [];
  const hear = (line: string) => void lines.push(line);
  const ports = {
    logger: { debug: hear, info: hear, warn: hear },
    sleep: (ms: number) => (pauses.push(ms), Promise.resolve()),
  };
  return { lines, pauses, ports };
}

Deno.test("a failing call is made again, each time after a longer pause, up to a quarter of a minute", async () => {
  const { lines, pauses, ports } = listener();
  let left = 7;
  const call = () =>
    left-- > 0
      ? Promise.reject(new PortError("nobody answers", "unavailable"))
      : Promise.resolve(3);
  assert.equal(await untilAnswered(ports, call, SIGNAL), 3);
  assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  assert.equal(lines[1], "nobody answers; the start waits, next try in 1 s");
});

const FINAL: readonly Error[] = [
  new Error("what CONFIG_MAP_NAME names does not exist"),
  new PortError("the API server does not accept it", "invalid"),
];

for (const error of FINAL) {
  Deno.test(`no waiting mends this, so the start ends: ${error.message}`, async () => {
    const { pauses, ports } = listener();
    await assert.rejects(untilAnswered(ports, () => Promise.reject(error), SIGNAL), error);
    assert.deepEqual(pauses, []);
  });
}

Deno.test("an operator that is asked to end waits no longer", async () => {
  const { ports } = listener();
  const stop = new AbortController();
  const call = () => {
    stop.abort(new Error("SIGTERM received"));
    return Promise.reject(new PortError("nobody answers", "unavailable"));
  };
  await assert.rejects(untilAnswered(ports, call, stop.signal), /SIGTERM received/);
});

const MAP = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace: "ops", name: "settings" },
  data: { workers: "3" },
};
const NAMESPACE = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
const SOURCE = { kind: "ConfigMap", name: { namespace: "ops", name: "settings" } } as const;

/** What a start asks; the failing request has the number `nth`, from 0. */
async function start(nth: number | undefined, kind: FailureKind) {
  const api = createSimulatedApi({ clusterNameLabel: "cluster-name" });
  for (const object of [MAP, NAMESPACE]) api.put(object);
  const { ports: heard } = listener();
  let asked = 0;
  const fails = () => asked++ === nth;
  const write = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => (...args: A) =>
    fails() ? Promise.reject(new PortError("injected", kind)) : call(...args);
  const reader: KubeReader = {
    ...api.reader,
    async read(ref, signal) {
      if (fails()) return unknown("injected");
      const found = await api.reader.read(ref, signal);
      if (!found.known || found.value?.kind !== "CustomResourceDefinition") return found;
      const conditions = [{ type: "Established", status: "True" }];
      return { known: true, value: { ...found.value, status: { conditions } } };
    },
  };
  const { create, patch } = api.writer;
  const writer: KubeWriter = { ...api.writer, create: write(create), patch: write(patch) };
  const ports: BootstrapPorts = { ...heard, reader, writer };
  const persistently = <T>(call: () => Promise<T>) => untilAnswered(ports, call, SIGNAL);
  const { config } = await persistently(() => loadConfig(ports, SOURCE, "ops", SIGNAL));
  await persistently(() => checkNamespace(ports, "shop", SIGNAL));
  const refused = await persistently(() => registerCrds(ports, CRDS, configOf(), SIGNAL));
  const registered = CRDS.filter(({ metadata, ...crd }) =>
    api.find({ ...crd, name: metadata.name ?? "" }) !== undefined
  );
  return { asked, workers: config.workers, registered: registered.length, refused: refused.length };
}

const KINDS: readonly FailureKind[] = [
  ...["unavailable", "failed", "unauthorized", "not found"] as const,
  ...["conflict", "already exists", "expired"] as const,
];

Deno.test("whichever request of a start fails, and however, the start ends as without", async () => {
  const { asked: total, ...undisturbed } = await start(undefined, "failed");
  assert.deepEqual(undisturbed, { workers: 3, registered: CRDS.length, refused: 0 });
  assert.ok(total > 3 * CRDS.length, `${total} requests`);
  for (const kind of KINDS) {
    for (let nth = 0; nth < total; nth++) {
      const { asked: _asked, ...disturbed } = await start(nth, kind);
      assert.deepEqual(disturbed, undisturbed, `${kind} at request ${nth}`);
    }
  }
});
