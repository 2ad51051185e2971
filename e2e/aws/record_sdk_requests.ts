/**
 * Writes down what AWS's own client sends for the calls of the operator, which a unit test compares
 * with what the operator sends: `deno task record:ec2`. The client is named at run time alone, so
 * that no other task has to fetch its 46 MB.
 */

const SDK = "npm:@aws-sdk/client-ec2@3.1168.0";
const TARGET = new URL("../../src/clients/aws/testdata/sdk_requests.json", import.meta.url);

interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const sdk = await import(SDK);
const ids = ["vol-1", "vol-2"];
const COMMANDS = {
  describe: new sdk.DescribeVolumesCommand({ VolumeIds: ids }),
  changes: new sdk.DescribeVolumesModificationsCommand({
    Filters: [{ Name: "volume-id", Values: ids }],
  }),
  "modify everything": new sdk.ModifyVolumeCommand({
    VolumeId: "vol-1",
    Size: 20,
    VolumeType: "gp3",
    Iops: 3200,
    Throughput: 180,
  }),
  "modify the size": new sdk.ModifyVolumeCommand({ VolumeId: "vol-1", Size: 20 }),
  "modify the type": new sdk.ModifyVolumeCommand({ VolumeId: "vol-1", VolumeType: "io2 (*)" }),
};

let last: SdkRequest | undefined;
const client = new sdk.EC2Client({
  region: "eu-central-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
  maxAttempts: 1,
  requestHandler: {
    handle(request: SdkRequest) {
      last = request;
      return Promise.reject(new Error("not sent"));
    },
  },
});

const recorded: Record<string, unknown> = {};
for (const [name, command] of Object.entries(COMMANDS)) {
  last = undefined;
  await client.send(command).catch(() => {});
  const { method, protocol, hostname, path, headers, body } = last as unknown as SdkRequest;
  const url = `${protocol}//${hostname}${path}`;
  recorded[name] = { method, url, body, type: headers["content-type"] };
}
await Deno.writeTextFile(TARGET, JSON.stringify(recorded, null, 2) + "\n");
// deno-lint-ignore no-console
console.log(`wrote ${Object.keys(recorded).length} requests`);
