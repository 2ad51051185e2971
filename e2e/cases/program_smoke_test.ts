/**
 * The shipped program with the permissions it is shipped with, against the same cluster by every
 * kind of kubeconfig. OPERATOR_BINARY names a compiled operator; without it the bundle that the
 * binary is made of runs with the same permissions.
 */
import assert from "node:assert/strict";
import { makeServerCertificate } from "../devcluster/pki.ts";
import { connectByToken } from "../support/connection.ts";
import { startForwarder } from "../support/forwarder.ts";
import { startOperatorProcess } from "../support/operator_process.ts";
import { permissionsOf } from "../support/permissions.ts";
import { OPERATOR_NAMESPACE, startTestCluster, type TestCluster } from "../support/test_cluster.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const MANIFEST = `${ROOT}manifests/minimal-postgres-manifest.yaml`;

type Fields = Readonly<Record<string, unknown>>;

interface Kind {
  readonly name: string;
  readonly cluster: Fields;
  readonly user: Fields;
}

/** What all kinds are made of. */
interface Ground {
  readonly url: string;
  readonly ca: string;
  readonly caFile: string;
  readonly token: string;
  readonly tokenFile: string;
  readonly pluginFile: string;
  readonly plainUrl: string;
  readonly certifiedUrl: string;
  readonly certificate: Fields;
}

/** Every kind of kubeconfig. */
function kinds(ground: Ground): Kind[] {
  const { url, ca, token } = ground;
  const trusted = { server: url, "certificate-authority-data": ca };
  const blind = { "insecure-skip-tls-verify": true };
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    interactiveMode: "Never",
    command: "/bin/sh",
    args: [ground.pluginFile],
  };
  const named = { ...trusted, "tls-server-name": "kubernetes.default.svc" };
  return [
    { name: "a token and the CA's data", cluster: trusted, user: { token } },
    {
      name: "a file with the CA",
      cluster: { server: url, "certificate-authority": ground.caFile },
      user: { token },
    },
    { name: "insecure-skip-tls-verify", cluster: { server: url, ...blind }, user: { token } },
    { name: "tls-server-name", cluster: named, user: { token } },
    { name: "a tokenFile", cluster: trusted, user: { tokenFile: ground.tokenFile } },
    { name: "a plugin", cluster: trusted, user: { exec } },
    { name: "plain HTTP", cluster: { server: ground.plainUrl }, user: {} },
    {
      name: "a client certificate",
      cluster: { server: ground.certifiedUrl, "certificate-authority-data": ground.ca },
      user: ground.certificate,
    },
    {
      name: "a client certificate and insecure-skip-tls-verify",
      cluster: { server: ground.certifiedUrl, ...blind },
      user: ground.certificate,
    },
  ];
}

function kubeconfigOf({ cluster, user }: Kind): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });
}

async function run(args: readonly string[]): Promise<{ code: number; text: string }> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await command.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, text: decode(stdout) + decode(stderr) };
}

/** The command that starts the shipped program. */
async function shippedProgram(directory: string): Promise<string[]> {
  const binary = Deno.env.get("OPERATOR_BINARY");
  if (binary) return [Deno.realPathSync(binary)];
  const folder = `${directory}/program`;
  const made = await run(["run", "-A", "codegen/bundle.ts", folder]);
  assert.equal(made.code, 0, made.text);
  return [Deno.execPath(), "run", "--no-prompt", ...permissionsOf("compile"), `${folder}/main.js`];
}

async function groundOf(
  cluster: TestCluster,
  undo: (() => Promise<unknown> | void)[],
): Promise<Ground> {
  const { directory, operatorToken: token, dev } = cluster;
  assert(dev, "the kinds of kubeconfig are tried on the dev cluster");
  const { url, caPem } = dev;
  const upstream = connectByToken({ url, token, caPem });
  undo.push(() => upstream.close());
  const certificate = await makeServerCertificate(["127.0.0.1"], ["localhost"]);
  const plain = await startForwarder({ upstream });
  const certified = await startForwarder({ upstream, certificate });
  undo.push(() => plain.stop(), () => certified.stop());
  const write = async (name: string, text: string) => {
    await Deno.writeTextFile(`${directory}/${name}`, text);
    return `${directory}/${name}`;
  };
  const credential = JSON.stringify({
    apiVersion: "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    status: { token },
  });
  return {
    url,
    token,
    ca: btoa(caPem + certificate.caPem),
    caFile: await write("ca.crt", caPem),
    tokenFile: await write("token", `${token}\n`),
    pluginFile: await write("plugin.sh", `echo '${credential}'\n`),
    plainUrl: plain.url,
    certifiedUrl: certified.url,
    certificate: {
      "client-certificate-data": btoa(certificate.certPem),
      "client-key-data": btoa(certificate.keyPem),
    },
  };
}

async function operates(cluster: TestCluster, program: string[], kubeconfig: string) {
  const { configMap } = await cluster.configure();
  const operator = startOperatorProcess({
    kubeconfig,
    program,
    flags: ["--nodatabaseaccess"],
    env: { OPERATOR_NAMESPACE, CONFIG_MAP_NAME: configMap, WATCHED_NAMESPACE: "*" },
  });
  try {
    await operator.untilLogged(/looking after/);
    assert.deepEqual(await operator.stop(), { code: 0, signal: null });
    assert.doesNotMatch(operator.log().join("\n"), /NotCapable|Requires .* access/);
  } finally {
    operator.kill();
  }
}

async function plans(kubeconfig: string): Promise<void> {
  const program = ["run", "--no-prompt", ...permissionsOf("plan"), "src/main.ts", "plan"];
  const { code, text } = await run([...program, "-f", MANIFEST, "--against", kubeconfig]);
  assert.doesNotMatch(text, /Requires .* access/);
  // Nothing of the cluster is there yet, so there are changes, none of which hurts.
  assert.ok(code === 0 || code === 2, `exit code ${code}: ${text}`);
}

Deno.test("the shipped program reaches a cluster by every kind of kubeconfig", async (t) => {
  const cluster = await startTestCluster();
  const undo: (() => Promise<unknown> | void)[] = [() => cluster.stop()];
  try {
    const ground = await groundOf(cluster, undo);
    const program = await shippedProgram(cluster.directory);
    for (const [index, kind] of kinds(ground).entries()) {
      const kubeconfig = `${cluster.directory}/kind-${index}.kubeconfig`;
      await Deno.writeTextFile(kubeconfig, kubeconfigOf(kind));
      await t.step(`the operator by ${kind.name}`, () => operates(cluster, program, kubeconfig));
      await t.step(`the plan by ${kind.name}`, () => plans(kubeconfig));
    }
  } finally {
    for (const step of undo.reverse()) await step();
  }
});
