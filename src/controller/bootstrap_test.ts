/** Definitions that the role forbids to write are written once it allows it. */

import assert from "node:assert/strict";
import type { CustomResourceDefinition } from "../kubernetes/types.gen.ts";
import { known } from "../ports/observation.ts";
import { PortError } from "../ports/errors.ts";
import type { KubeReader, KubeWriter } from "../ports/ports.ts";
import { config } from "../testing/config_fixture.ts";
import { type BootstrapPorts, registerCrds, registerLater } from "./bootstrap.ts";

function definition(name: string): CustomResourceDefinition {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name },
    spec: {
      group: "acid.zalan.do",
      names: { kind: name, plural: name },
      scope: "Namespaced",
      versions: [],
    },
  } as CustomResourceDefinition;
}

/** An API server with an older definition `a`, which refuses the first patches. */
function stage(...refusals: PortError[]) {
  const done: string[] = [];
  const impossible = () => Promise.reject(new Error("not used"));
  const older = definition("older");
  const reader: KubeReader = {
    read: ({ name }) => {
      const conditions = [{ type: "Established", status: "True" }];
      return Promise.resolve(known({ ...older, metadata: { name }, status: { conditions } }));
    },
    listOfCluster: impossible,
  };
  const writer: KubeWriter = {
    create: impossible,
    patch({ target }) {
      const refusal = refusals.shift();
      if (refusal !== undefined) return Promise.reject(refusal);
      done.push(`patch ${target.name}`);
      return Promise.resolve(older);
    },
    replace: impossible,
    delete: impossible,
    awaitGone: impossible,
  };
  const log = (level: string) => (text: string) => void done.push(`${level}: ${text}`);
  const ports: BootstrapPorts = {
    reader,
    writer,
    logger: { debug: log("debug"), info: () => {}, warn: log("warn") },
    sleep: (ms) => (done.push(`wait ${ms / 60_000} min`), Promise.resolve()),
  };
  return { ports, done };
}

const { signal } = new AbortController();
const FORBIDDEN = new PortError("no right", "forbidden");
const NOT_NOW = new PortError("no answer", "unavailable");

Deno.test("a definition that may not be written is written as soon as the role allows it", async () => {
  const { ports, done } = stage(FORBIDDEN, FORBIDDEN, NOT_NOW);
  const refused = await registerCrds(ports, [definition("a")], config(), signal);
  assert.deepEqual(refused.map(({ metadata }) => metadata.name), ["a"]);
  await registerLater(ports, refused, config(), signal);
  const text = "custom resource definition a is left as it is: no right";
  assert.deepEqual(done, [
    `warn: ${text}`,
    "wait 5 min",
    `debug: ${text}`,
    "wait 5 min",
    "debug: no answer",
    "wait 5 min",
    "patch a",
  ]);
});
