/**
 * Ways to sign in × verbs × rights, before the dev cluster's API server, or with KUBECONFIG set before
 * a real one.
 */

import assert from "node:assert/strict";
import { manifest, PROXY, startUiWorld, type UiWorld } from "./ui_server.ts";

const SIGNAL = AbortSignal.timeout(120_000);

const WRITES = { READ_ONLY_MODE: "false" };
const TEAMS = {
  ...WRITES,
  OPERATOR_UI_SIGN_IN: "teams",
  OPERATOR_UI_PROXY_ADDRESSES: "10.1.0.0/16",
  OPERATOR_UI_PROXY_SECRET: "from-the-proxy",
  TEAMS: '["Acid"]',
};
const FROM_PROXY = { "X-Uid": "jdoe", "X-Proxy-Secret": "from-the-proxy" };

/** What Kubernetes would take for the word of the UI, were it passed on. */
const OWN_HEADERS = {
  "Impersonate-User": "editor",
  "Impersonate-Group": "system:masters",
  "Impersonate-Extra-scopes": "all",
};

/** Each way to sign in, and what each kind of user gets for reading, writing and deleting. */
const RIGHTS: readonly {
  readonly who: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly token?: string;
  /** One of the world's users, by their token. */
  readonly user?: keyof UiWorld["tokens"];
  readonly headers?: Readonly<Record<string, string>>;
  readonly peer?: string;
  readonly read: number;
  readonly write: number;
}[] = [
  { who: "nobody without a token", variables: WRITES, read: 401, write: 401 },
  { who: "a token that is none", variables: WRITES, token: "wrong", read: 401, write: 401 },
  { who: "a user without rights", variables: WRITES, user: "nobody", read: 403, write: 403 },
  { who: "a viewer", variables: WRITES, user: "viewer", read: 200, write: 403 },
  { who: "an editor", variables: WRITES, user: "editor", read: 200, write: 200 },
  {
    who: "a viewer who sends Kubernetes' own headers",
    variables: WRITES,
    user: "viewer",
    headers: OWN_HEADERS,
    read: 200,
    write: 403,
  },
  {
    who: "an impersonated viewer who sends Kubernetes' own headers",
    variables: { ...TEAMS, OPERATOR_UI_SIGN_IN: "proxy" },
    headers: { ...OWN_HEADERS, ...FROM_PROXY, "X-Forwarded-User": "viewer" },
    peer: PROXY,
    read: 200,
    write: 403,
  },
  {
    who: "a viewer whose groups hold that of administrators among others",
    variables: { ...TEAMS, OPERATOR_UI_SIGN_IN: "proxy" },
    headers: {
      ...FROM_PROXY,
      "X-Forwarded-User": "viewer",
      "X-Forwarded-Groups": "a, system:masters ,SYSTEM:masters",
    },
    peer: PROXY,
    read: 200,
    write: 403,
  },
  {
    who: "a token beside the word of a proxy that is none",
    variables: { ...TEAMS, OPERATOR_UI_SIGN_IN: "proxy" },
    user: "editor",
    headers: { "X-Forwarded-User": "editor" },
    read: 401,
    write: 401,
  },
  {
    who: "an editor of a read-only UI",
    variables: {},
    user: "editor",
    read: 200,
    write: 403,
  },
  {
    who: "a member of the team",
    variables: TEAMS,
    headers: FROM_PROXY,
    peer: PROXY,
    read: 200,
    write: 200,
  },
  {
    who: "a member of another team",
    variables: { ...TEAMS, TEAMS: '["other"]' },
    headers: FROM_PROXY,
    peer: PROXY,
    read: 200,
    write: 403,
  },
  {
    who: "a superuser of another team",
    variables: { ...TEAMS, TEAMS: '["other","root"]', SUPERUSER_TEAM: "root" },
    headers: FROM_PROXY,
    peer: PROXY,
    read: 200,
    write: 200,
  },
  {
    who: "the header from elsewhere",
    variables: TEAMS,
    headers: FROM_PROXY,
    read: 401,
    write: 401,
  },
  {
    who: "the header without the secret",
    variables: TEAMS,
    headers: { "X-Uid": "jdoe" },
    peer: PROXY,
    read: 401,
    write: 401,
  },
  {
    who: "an impersonated editor",
    variables: { ...TEAMS, OPERATOR_UI_SIGN_IN: "proxy" },
    headers: { ...FROM_PROXY, "X-Forwarded-User": "editor" },
    peer: PROXY,
    read: 200,
    write: 200,
  },
  {
    who: "an impersonated viewer",
    variables: { ...TEAMS, OPERATOR_UI_SIGN_IN: "proxy" },
    headers: { ...FROM_PROXY, "X-Forwarded-User": "viewer" },
    peer: PROXY,
    read: 200,
    write: 403,
  },
  {
    who: "an impersonated administrator",
    variables: { ...TEAMS, OPERATOR_UI_SIGN_IN: "proxy" },
    headers: { ...FROM_PROXY, "X-Forwarded-User": "system:admin" },
    peer: PROXY,
    read: 401,
    write: 401,
  },
  {
    who: "a nobody who claims the group of administrators",
    variables: { ...TEAMS, OPERATOR_UI_SIGN_IN: "proxy" },
    headers: {
      ...FROM_PROXY,
      "X-Forwarded-User": "nobody",
      "X-Forwarded-Groups": "system:masters",
    },
    peer: PROXY,
    read: 403,
    write: 403,
  },
];

Deno.test("every way to sign in gives the rights of the user and no others", async () => {
  const world = await startUiWorld();
  try {
    await world.admin.create(manifest("acid-orders", world.shop), { signal: SIGNAL });
    for (const row of RIGHTS) await tried(world, row);
  } finally {
    await world.stop();
  }
});

/** Reads, changes, makes and deletes as somebody of a row. */
async function tried(world: UiWorld, row: typeof RIGHTS[number]): Promise<void> {
  const { who, variables, read, write, user, ...rest } = row;
  const given = { ...rest, ...(user === undefined ? {} : { token: world.tokens[user] }) };
  const { shop } = world;
  const { ask } = world.ui({ ...variables, TARGET_NAMESPACE: shop });
  const path = `/postgresqls/${shop}/acid-orders`;
  assert.equal((await ask(path, given)).status, read, `${who} reads`);
  assert.equal((await ask("/postgresqls", given)).status, read, `${who} lists`);
  const kind = { apiVersion: "acid.zalan.do/v1", kind: "postgresql" };
  const ref = { ...kind, namespace: shop, name: "acid-orders" };
  const fresh = await world.admin.get(ref, { signal: SIGNAL });
  const { resourceVersion } = fresh!.metadata;
  const patch = { metadata: { resourceVersion }, spec: { numberOfInstances: 3 } };
  const change = await ask(path, { ...given, method: "PATCH", body: patch });
  assert.equal(change.status, write, `${who} changes: ${JSON.stringify(change.body)}`);
  const made = manifest(`acid-new-${RIGHTS.indexOf(row)}`, shop);
  const create = await ask("/create-cluster", { ...given, method: "POST", body: made });
  assert.equal(create.status, write, `${who} creates: ${JSON.stringify(create.body)}`);
  const gone = await ask(`/postgresqls/${shop}/${made.metadata.name}`, {
    ...given,
    method: "DELETE",
  });
  const missing = write === 200 ? 200 : read === 200 ? 404 : read;
  assert.equal(gone.status, missing, `${who} deletes: ${JSON.stringify(gone.body)}`);
}
