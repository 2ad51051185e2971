/** Calls to EC2: what is sent, what is made of the answers, and what a refusal becomes. */

import assert from "node:assert/strict";
import { type FailureKind, failureKind } from "../../ports/errors.ts";
import { type AwsStandIn, createAwsStandIn } from "../../testing/aws_stand_in.ts";
import { AwsError } from "./error.ts";
import { createCloudVolumes } from "./volumes.ts";

const { signal } = new AbortController();
const NOW = Date.parse("2026-01-05T12:00:00Z");

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly standIn?: AwsStandIn;
  readonly send?: (url: string, init: RequestInit) => Promise<Response>;
}

function volumes({ env, standIn = createAwsStandIn(), send }: Given = {}) {
  const { accessKeyId, secretAccessKey } = standIn.keys;
  const own = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const variables: Readonly<Record<string, string>> = env ?? own;
  return createCloudVolumes({
    region: "eu-central-1",
    env: (name) => variables[name],
    readFile: () => Promise.reject(new Error("no such file")),
    now: () => NOW,
    send: send ?? ((url, init) => standIn.handle(new Request(url, init))),
  });
}

/** A recording of what `@aws-sdk/client-ec2` sends; `deno task record:ec2` makes it again. */
const RECORDED: Readonly<
  Record<string, { method: string; url: string; body: string; type: string }>
> = JSON.parse(Deno.readTextFileSync(new URL("testdata/sdk_requests.json", import.meta.url)));

const CALLS: Readonly<
  Record<string, (api: ReturnType<typeof volumes>) => Promise<unknown>>
> = {
  describe: (api) => api.describe(["vol-1", "vol-2"], signal),
  changes: (api) => api.changes(["vol-1", "vol-2"], signal),
  "modify everything": (api) =>
    api.modify({ id: "vol-1", sizeGib: 20, type: "gp3", iops: 3200, throughput: 180 }, signal),
  "modify the size": (api) => api.modify({ id: "vol-1", sizeGib: 20 }, signal),
  "modify the type": (api) => api.modify({ id: "vol-1", type: "io2 (*)" }, signal),
};

for (const [name, call] of Object.entries(CALLS)) {
  Deno.test(`AWS's own client would send the same to ${name}`, async () => {
    const sent: unknown[] = [];
    const send = (url: string, init: RequestInit) => {
      const type = new Headers(init.headers).get("content-type");
      sent.push({ method: init.method, url, body: init.body, type });
      return Promise.reject(new Error("enough"));
    };
    await call(volumes({ send })).catch(() => {});
    assert.deepEqual(sent, [RECORDED[name]]);
  });
}

Deno.test("every call that AWS's client was recorded with is compared", () => {
  assert.deepEqual(Object.keys(CALLS).sort(), Object.keys(RECORDED).sort());
});

Deno.test("signed requests are taken, and answers become volumes and changes", async () => {
  const standIn = createAwsStandIn();
  standIn.volumes.set("vol-1", { size: 10, type: "gp3", iops: 3000, throughput: 125 });
  standIn.volumes.set("vol-2", { size: 8, type: "standard", change: { state: "completed" } });
  const api = volumes({ standIn });
  assert.deepEqual(await api.describe(["vol-1", "vol-2"], signal), [
    { id: "vol-1", sizeGib: 10, type: "gp3", iops: 3000, throughput: 125 },
    { id: "vol-2", sizeGib: 8, type: "standard" },
  ]);
  assert.deepEqual(await api.changes(["vol-1", "vol-2"], signal), [
    { id: "vol-2", state: "completed", message: "" },
  ]);
  await api.modify({ id: "vol-1", sizeGib: 20 }, signal);
  assert.equal(standIn.volumes.get("vol-1")?.size, 20);
});

Deno.test("nothing is asked about no volume", async () => {
  const standIn = createAwsStandIn();
  const api = volumes({ standIn });
  assert.deepEqual([await api.describe([], signal), await api.changes([], signal)], [[], []]);
  assert.deepEqual(standIn.calls, []);
});

Deno.test("another secret key signs what AWS does not take", async () => {
  const standIn = createAwsStandIn();
  const env = { AWS_ACCESS_KEY_ID: standIn.keys.accessKeyId, AWS_SECRET_ACCESS_KEY: "other" };
  await assert.rejects(
    volumes({ standIn, env }).describe(["vol-1"], signal),
    (error) => failureKind(error) === "unauthorized" && !String(error).includes("other"),
  );
});

const REFUSALS: readonly [status: number, code: string, kind: FailureKind][] = [
  [403, "UnauthorizedOperation", "forbidden"],
  [401, "AuthFailure", "unauthorized"],
  [400, "RequestExpired", "unauthorized"],
  [400, "ExpiredToken", "unauthorized"],
  [400, "InvalidVolume.NotFound", "not found"],
  [400, "VolumeModificationRateExceeded", "invalid"],
  [400, "VolumeModificationSizeLimitExceeded", "invalid"],
  [400, "InvalidParameterValue", "invalid"],
  [400, "InvalidParameterCombination", "invalid"],
  [400, "IncorrectModificationState", "conflict"],
  [503, "RequestLimitExceeded", "unavailable"],
  [503, "Unavailable", "unavailable"],
  [500, "InternalError", "unavailable"],
  [400, "SomethingNew", "failed"],
];

for (const [status, code, kind] of REFUSALS) {
  Deno.test(`the refusal ${code} is ${kind}, and names volume and code`, async () => {
    const standIn = createAwsStandIn();
    const message = "Wait at least 6 hours between modifications per EBS volume.";
    standIn.refusals.set("ModifyVolume", { status, code, message });
    await assert.rejects(
      volumes({ standIn }).modify({ id: "vol-1", sizeGib: 9 }, signal),
      (error) => {
        assert.ok(error instanceof AwsError);
        assert.equal(error.kind, kind);
        assert.equal(error.code, code);
        assert.match(
          error.message,
          new RegExp(`cannot modify volume vol-1: AWS refuses: ${code}: Wait`),
        );
        return true;
      },
    );
  });
}

Deno.test("a change that failed at once is a failure with AWS's words", async () => {
  const standIn = createAwsStandIn();
  standIn.volumes.set("vol-1", { size: 10, type: "gp3" });
  standIn.begins = "failed";
  await assert.rejects(
    volumes({ standIn }).modify({ id: "vol-1", sizeGib: 20 }, signal),
    /cannot modify volume vol-1: the modification failed/,
  );
});

const BROKEN: readonly [string, Response | Error, RegExp, FailureKind][] = [
  [
    "no answer",
    new TypeError("connection refused"),
    /eu-central-1.*connection refused/,
    "unavailable",
  ],
  ["no XML", new Response("<html>"), /not as expected/, "failed"],
  ["another document", new Response("<Other/>"), /it has no DescribeVolumesResponse/, "failed"],
  [
    "a proxy's error",
    new Response("Bad Gateway", { status: 502 }),
    /AWS answers 502/,
    "unavailable",
  ],
  [
    "a volume without a size",
    new Response(
      "<DescribeVolumesResponse><volumeSet><item><volumeId>vol-1</volumeId></item></volumeSet>" +
        "</DescribeVolumesResponse>",
    ),
    /it has no size/,
    "failed",
  ],
  ["an endless answer", new Response("x".repeat(5_000_000)), /more than \d+ bytes/, "too large"],
];

for (const [name, answer, words, kind] of BROKEN) {
  Deno.test(`${name} is told, and nothing is taken for known`, async () => {
    const send = () => answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    await assert.rejects(volumes({ send }).describe(["vol-1"], signal), (error) => {
      assert.match(String(error), words);
      return failureKind(error) === kind;
    });
  });
}
