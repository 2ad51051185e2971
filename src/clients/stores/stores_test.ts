/** Listings of three providers, in pages, and what they are asked with. */

import assert from "node:assert/strict";
import { createAzure } from "./azure.ts";
import { googleToken } from "./google_token.ts";
import { Sensitive } from "../../lib/sensitive.ts";
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

const KEYS = { accessKeyId: "AKIA", secretAccessKey: new Sensitive("secret") };

function s3(send: typeof fetch, given = {}): ObjectStore {
  const keys = () => Promise.resolve(KEYS);
  return createS3(
    { bucket: "wal", region: "eu-central-1", endpoint: "", keys, ...given },
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

Deno.test("Google's token is asked for again before it ends, and its absence is told", async () => {
  const { asked, send } = scripted(
    '{"access_token":"one","expires_in":3600}',
    '{"access_token":"two","expires_in":3600}',
    new Response("no", { status: 404 }),
  );
  let now = 0;
  const token = googleToken({ send, now: () => now });
  assert.deepEqual([await token(), await token()], ["one", "one"]);
  now = 3_400_000;
  assert.equal(await token(), "two");
  assert.equal(asked[0]!.headers.get("metadata-flavor"), "Google");
  now = 7_200_000;
  await assert.rejects(token(), /metadata server/);
});
