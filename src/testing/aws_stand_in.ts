/**
 * What of AWS the operator talks to, as a function from request to answer: volumes with changes that
 * take time and limits, STS, the instance's metadata. It checks the signature of each request by
 * itself. Layer: for tests only.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */

import { createHash, createHmac } from "node:crypto";

/** A volume of the stand-in. */
export interface StandInVolume {
  size: number;
  type: string;
  iops?: number;
  throughput?: number;
  /** The last change. */
  change?: { state: string; message?: string };
}

export interface AwsStandIn {
  readonly volumes: Map<string, StandInVolume>;
  /** Actions that were asked for, with the fields of each. */
  readonly calls: Readonly<Record<string, string>>[];
  /** The keys that requests have to be signed with. */
  keys: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /** By action: what it answers instead of doing it. */
  readonly refusals: Map<string, { status: number; code: string; message: string }>;
  /** What the state of a change is right after it began: `optimizing` unless told. */
  begins: string;
  handle(request: Request): Promise<Response>;
}

/** Makes a stand-in without volumes. */
export function createAwsStandIn(region = "eu-central-1"): AwsStandIn {
  const standIn: AwsStandIn = {
    volumes: new Map(),
    calls: [],
    keys: { accessKeyId: "AKIDSTANDIN", secretAccessKey: "stand-in-secret" },
    refusals: new Map(),
    begins: "optimizing",
    handle: (request) => answer(standIn, region, request),
  };
  return standIn;
}

async function answer(standIn: AwsStandIn, region: string, request: Request): Promise<Response> {
  const body = await request.text();
  const fields = Object.fromEntries(new URLSearchParams(body));
  const action = fields["Action"] ?? "";
  standIn.calls.push(fields);
  if (action !== "AssumeRoleWithWebIdentity") {
    const fault = signatureFault(standIn, region, request, body);
    if (fault !== undefined) return refusal(403, "SignatureDoesNotMatch", fault);
  }
  const refused = standIn.refusals.get(action);
  if (refused !== undefined) return refusal(refused.status, refused.code, refused.message);
  switch (action) {
    case "DescribeVolumes":
      return describe(standIn, fields);
    case "DescribeVolumesModifications":
      return changes(standIn, fields);
    case "ModifyVolume":
      return modify(standIn, fields);
    case "AssumeRoleWithWebIdentity":
      return assumeRole(standIn, fields);
    default:
      return refusal(400, "InvalidAction", `The action ${action} is not valid`);
  }
}

type Fields = Readonly<Record<string, string>>;

function listed(fields: Fields, prefix: string): string[] {
  return Object.entries(fields).filter(([name]) => name.startsWith(prefix)).map(([, id]) => id);
}

function describe({ volumes }: AwsStandIn, fields: Fields): Response {
  const ids = listed(fields, "VolumeId.");
  const missing = ids.find((id) => !volumes.has(id));
  if (missing !== undefined) {
    const message = `The volume '${missing}' does not exist.`;
    return refusal(400, "InvalidVolume.NotFound", message);
  }
  const items = ids.map((id) => {
    const { size, type, iops, throughput } = volumes.get(id)!;
    return "<item>" + tag("volumeId", id) + tag("size", size) +
      "<attachmentSet><item><instanceId>i-1</instanceId></item></attachmentSet>" +
      tag("volumeType", type) + tag("iops", iops) + tag("throughput", throughput) + "</item>";
  });
  return xml(200, "DescribeVolumesResponse", `<volumeSet>${items.join("")}</volumeSet>`);
}

function changes({ volumes }: AwsStandIn, fields: Fields): Response {
  const items = listed(fields, "Filter.1.Value.").flatMap((id) => {
    const { change } = volumes.get(id) ?? {};
    return change === undefined ? [] : [
      "<item>" + tag("volumeId", id) + tag("modificationState", change.state) +
      tag("statusMessage", change.message) + "</item>",
    ];
  });
  const set = `<volumeModificationSet>${items.join("")}</volumeModificationSet>`;
  return xml(200, "DescribeVolumesModificationsResponse", set);
}

function modify(standIn: AwsStandIn, fields: Fields): Response {
  const id = fields["VolumeId"] ?? "";
  const volume = standIn.volumes.get(id);
  if (volume === undefined) return refusal(400, "InvalidVolume.NotFound", `no volume ${id}`);
  if (volume.change?.state === "modifying" || volume.change?.state === "optimizing") {
    const message = `Volume ${id} is currently in state '${volume.change.state}'.`;
    return refusal(400, "IncorrectModificationState", message);
  }
  const number = (name: string, before: number | undefined) =>
    fields[name] === undefined ? before : Number(fields[name]);
  const size = number("Size", volume.size)!;
  if (size < volume.size) {
    return refusal(400, "InvalidParameterValue", "New size cannot be smaller than existing size");
  }
  const [iops, throughput] = [
    number("Iops", volume.iops),
    number("Throughput", volume.throughput),
  ];
  standIn.volumes.set(id, {
    size,
    type: fields["VolumeType"] ?? volume.type,
    ...(iops === undefined ? {} : { iops }),
    ...(throughput === undefined ? {} : { throughput }),
    change: { state: standIn.begins },
  });
  const state = tag("volumeId", id) + tag("modificationState", standIn.begins);
  return xml(200, "ModifyVolumeResponse", `<volumeModification>${state}</volumeModification>`);
}

function assumeRole({ keys }: AwsStandIn, fields: Fields): Response {
  if (fields["WebIdentityToken"] !== "web-token") {
    return refusal(400, "InvalidIdentityToken", "The token is not known");
  }
  const credentials = tag("AccessKeyId", keys.accessKeyId) +
    tag("SecretAccessKey", keys.secretAccessKey) + tag("SessionToken", keys.sessionToken) +
    tag("Expiration", "2026-01-05T13:00:00Z");
  return xml(
    200,
    "AssumeRoleWithWebIdentityResponse",
    `<AssumeRoleWithWebIdentityResult><Credentials>${credentials}</Credentials>` +
      "</AssumeRoleWithWebIdentityResult>",
  );
}

function tag(name: string, value: string | number | undefined): string {
  return value === undefined ? "" : `<${name}>${value}</${name}>`;
}

function refusal(status: number, code: string, message: string): Response {
  const error = `<Errors><Error>${tag("Code", code)}${tag("Message", message)}</Error></Errors>`;
  return xml(status, "Response", error);
}

function xml(status: number, name: string, content: string): Response {
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>\n<${name}>${content}</${name}>`, {
    status,
    headers: { "content-type": "text/xml" },
  });
}

/** Says what is wrong with a signature; undefined where it is as it has to be. */
function signatureFault(
  { keys }: AwsStandIn,
  region: string,
  request: Request,
  body: string,
): string | undefined {
  const { headers } = request;
  const found = /Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]+)$/.exec(
    headers.get("authorization") ?? "",
  );
  if (found === null) return "no signature";
  const [, credential = "", names = "", signature] = found;
  const time = headers.get("x-amz-date") ?? "";
  const scope = `${time.slice(0, 8)}/${region}/ec2/aws4_request`;
  if (credential !== `${keys.accessKeyId}/${scope}`) return `the credential ${credential}`;
  const token = headers.get("x-amz-security-token") ?? undefined;
  if (token !== keys.sessionToken) return "the session token";
  const signed = names.split(";");
  if (!["host", "x-amz-date", "content-type"].every((name) => signed.includes(name))) {
    return `the signed headers ${names}`;
  }
  const { host, pathname } = new URL(request.url);
  const lines = signed.map((name) => `${name}:${name === "host" ? host : headers.get(name)}\n`);
  const canonical = ["POST", pathname, "", lines.join(""), names, hash(body)].join("\n");
  const text = ["AWS4-HMAC-SHA256", time, scope, hash(canonical)].join("\n");
  const key = scope.split("/").reduce<string | Uint8Array>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    `AWS4${keys.secretAccessKey}`,
  );
  const wanted = createHmac("sha256", key).update(text).digest("hex");
  return wanted === signature ? undefined : "the signature";
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
