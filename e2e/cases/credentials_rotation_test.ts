/** Tokens and CAs that are exchanged while the operator runs count without a restart. */
import assert from "node:assert/strict";
import type { KubeConnection } from "../../src/clients/kube/connection/connection.ts";
import { loadKubeconfig } from "../../src/clients/kube/connection/kubeconfig.ts";
import { loadServiceAccount } from "../../src/clients/kube/connection/service_account.ts";
import { makeServerCertificate, type ServerCertificate } from "../devcluster/pki.ts";

/** An API server that says by which token it was asked. */
function serve({ certPem: cert, keyPem: key }: ServerCertificate, port = 0) {
  return Deno.serve(
    { hostname: "127.0.0.1", port, cert, key, onListen() {} },
    (request) => new Response(request.headers.get("authorization")),
  );
}

async function ask(connection: KubeConnection): Promise<string> {
  const headers = await connection.headers(AbortSignal.timeout(5000));
  const answer = await fetch(`${connection.baseUrl}/version`, {
    headers,
    client: connection.httpClient,
  });
  return await answer.text();
}

interface Files {
  readonly directory: string;
  readonly port: number;
}

const WAYS: Readonly<Record<string, (files: Files) => Promise<KubeConnection>>> = {
  "a service account": ({ directory, port }) =>
    loadServiceAccount(
      (name) =>
        ({ KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: `${port}` })[name],
      directory,
    ),
  "a kubeconfig": async ({ directory, port }) => {
    const cluster = { server: `https://127.0.0.1:${port}`, "certificate-authority": "ca.crt" };
    const file = `${directory}/kubeconfig`;
    await Deno.writeTextFile(
      file,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "c", cluster }],
        users: [{ name: "u", user: { tokenFile: "token" } }],
        contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
        "current-context": "x",
      }),
    );
    return await loadKubeconfig(file);
  },
};

for (const [way, connect] of Object.entries(WAYS)) {
  Deno.test(`an exchanged token and CA of ${way} count at the next look`, async () => {
    const directory = await Deno.makeTempDir();
    const write = async (token: string, { caPem }: ServerCertificate) => {
      await Deno.writeTextFile(`${directory}/token`, token);
      await Deno.writeTextFile(`${directory}/ca.crt`, caPem);
    };
    const first = await makeServerCertificate(["127.0.0.1"], []);
    const second = await makeServerCertificate(["127.0.0.1"], []);
    await Deno.writeTextFile(`${directory}/namespace`, "default");
    await write("one", first);
    let server = serve(first);
    const { port } = server.addr;
    const connection = await connect({ directory, port });
    try {
      assert.equal(await ask(connection), "Bearer one");
      await server.shutdown();
      server = serve(second, port);
      connection.forgetToken();
      await assert.rejects(ask(connection), "the former CA does not know this server");
      await write("two", second);
      connection.forgetToken();
      assert.equal(await ask(connection), "Bearer two");
    } finally {
      connection.close();
      await server.shutdown();
      await Deno.remove(directory, { recursive: true });
    }
  });
}
