/** Tests of reading a kubeconfig. */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { parseKubeconfig } from "./kubeconfig.ts";

function kubeconfig(cluster: Record<string, string>, user: Record<string, string>): string {
  return stringify({
    "current-context": "x",
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "other", cluster: {} }, { name: "c", cluster }],
    users: [{ name: "u", user }],
  });
}

function noFile(path: string): string {
  throw new Error(`unexpected read of ${path}`);
}

Deno.test("parseKubeconfig reads server and token of the current context", () => {
  const text = kubeconfig({ server: "https://127.0.0.1:6443" }, { token: "t" });
  assert.deepEqual(parseKubeconfig(text, noFile), { server: "https://127.0.0.1:6443", token: "t" });
});

Deno.test("parseKubeconfig takes certificates from data, else from files", () => {
  const text = kubeconfig(
    { server: "https://a", "certificate-authority-data": btoa("CA") },
    { "client-certificate": "me.crt", "client-key": "me.key" },
  );
  assert.deepEqual(parseKubeconfig(text, (path) => `content of ${path}`), {
    server: "https://a",
    caCert: "CA",
    certificate: { cert: "content of me.crt", key: "content of me.key" },
  });
});

Deno.test("parseKubeconfig says what is missing", () => {
  assert.throws(() => parseKubeconfig("contexts: []", noFile), {
    message: "cannot read kubeconfig: no context is chosen",
  });
  assert.throws(() => parseKubeconfig(kubeconfig({}, {}), noFile), {
    message: "cannot read kubeconfig: cluster c has no server",
  });
});
