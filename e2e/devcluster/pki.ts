/** Certificates of the dev cluster: one CA and a server certificate, made by the openssl command. */

export interface ServerCertificate {
  caPem: string;
  certPem: string;
  keyPem: string;
}

async function openssl(args: string[], stdin = ""): Promise<void> {
  const child = new Deno.Command("openssl", {
    args,
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { success, stderr } = await child.output();
  if (!success) {
    throw new Error(
      `cannot make a certificate: openssl: ${new TextDecoder().decode(stderr).trim()}`,
    );
  }
}

/** Makes a CA and a certificate for the given IP addresses and names, valid for ten years. */
export async function makeServerCertificate(
  addresses: string[],
  names: string[],
): Promise<ServerCertificate> {
  const directory = await Deno.makeTempDir({ prefix: "devcluster-pki-" });
  const file = (name: string) => `${directory}/${name}`;
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  try {
    await openssl([
      ...["req", "-x509", ...key, "-keyout", file("ca.key"), "-out", file("ca.crt")],
      ...["-days", "3650", "-subj", "/CN=devcluster-ca"],
      ...["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
    ]);
    await openssl([
      ...["req", ...key, "-keyout", file("server.key"), "-out", file("server.csr")],
      ...["-subj", "/CN=kube-apiserver"],
    ]);
    const alternatives = [
      ...addresses.map((address) => `IP:${address}`),
      ...names.map((name) => `DNS:${name}`),
    ];
    await Deno.writeTextFile(
      file("extensions"),
      `subjectAltName=${
        alternatives.join(",")
      }\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n`,
    );
    await openssl([
      ...[
        "x509",
        "-req",
        "-in",
        file("server.csr"),
        "-CA",
        file("ca.crt"),
        "-CAkey",
        file("ca.key"),
      ],
      ...["-CAcreateserial", "-days", "3650", "-extfile", file("extensions")],
      ...["-out", file("server.crt")],
    ]);
    return {
      caPem: await Deno.readTextFile(file("ca.crt")),
      certPem: await Deno.readTextFile(file("server.crt")),
      keyPem: await Deno.readTextFile(file("server.key")),
    };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
