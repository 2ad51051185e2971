/** Listings of three providers, in pages, and what they are asked with. */

import assert from "node:assert/strict";
import { createAzure } from "./azure.ts";
import { awsCredentials, type CredentialSources, googleToken } from "./credentials.ts";
import { createGcs } from "./gcs.ts";
import type { ObjectStore } from "./object_store.ts";
import { createS3 } from "./s3.ts";

/** A server that answers in turn and notes what it was asked. */
function scripted(...answers: readonly (string | Response)[]) {
  const asked: Request[] = [];
  const send = ((input: string | Request, init?: RequestInit) => {
    asked.push(new Request(input, init));
    const answer = answers[asked.length - 1] ?? "";
    return Promise.resolve(typeof answer === "string" ? new Response(answer) : answer);
  }) as typeof fetch;
  return { asked, send };
}

const KEYS = { accessKeyId: "AKIA", secretAccessKey: "secret" };

function s3(send: typeof fetch, given = {}): ObjectStore {
  const credentials = () => Promise.resolve(KEYS);
  return createS3(
    { bucket: "wal", region: "eu-central-1", endpoint: "", credentials, ...given },
    send,
  );
}

const S3_PAGES = [
  "<ListBucketResult><Prefix>spilo/</Prefix><CommonPrefixes><Prefix>spilo/acid-a/</Prefix>" +
  "</CommonPrefixes><CommonPrefixes><Prefix>spilo/b&amp;c/</Prefix></CommonPrefixes>" +
  "<NextContinuationToken>more==</NextContinuationToken></ListBucketResult>",
  "<ListBucketResult><Prefix>spilo/</Prefix><CommonPrefixes><Prefix>spilo/acid-z/</Prefix>" +
  "</CommonPrefixes></ListBucketResult>",
];

Deno.test("S3: folders of all pages, asked with a signature", async () => {
  const { asked, send } = scripted(...S3_PAGES);
  assert.deepEqual(await s3(send).folders("spilo/"), ["acid-a", "b&c", "acid-z"]);
  const url = new URL(asked[1]!.url);
  assert.equal(url.host, "wal.s3.eu-central-1.amazonaws.com");
  assert.equal(url.searchParams.get("continuation-token"), "more==");
  assert.match(asked[0]!.headers.get("authorization") ?? "", /^AWS4-HMAC-SHA256 Credential=AKIA\//);
});

Deno.test("S3: an own server is asked by path", async () => {
  const { asked, send } = scripted(S3_PAGES[1]!);
  await s3(send, { endpoint: "http://minio:9000" }).folders("spilo/");
  assert.match(asked[0]!.url, /^http:\/\/minio:9000\/wal\/\?/);
});

Deno.test("S3: objects with their times, and a refusal by its code", async () => {
  const { send } = scripted(
    "<ListBucketResult><Contents><Key>a/b c.json</Key><LastModified>2026-05-04T10:20:30.000Z" +
      "</LastModified></Contents></ListBucketResult>",
    new Response("<Error><Code>AccessDenied</Code></Error>", { status: 403 }),
  );
  const store = s3(send);
  assert.deepEqual(await store.objects("a/"), [
    { key: "a/b c.json", modified: "2026-05-04T10:20:30.000Z" },
  ]);
  await assert.rejects(store.text("a/b c.json"), /cannot read bucket wal: AccessDenied/);
});

Deno.test("Google: folders and objects of all pages, asked with a token", async () => {
  const { asked, send } = scripted(
    '{"prefixes":["spilo/acid-a/"],"nextPageToken":"2"}',
    '{"prefixes":["spilo/acid-b/"]}',
    '{"items":[{"name":"x_backup_stop_sentinel.json","updated":"2026-05-04T10:20:30Z"}]}',
  );
  const store = createGcs({ bucket: "wal", endpoint: "", token: () => Promise.resolve("t") }, send);
  assert.deepEqual(await store.folders("spilo/"), ["acid-a", "acid-b"]);
  assert.deepEqual(await store.objects("spilo/"), [
    { key: "x_backup_stop_sentinel.json", modified: "2026-05-04T10:20:30Z" },
  ]);
  assert.equal(new URL(asked[1]!.url).searchParams.get("pageToken"), "2");
  assert.equal(asked[0]!.headers.get("authorization"), "Bearer t");
});

Deno.test("Azure: folders and blobs of all pages, asked with a signature", async () => {
  const { asked, send } = scripted(
    "<EnumerationResults><Blobs><BlobPrefix><Name>spilo/acid-a/</Name></BlobPrefix></Blobs>" +
      "<NextMarker>m</NextMarker></EnumerationResults>",
    "<EnumerationResults><Blobs><BlobPrefix><Name>spilo/acid-b/</Name></BlobPrefix></Blobs>" +
      "<NextMarker/></EnumerationResults>",
    "<EnumerationResults><Blobs><Blob><Name>a/x.json</Name><Properties><Last-Modified>Mon, 04 May " +
      "2026 10:20:30 GMT</Last-Modified></Properties></Blob></Blobs></EnumerationResults>",
  );
  const options = { account: "acc", container: "wal", endpoint: "", signature: "?sv=1&sig=s" };
  const store = createAzure(options, send);
  assert.deepEqual(await store.folders("spilo/"), ["acid-a", "acid-b"]);
  assert.deepEqual(await store.objects("a/"), [
    { key: "a/x.json", modified: "2026-05-04T10:20:30.000Z" },
  ]);
  const url = new URL(asked[1]!.url);
  assert.equal(url.host, "acc.blob.core.windows.net");
  assert.deepEqual([url.searchParams.get("sig"), url.searchParams.get("marker")], ["s", "m"]);
});

Deno.test("a role is taken by the pod's identity token, and again before it ends", async () => {
  const sts = (key: string) =>
    `<R><AccessKeyId>${key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>` +
    "<SessionToken>t</SessionToken><Expiration>2026-05-04T11:00:00Z</Expiration></R>";
  const { asked, send } = scripted(sts("one"), sts("two"));
  let now = Date.parse("2026-05-04T10:00:00Z");
  const sources: CredentialSources = {
    variables: { AWS_WEB_IDENTITY_TOKEN_FILE: "/token", AWS_ROLE_ARN: "arn:role" },
    readFile: () => Promise.resolve("jwt\n"),
    send,
    now: () => now,
  };
  const credentials = awsCredentials(sources, "eu-central-1");
  assert.equal((await credentials()).accessKeyId, "one");
  assert.equal((await credentials()).accessKeyId, "one");
  now = Date.parse("2026-05-04T10:56:00Z");
  assert.equal((await credentials()).accessKeyId, "two");
  assert.equal(new URLSearchParams(await asked[0]!.text()).get("WebIdentityToken"), "jwt");
});

Deno.test("keys of the environment come first; without any it is said what to do", async () => {
  const sources = (variables: Record<string, string>): CredentialSources => ({
    variables,
    readFile: () => Promise.reject(new Error("nothing is read")),
    send: () => Promise.reject(new Error("nobody is asked")),
    now: () => 0,
  });
  const keys = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", AWS_SESSION_TOKEN: "c" };
  assert.deepEqual(await awsCredentials(sources(keys), "r")(), {
    accessKeyId: "a",
    secretAccessKey: "b",
    sessionToken: "c",
  });
  await assert.rejects(awsCredentials(sources({}), "r")(), /set AWS_ACCESS_KEY_ID/);
  await assert.rejects(googleToken(sources({}))(), /metadata server/);
});
