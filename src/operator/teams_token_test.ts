import assert from "node:assert/strict";
import { known, type Observation, unknown } from "../ports/observation.ts";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import type { KubeReader } from "../ports/ports.ts";
import { config as configOf } from "../testing/config_fixture.ts";
import { teamsApi } from "./teams_token.ts";

const { signal } = new AbortController();
const NAME = { namespace: "ops", name: "oauth" };
const SETTINGS = configOf({
  enableTeamsApi: true,
  // Nobody listens there: the token is asked for first.
  teamsApiUrl: "http://127.0.0.1:1",
  oauthTokenSecretName: NAME,
});

function apiOver(read: Observation<KubeObject | undefined>, config = SETTINGS) {
  const asked: string[] = [];
  const inputs: KubeReader = {
    read(ref) {
      asked.push(`${ref.kind} ${ref.namespace}/${ref.name}`);
      return Promise.resolve(read);
    },
    listOfCluster: () => Promise.reject(new Error("not used")),
  };
  return { asked, api: teamsApi(config, { inputs }) };
}

function secret(data: Record<string, string>): Observation<KubeObject> {
  const encoded = Object.entries(data).map(([key, value]) => [key, btoa(value)]);
  return known({
    apiVersion: "v1",
    kind: "Secret",
    metadata: NAME,
    data: Object.fromEntries(encoded),
  });
}

Deno.test("without the Teams API there is nobody to ask", () => {
  const { api, asked } = apiOver(known(undefined), configOf({ enableTeamsApi: false }));
  assert.deepEqual([api, asked], [undefined, []]);
});

const BROKEN: readonly [string, Observation<KubeObject | undefined>, RegExp][] = [
  ["missing", known(undefined), /Secret ops\/oauth \(oauth_token_secret_name\) is missing/],
  ["unread", unknown("Secret ops/oauth: no answer"), /^Error: Secret ops\/oauth: no answer$/],
  [
    "of another type",
    secret({ "read-only-token-type": "Basic", "read-only-token-secret": "s3cret" }),
    /read-only-token-type must be Bearer/,
  ],
  [
    "without a token",
    secret({ "read-only-token-type": "Bearer" }),
    /no key read-only-token-secret/,
  ],
];

for (const [name, read, want] of BROKEN) {
  Deno.test(`a token's Secret that is ${name} fails the call, and shows nothing of it`, async () => {
    const { api, asked } = apiOver(read);
    await assert.rejects(
      async () => await api?.members("acid", signal),
      (error: Error) => want.test(String(error)) && !error.message.includes("s3cret"),
    );
    assert.deepEqual(asked, ["Secret ops/oauth"]);
  });
}

Deno.test("without a name of the Secret the call says which parameter is missing", async () => {
  const { oauthTokenSecretName: _, ...rest } = SETTINGS;
  const { api } = apiOver(known(undefined), rest as typeof SETTINGS);
  await assert.rejects(
    async () => await api?.members("acid", signal),
    /oauth_token_secret_name is not set/,
  );
});
