import assert from "node:assert/strict";
import type { TlsDescription } from "../../../api/types.gen.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { resolveTls } from "./tls.ts";

const CERTIFICATE = { secretName: "cert", mountPath: "/tls" };

const ROWS: readonly {
  given: TlsDescription;
  files: [string, string, string | undefined];
  mounts: unknown;
}[] = [
  {
    given: { secretName: "cert" },
    files: ["/tls/tls.crt", "/tls/tls.key", undefined],
    mounts: [CERTIFICATE],
  },
  {
    given: { secretName: "cert", caFile: "ca.crt" },
    files: ["/tls/tls.crt", "/tls/tls.key", "/tls/ca.crt"],
    mounts: [CERTIFICATE],
  },
  {
    given: { secretName: "cert", certificateFile: "a.pem", privateKeyFile: "/keys/b.pem" },
    files: ["/tls/a.pem", "/keys/b.pem", undefined],
    mounts: [CERTIFICATE],
  },
  {
    given: { secretName: "cert", caFile: "sub/../ca.crt", caSecretName: "authority" },
    files: ["/tls/tls.crt", "/tls/tls.key", "/tlsca/ca.crt"],
    mounts: [CERTIFICATE, { secretName: "authority", mountPath: "/tlsca" }],
  },
  {
    given: { secretName: "cert", caSecretName: "authority" },
    files: ["/tls/tls.crt", "/tls/tls.key", undefined],
    mounts: [CERTIFICATE],
  },
];

Deno.test("resolveTls mounts the Secrets and names the files in them", () => {
  for (const { given, files, mounts } of ROWS) {
    const tls = resolveTls(cluster({ spec: { tls: given } }).spec)!;
    assert.deepEqual([tls.certificateFile, tls.privateKeyFile, tls.caFile], files);
    assert.deepEqual(tls.mounts, mounts);
  }
});

Deno.test("resolveTls leaves the certificate to Spilo where no Secret is named", () => {
  assert.equal(resolveTls(cluster().spec), undefined);
  assert.equal(resolveTls(cluster({ spec: { tls: { secretName: "" } } }).spec), undefined);
});
