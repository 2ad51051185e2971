import assert from "node:assert/strict";
import { connectKube } from "./credentials.ts";
import { CredentialsError } from "./credentials_error.ts";

const TESTDATA = new URL("./testdata/", import.meta.url).pathname;

function environment(variables: Record<string, string>): (name: string) => string | undefined {
  return (name) => variables[name];
}

for (
  const [name, options, want] of [
    [
      "a kubeconfig that does not exist",
      { kubeconfig: "/nowhere/config" },
      "cannot read kubeconfig /nowhere/config: there is no such file; " +
      "name one with -kubeconfig or in KUBECONFIG",
    ],
    [
      "a kubeconfig that is a directory",
      { kubeconfig: TESTDATA },
      `cannot read kubeconfig ${TESTDATA}: it is a directory; ` +
      "name one with -kubeconfig or in KUBECONFIG",
    ],
    [
      "the kubeconfig of KUBECONFIG",
      { env: environment({ KUBECONFIG: "/nowhere/else" }) },
      "cannot read kubeconfig /nowhere/else: there is no such file; " +
      "name one with -kubeconfig or in KUBECONFIG",
    ],
    [
      "the kubeconfig of the home directory",
      { env: environment({ HOME: "/nowhere" }) },
      "cannot read kubeconfig /nowhere/.kube/config: there is no such file; " +
      "name one with -kubeconfig or in KUBECONFIG",
    ],
    [
      "a kubeconfig in a pod only if it is named",
      { from: "service-account", env: environment({}) },
      "cannot find the API server: KUBERNETES_SERVICE_HOST is not set, so this is not a pod; " +
      "name a kubeconfig with -kubeconfig",
    ],
  ] as const
) {
  Deno.test(`the message names ${name}`, async () => {
    await assert.rejects(
      connectKube(options),
      (error) => error instanceof CredentialsError && error.message === want,
    );
  });
}

Deno.test("a pod without a mounted token is told to mount the service account", async () => {
  await assert.rejects(
    connectKube({ env: environment({ KUBERNETES_SERVICE_HOST: "10.0.0.1" }) }),
    (error) =>
      error instanceof CredentialsError &&
      /^cannot read \/var\/run\/secrets\/kubernetes\.io\/serviceaccount\/ca\.crt: .*automountServiceAccountToken/
        .test(error.message),
  );
});

for (
  const [file, want] of [
    ["no_current_context", /no_current_context\.yaml has no current-context \(it has: dev, prod\)/],
    ["unknown_context", /has no context "other", which is its current-context \(it has: dev\)/],
    [
      "no_server",
      /context "dev" of kubeconfig .*no_server\.yaml has no cluster with a valid server/,
    ],
  ] as const
) {
  Deno.test(`a kubeconfig with ${file.replaceAll("_", " ")} is refused by name`, async () => {
    await assert.rejects(
      connectKube({ kubeconfig: `${TESTDATA}${file}.yaml` }),
      (error) => error instanceof CredentialsError && want.test(error.message),
    );
  });
}
