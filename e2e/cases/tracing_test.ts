/** Traces of passes at a collector that speaks OTLP, and none where nobody asked for them. */
import assert from "node:assert/strict";
import type { Secret } from "../../src/kubernetes/types.gen.ts";
import { startTestCluster, type TestCluster } from "../support/test_cluster.ts";
import { isRunning, minimalCluster } from "./clusters.ts";

interface Value {
  readonly stringValue?: string;
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: Value }[];
  readonly status: { readonly code?: number };
}

interface Resource {
  readonly attributes: OtlpSpan["attributes"];
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: Resource;
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

/** A collector that keeps what it gets. */
function startCollector() {
  const bodies: string[] = [];
  const paths = new Set<string>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    paths.add(new URL(request.url).pathname);
    bodies.push(await request.text());
    return Response.json({});
  });
  const exports = () => bodies.flatMap((body) => (JSON.parse(body) as Export).resourceSpans);
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    text: () => bodies.join("\n"),
    paths,
    resources: () => exports().map(({ resource }) => resource),
    spans: () => exports().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    stop: () => server.shutdown(),
  };
}

function fact({ attributes }: Pick<OtlpSpan, "attributes">, name: string): string | undefined {
  return attributes.find(({ key }) => key === name)?.value.stringValue;
}

/** Makes a cluster, has it run, and stops the operator, which sends what is left. */
async function oneLife(cluster: TestCluster, env: Record<string, string>): Promise<string> {
  const operator = await cluster.operator({ env });
  const namespace = await cluster.namespace();
  await cluster.create(minimalCluster(namespace));
  await cluster.view.until("it runs", () => isRunning({ cluster, namespace }));
  assert.deepEqual(await operator.stop(), { code: 0, signal: null });
  return namespace;
}

Deno.test("a collector gets a span a pass and a step, by OpenTelemetry's variables alone", async () => {
  const cluster = await startTestCluster();
  const collector = startCollector();
  try {
    const namespace = await oneLife(cluster, {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test",
    });
    assert.deepEqual([...collector.paths], ["/v1/traces"]);
    const [resource] = collector.resources();
    assert(resource);
    assert.equal(fact(resource, "service.name"), "postgres-operator");
    assert.equal(fact(resource, "deployment.environment"), "test");
    const spans = collector.spans();
    const passes = spans.filter(({ name }) => name === "pass");
    const key = `${namespace}/acid-minimal-cluster`;
    assert.deepEqual([...new Set(passes.map((pass) => fact(pass, "pgop.cluster")))], [key]);
    const steps = spans.filter(({ name }) => name.startsWith("step "));
    const create = steps.find((step) =>
      fact(step, "pgop.step.action") === `create StatefulSet ${key}`
    );
    assert(create, JSON.stringify(steps));
    const pass = passes.find(({ spanId }) => spanId === create.parentSpanId);
    assert.equal(pass?.traceId, create.traceId, "the step belongs to a pass");
    const secrets = cluster.view.list("Secret", namespace) as Secret[];
    const passwords = secrets.flatMap(({ data }) => data?.["password"] ?? []).map(atob);
    assert.ok(passwords.length >= 4, "found too few passwords to look for");
    assert.deepEqual(passwords.filter((password) => collector.text().includes(password)), []);

    const before = collector.spans().length;
    await oneLife(cluster, { OTEL_SERVICE_NAME: "unasked" });
    assert.equal(collector.spans().length, before);
  } finally {
    await cluster.stop();
    await collector.stop();
  }
});

Deno.test("a collector that is away is told in the log once, and holds up nothing", async () => {
  const cluster = await startTestCluster();
  try {
    const operator = await cluster.operator({
      env: {
        OTEL_TRACES_EXPORTER: "otlp",
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
        OTEL_EXPORTER_OTLP_TIMEOUT: "200",
        OTEL_BSP_SCHEDULE_DELAY: "100",
      },
    });
    const namespace = await cluster.namespace();
    await cluster.create(minimalCluster(namespace));
    await cluster.view.until("it runs", () => isRunning({ cluster, namespace }));
    await operator.untilLogged(/level=warning msg="cannot send traces: /);
    const startMs = performance.now();
    assert.deepEqual(await operator.stop(), { code: 0, signal: null });
    assert.ok(performance.now() - startMs < 6_000);
    const complaints = operator.log().filter((line) => line.includes("cannot send traces"));
    assert.equal(complaints.length, 1, complaints.join("\n"));
  } finally {
    await cluster.stop();
  }
});
