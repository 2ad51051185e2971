/** What happens before the controller starts, against an API server in memory. */

import assert from "node:assert/strict";
import { CRDS } from "../api/crds.gen.ts";
import type { Config } from "../config/config.ts";
import type { ConfigSource } from "../config/from_environment.ts";
import { createSimulatedApi, type Refusal } from "../dry_run/simulated/api.ts";
import type { CustomResourceDefinition, KubeObject } from "../kubernetes/types.gen.ts";
import { createLogger } from "../log/logger.ts";
import { PortError } from "../ports/errors.ts";
import { known, unknown } from "../ports/observation.ts";
import type { KubeReader, KubeWriter } from "../ports/ports.ts";
import { config as configOf } from "../testing/config_fixture.ts";
import {
  type BootstrapPorts,
  checkNamespace,
  loadConfig,
  registerCrds,
  registerLater,
} from "./bootstrap.ts";

const SIGNAL = new AbortController().signal;
const CRD = CRDS[0]!;

interface Given {
  readonly objects?: readonly KubeObject[];
  /** What the API server says of a definition from some time on. */
  readonly conditions?: (waitedMs: number) => readonly { type: string; status: string }[];
  readonly refuses?: () => Refusal | undefined;
}

const ESTABLISHED = [{ type: "Established", status: "True" }];

/** An API server, and everything that is logged and waited for. */
function stage({ objects = [], conditions = () => ESTABLISHED, refuses }: Given = {}) {
  const api = createSimulatedApi({
    clusterNameLabel: "cluster-name",
    ...(refuses === undefined ? {} : { refuses }),
  });
  for (const object of objects) api.put(object);
  const lines: string[] = [];
  let waitedMs = 0;
  const ports: BootstrapPorts = {
    writer: api.writer,
    reader: {
      ...api.reader,
      async read(ref, signal) {
        const found = await api.reader.read(ref, signal);
        if (!found.known || found.value?.kind !== "CustomResourceDefinition") return found;
        const status = { conditions: conditions(waitedMs).map((one) => ({ message: "", ...one })) };
        return { known: true, value: { ...found.value, status } };
      },
    },
    logger: createLogger({
      format: "text",
      verbosity: 0,
      now: () => new Date(0),
      write: (line) => void lines.push(line),
    }),
    sleep(ms) {
      waitedMs += ms;
      return Promise.resolve();
    },
  };
  const stored = () => api.find({ ...CRD, name: CRD.metadata.name ?? "" });
  return { api, ports, lines, stored, waited: () => waitedMs };
}

const WITH_CATEGORIES: CustomResourceDefinition = {
  ...CRD,
  spec: { ...CRD.spec, names: { ...CRD.spec.names, categories: ["all"] } },
};
const CONFIG = configOf({ crdCategories: ["all"], readyWaitTimeoutMs: 1000 });

Deno.test("a definition that is missing is created with the configured categories", async () => {
  const { ports, stored, lines } = stage();
  await registerCrds(ports, [CRD], CONFIG, SIGNAL);
  assert.deepEqual((stored() as CustomResourceDefinition).spec, WITH_CATEGORIES.spec);
  assert.match(lines.join(), /postgresqls\.acid\.zalan\.do created/);
});

Deno.test("a definition that differs is updated, one that does not is left alone", async () => {
  const older = { ...CRD, spec: { ...WITH_CATEGORIES.spec, scope: "Cluster" as const } };
  for (const [given, want] of [[older, /updated/], [WITH_CATEGORIES, /^$/]] as const) {
    const { ports, stored, lines } = stage({ objects: [given] });
    await registerCrds(ports, [CRD], CONFIG, SIGNAL);
    assert.deepEqual((stored() as CustomResourceDefinition).spec, WITH_CATEGORIES.spec);
    assert.match(lines.join(), want);
  }
});

Deno.test("a definition that is served as it should be is read once, one that is written until it is served", async () => {
  const older = { ...CRD, spec: { ...WITH_CATEGORIES.spec, scope: "Cluster" as const } };
  for (const [given, want] of [[WITH_CATEGORIES, 1], [older, 2]] as const) {
    const { ports } = stage({ objects: [given] });
    let reads = 0;
    const reader: KubeReader = {
      ...ports.reader,
      read: (ref, signal) => (reads++, ports.reader.read(ref, signal)),
    };
    await registerCrds({ ...ports, reader }, [CRD], CONFIG, SIGNAL);
    assert.equal(reads, want);
  }
});

Deno.test("without the right to write it a definition stays as it is, and the start goes on", async () => {
  const older = { ...CRD, spec: { ...WITH_CATEGORIES.spec, scope: "Cluster" as const } };
  let armed = false;
  const refuses = () => armed ? { status: 403, message: "no right" } : undefined;
  const { ports, lines } = stage({ objects: [older], refuses });
  armed = true;
  await registerCrds(ports, [CRD], CONFIG, SIGNAL);
  assert.match(lines.join(), /is left as it is: .*no right/);
});

Deno.test("any other refusal of a definition keeps the operator from starting", async () => {
  const { ports } = stage({ refuses: () => ({ status: 422, message: "it is wrong" }) });
  await assert.rejects(registerCrds(ports, [CRD], CONFIG, SIGNAL), /it is wrong/);
});

Deno.test("the start waits until a definition is served, longer each time", async () => {
  const { ports, waited } = stage({ conditions: (ms) => ms < 300 ? [] : ESTABLISHED });
  await registerCrds(ports, [CRD], CONFIG, SIGNAL);
  assert.equal(waited(), 50 + 100 + 200);
});

Deno.test("a definition that is never served ends the start after its time", async () => {
  const { ports } = stage({ conditions: () => [] });
  await assert.rejects(
    registerCrds(ports, [CRD], CONFIG, SIGNAL),
    /was not established within 1000 ms/,
  );
});

Deno.test("a definition whose names another one has ends the start at once", async () => {
  const { ports, waited } = stage({
    conditions: () => [{ type: "NamesAccepted", status: "False" }],
  });
  await assert.rejects(registerCrds(ports, [CRD], CONFIG, SIGNAL), /refuses the names/);
  assert.equal(waited(), 0);
});

Deno.test("with the registration switched off nothing is written, and what is missing is said", async () => {
  const { ports, stored, lines } = stage();
  await registerCrds(ports, [CRD], { ...CONFIG, enableCrdRegistration: false }, SIGNAL);
  assert.equal(stored(), undefined);
  assert.match(lines.join(), /is not registered and enable_crd_registration is off/);
});

const MAP = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace: "ops", name: "settings" },
  data: { workers: "3" },
};
const RESOURCE = {
  apiVersion: "acid.zalan.do/v1",
  kind: "OperatorConfiguration",
  metadata: { namespace: "ops", name: "settings" },
  configuration: { workers: 4 },
};
const NAME = { namespace: "ops", name: "settings" };

const SOURCES: readonly [string, ConfigSource, readonly KubeObject[], number | RegExp][] = [
  ["defaults", { kind: "defaults" }, [], configOf().workers],
  ["a ConfigMap", { kind: "ConfigMap", name: NAME }, [MAP], 3],
  ["an OperatorConfiguration", { kind: "OperatorConfiguration", name: NAME }, [RESOURCE], 4],
  [
    "a ConfigMap that is missing",
    { kind: "ConfigMap", name: NAME },
    [],
    /ConfigMap ops\/settings, which CONFIG_MAP_NAME names, does not exist/,
  ],
  [
    "an OperatorConfiguration that is missing",
    { kind: "OperatorConfiguration", name: NAME },
    [MAP],
    /OperatorConfiguration ops\/settings, which POSTGRES_OPERATOR_CONFIGURATION_OBJECT names/,
  ],
  [
    "a ConfigMap with a value that cannot be",
    { kind: "ConfigMap", name: NAME },
    [{ ...MAP, data: { workers: "many" } }],
    /workers: "many"/,
  ],
];

for (const [name, source, objects, want] of SOURCES) {
  Deno.test(`the configuration is read from ${name}`, async () => {
    const { ports } = stage({ objects });
    const loading = loadConfig(ports, source, "ops", SIGNAL);
    if (want instanceof RegExp) await assert.rejects(loading, want);
    else assert.equal((await loading).config.workers, want satisfies Config["workers"]);
  });
}

Deno.test("what cannot be read is no missing configuration", async () => {
  const reader = { ...stage().ports.reader, read: () => Promise.resolve(unknown("no answer")) };
  await assert.rejects(
    loadConfig({ reader }, { kind: "ConfigMap", name: NAME }, "ops", SIGNAL),
    (error) => error instanceof PortError && error.message === "no answer",
  );
});

Deno.test("a watched namespace has to exist", async () => {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
  const { ports } = stage({ objects: [namespace] });
  await checkNamespace(ports, "shop", SIGNAL);
  await assert.rejects(checkNamespace(ports, "store", SIGNAL), /namespace store does not exist/);
});

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
function refusing(...refusals: PortError[]) {
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
    tryCreate: impossible,
    mayPatch: impossible,
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

const FORBIDDEN = new PortError("no right", "forbidden");
const NOT_NOW = new PortError("no answer", "unavailable");

Deno.test("a definition that may not be written is written as soon as the role allows it", async () => {
  const { ports, done } = refusing(FORBIDDEN, FORBIDDEN, NOT_NOW);
  const refused = await registerCrds(ports, [definition("a")], configOf(), SIGNAL);
  assert.deepEqual(refused.map(({ metadata }) => metadata.name), ["a"]);
  await registerLater(ports, refused, configOf(), SIGNAL);
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
