/** Keeps what explains a failed scenario: objects, logs of operator and pods, plans. */
import { RESOURCES } from "../../src/ports/resources.gen.ts";
import type { Life } from "./life.ts";

/** Writes everything below a new directory and gives its path. */
export async function keepEvidence(life: Life, name: string): Promise<string> {
  const directory = await Deno.makeTempDir({ prefix: `${name}-` });
  const write = (file: string, text: string) =>
    Deno.writeTextFile(`${directory}/${file}`, text).catch(() => {});
  await write("operator.log", life.operator.log().join("\n"));
  const objects = life.cluster.view.all(life.namespace);
  await write("objects.json", JSON.stringify(objects.map(withoutSecrets), null, 2));
  const events = life.cluster.view.list("Event", life.namespace);
  await write("events.json", JSON.stringify(events, null, 2));
  for (const manifest of life.cluster.view.list("Postgresql", life.namespace)) {
    const path = `clusters/${life.namespace}/${manifest.metadata.name}/plan`;
    const plan = await fetch(`${life.operator.debugUrl}/${path}`).then((it) => it.text())
      .catch(String);
    await write(`plan-${manifest.metadata.name}.json`, plan);
  }
  for (const pod of life.cluster.view.list("Pod", life.namespace)) {
    await write(`${pod.metadata.name}.log`, await podLog(life, pod.metadata.name ?? ""));
  }
  return directory;
}

/** What people may see of an object: a bundle of evidence gets passed around. */
function withoutSecrets<T extends { kind?: string }>(object: T): T {
  return object.kind === "Secret" ? { ...object, data: "[redacted]" } : object;
}

async function podLog({ cluster, namespace }: Life, pod: string): Promise<string> {
  const { baseUrl, headers, httpClient } = cluster.connection;
  const { plural } = RESOURCES.Pod;
  const url = `${baseUrl}/api/v1/namespaces/${namespace}/${plural}/${pod}/log?tailLines=300`;
  const response = await fetch(url, {
    headers: await headers(AbortSignal.timeout(5000)),
    client: httpClient,
  })
    .catch((error) => new Response(String(error)));
  return await response.text();
}
