/** Certificates that servers show to clients. */
import type { Pod } from "../../src/kubernetes/types.gen.ts";
import type { Life } from "./life.ts";

const SECRET = "pg-tls";

/** Makes a Secret with a certificate for a host; gives what a manifest says of it in `tls`. */
export async function certificateSecret(life: Life, host: string): Promise<{ secretName: string }> {
  const { certificate, key } = await selfSigned(host);
  await life.cluster.create({
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: { name: SECRET, namespace: life.namespace },
    data: { "tls.crt": btoa(certificate), "tls.key": btoa(key) },
  });
  return { secretName: SECRET };
}

async function selfSigned(host: string): Promise<{ certificate: string; key: string }> {
  const directory = await Deno.makeTempDir();
  try {
    const [certificate, key] = [`${directory}/tls.crt`, `${directory}/tls.key`];
    await new Deno.Command("openssl", {
      args: [
        ...["req", "-new", "-x509", "-nodes", "-newkey", "ec", "-days", "2"],
        ...["-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", `/CN=${host}`],
        ...["-keyout", key, "-out", certificate],
      ],
      stderr: "null",
    }).output();
    return { certificate: await Deno.readTextFile(certificate), key: await Deno.readTextFile(key) };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Subject and chain of the certificate that the server in a pod shows, in words of openssl. */
export async function shownSubject(pod: Pod): Promise<string> {
  const { stdout } = await new Deno.Command("openssl", {
    args: ["s_client", "-starttls", "postgres", "-connect", `${pod.status?.podIP}:5432`],
    stdin: "null",
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}
