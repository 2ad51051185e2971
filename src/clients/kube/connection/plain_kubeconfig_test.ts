/** A kubeconfig that is read without client-node means what client-node takes it for. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { libraryConfig } from "./kubeconfig_file.ts";
import type { AppliedOptions, LoadedConfig } from "./loaded_config.ts";
import { plainConfig } from "./plain_kubeconfig.ts";

const PATH = new URL("./testdata/plain.yaml", import.meta.url).pathname;
const PARSED = parse(Deno.readTextFileSync(PATH));

async function meaningOf(config: LoadedConfig) {
  const applied: AppliedOptions & { agent?: unknown } = {};
  await config.applyToHTTPSOptions(applied);
  // Deno's fetch has no use for an agent.
  const { agent: _agent, ca, cert, key, ...rest } = applied;
  const text = (value: string | Uint8Array | undefined) =>
    value === undefined ? "" : new TextDecoder().decode(value as Uint8Array);
  const context = config.getCurrentContext();
  const { name, server, proxyUrl } = config.getCurrentCluster() ?? {};
  return {
    context,
    contexts: config.getContexts().map((each) => each.name),
    cluster: [name, server, proxyUrl],
    user: config.getCurrentUser()?.name,
    namespace: config.getContextObject(context)?.namespace,
    content: [ca, cert, key].map(text),
    ...rest,
  };
}

for (
  const context of [
    undefined,
    "token-file",
    "blind",
    "certificate",
    "certificate-files",
    "plain",
  ]
) {
  Deno.test(`the context ${context ?? "of the file"} means the same without client-node`, async () => {
    const plain = plainConfig(PARSED, { path: PATH, context });
    assert.ok(plain, "it is read without");
    const library = await libraryConfig([PATH], context);
    assert.deepEqual(await meaningOf(plain), await meaningOf(library));
  });
}

for (
  const context of [
    "proxied",
    "basic",
    "impersonated",
    "plugin",
    "twice",
    "unknown-user",
    "unknown-cluster",
    "no-such-context",
  ]
) {
  Deno.test(`the context ${context} is left to client-node`, () => {
    assert.equal(plainConfig(PARSED, { path: PATH, context }), undefined);
  });
}

for (const parsed of [undefined, null, "text", [], {}, { clusters: {}, users: [], contexts: [] }]) {
  Deno.test(`a file with ${JSON.stringify(parsed)} is left to client-node`, () => {
    assert.equal(plainConfig(parsed, { path: PATH, context: undefined }), undefined);
  });
}
