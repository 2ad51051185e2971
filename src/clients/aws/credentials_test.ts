/** Where keys for AWS come from, how long they are kept, and what is said when there are none. */

import assert from "node:assert/strict";
import { createAwsStandIn } from "../../testing/aws_stand_in.ts";
import { createKeySource } from "./credentials.ts";
import { awsEnvironment, serviceUrl } from "./environment.ts";

const { signal } = new AbortController();
const START = Date.parse("2026-01-05T12:00:00Z");
const ROLE = {
  AWS_ROLE_ARN: "arn:aws:iam::1:role/operator",
  AWS_WEB_IDENTITY_TOKEN_FILE: "/token",
};
const LENT = JSON.stringify({
  AccessKeyId: "AKLENT",
  SecretAccessKey: "lent-secret",
  Token: "lent-token",
  Expiration: "2026-01-05T13:00:00Z",
});

interface Given {
  readonly files?: Readonly<Record<string, string>>;
  /** By `METHOD url`, and the header that has to be there. */
  readonly answers?: Readonly<Record<string, readonly [header: string, text: string]>>;
}

function source(env: Readonly<Record<string, string>>, { files = {}, answers = {} }: Given = {}) {
  const asked: string[] = [];
  const clock = { ms: START };
  const standIn = createAwsStandIn();
  standIn.keys = { accessKeyId: "AKROLE", secretAccessKey: "s", sessionToken: "role-token" };
  const keys = createKeySource({
    environment: awsEnvironment((name) => env[name]),
    region: "eu-central-1",
    readFile: (path) =>
      files[path] === undefined ? Promise.reject(new Error("gone")) : Promise.resolve(files[path]),
    now: () => clock.ms,
    send: (url, init) => {
      asked.push(`${init.method} ${url}`);
      if (new URL(url).host.startsWith("sts.")) return standIn.handle(new Request(url, init));
      const [header, text] = answers[`${init.method} ${url}`] ?? ["", undefined];
      const sent = [...new Headers(init.headers)].map((pair) => pair.join(": "));
      if (text === undefined) return Promise.resolve(new Response("", { status: 404 }));
      if (header !== "" && !sent.includes(header)) {
        return Promise.resolve(new Response("", { status: 401 }));
      }
      return Promise.resolve(new Response(text));
    },
  });
  return { asked, clock, keys: async () => await keys(signal) };
}

async function shown({ keys }: ReturnType<typeof source>): Promise<string[]> {
  const { accessKeyId, secretAccessKey, sessionToken } = await keys();
  return [accessKeyId, secretAccessKey.reveal(), sessionToken?.reveal() ?? ""];
}

Deno.test("keys of the environment are taken before anybody is asked", async () => {
  const own = { AWS_ACCESS_KEY_ID: "AKOWN", AWS_SECRET_ACCESS_KEY: "s", ...ROLE };
  const given = source(own);
  assert.deepEqual(await shown(given), ["AKOWN", "s", ""]);
  assert.deepEqual(await shown(source({ ...own, AWS_SESSION_TOKEN: "t" })), ["AKOWN", "s", "t"]);
  assert.deepEqual(given.asked, []);
});

Deno.test("the service account's token is exchanged for keys of its role, in time before they end", async () => {
  const given = source(ROLE, { files: { "/token": "web-token\n" } });
  assert.deepEqual(await shown(given), ["AKROLE", "s", "role-token"]);
  await given.keys();
  assert.deepEqual(given.asked, ["POST https://sts.eu-central-1.amazonaws.com/"]);
  given.clock.ms = START + 56 * 60_000;
  await given.keys();
  assert.equal(given.asked.length, 2);
});

Deno.test("a token that STS does not take names the role, and never the token", async () => {
  const given = source(ROLE, { files: { "/token": "marker-of-the-token" } });
  await assert.rejects(given.keys(), (error) => {
    assert.match(String(error), /STS refuses role arn:aws:iam::1:role\/operator \(AWS_ROLE_ARN\)/);
    assert.ok(!String(error).includes("marker"));
    return true;
  });
});

Deno.test("a token file that is not there is named with its variable", async () => {
  await assert.rejects(source(ROLE).keys(), /cannot read \/token \(AWS_WEB_IDENTITY_TOKEN_FILE\)/);
});

const AGENT = "http://169.254.170.23/v1/credentials";

Deno.test("the pod identity agent lends keys for the token of its file", async () => {
  const given = source({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: AGENT,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/agent",
  }, {
    files: { "/agent": "agent-token" },
    answers: { [`GET ${AGENT}`]: ["authorization: agent-token", LENT] },
  });
  assert.deepEqual(await shown(given), ["AKLENT", "lent-secret", "lent-token"]);
});

const METADATA = "http://169.254.169.254/latest";
const PROFILES = `${METADATA}/meta-data/iam/security-credentials/`;
const TOKEN = "x-aws-ec2-metadata-token: imds";
const INSTANCE = {
  [`PUT ${METADATA}/api/token`]: ["x-aws-ec2-metadata-token-ttl-seconds: 300", "imds"],
  [`GET ${PROFILES}`]: [TOKEN, "node-role"],
  [`GET ${PROFILES}node-role`]: [TOKEN, LENT],
} as const;

Deno.test("the instance's metadata lends keys by its second version, with a token", async () => {
  const given = source({}, { answers: INSTANCE });
  assert.deepEqual(await shown(given), ["AKLENT", "lent-secret", "lent-token"]);
  assert.deepEqual(given.asked, Object.keys(INSTANCE));
});

const LAST = `GET ${PROFILES}node-role`;
const UNUSABLE: readonly [string, string, RegExp][] = [
  ["no JSON", "marker", /the answer of the instance's metadata is not as expected/],
  ["no key", JSON.stringify({ SecretAccessKey: "marker" }), /it has no AccessKeyId/],
  [
    "no end",
    JSON.stringify({ ...JSON.parse(LENT), SecretAccessKey: "marker", Expiration: "soon" }),
    /has no time of expiration/,
  ],
];

for (const [what, text, words] of UNUSABLE) {
  Deno.test(`an answer with ${what} is told without its content`, async () => {
    const given = source({}, { answers: { ...INSTANCE, [LAST]: [TOKEN, text] } });
    await assert.rejects(given.keys(), (error) => {
      assert.match(String(error), words);
      return !String(error).includes("marker");
    });
  });
}

Deno.test("an instance without a role has no keys", async () => {
  await assert.rejects(source({}).keys(), /from the instance's metadata: it answers 404/);
});

Deno.test("a region of China has a domain of its own", () => {
  assert.equal(serviceUrl("ec2", "cn-north-1"), "https://ec2.cn-north-1.amazonaws.com.cn/");
  assert.equal(serviceUrl("sts", "eu-west-1"), "https://sts.eu-west-1.amazonaws.com/");
});
