/**
 * Requests of the EC2 and STS query APIs as form bodies. Layer: client of AWS, pure.
 *
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html
 */

import type { ModifyVolumeRequest } from "../../ports/cloud.ts";

const EC2_VERSION = "2016-11-15";
const STS_VERSION = "2011-06-15";

/** Asks for volumes by their ids. */
export function describeVolumesBody(ids: readonly string[]): string {
  return ec2Body("DescribeVolumes", numbered("VolumeId", ids));
}

/**
 * Asks for the last change of volumes. By a filter: an id of a volume that was never changed would be
 * an error.
 */
export function describeChangesBody(ids: readonly string[]): string {
  return ec2Body("DescribeVolumesModifications", [
    ["Filter.1.Name", "volume-id"],
    ...numbered("Filter.1.Value", ids),
  ]);
}

/** Asks for a change of one volume. */
export function modifyVolumeBody(request: ModifyVolumeRequest): string {
  const { id, sizeGib, type, iops, throughput } = request;
  const fields: readonly (readonly [string, string | number | undefined])[] = [
    ["VolumeId", id],
    ["Size", sizeGib],
    ["VolumeType", type],
    ["Iops", iops],
    ["Throughput", throughput],
  ];
  return ec2Body(
    "ModifyVolume",
    fields.flatMap(([name, value]) => value === undefined ? [] : [[name, String(value)]]),
  );
}

/** Asks for credentials of a role in exchange for a token of the cluster. */
export function assumeRoleBody(
  { role, session, token }: {
    readonly role: string;
    readonly session: string;
    readonly token: string;
  },
): string {
  return body([
    ["Action", "AssumeRoleWithWebIdentity"],
    ["Version", STS_VERSION],
    ["RoleArn", role],
    ["RoleSessionName", session],
    ["WebIdentityToken", token],
  ]);
}

type Field = readonly [name: string, value: string];

function numbered(name: string, values: readonly string[]): Field[] {
  return values.map((value, index) => [`${name}.${index + 1}`, value]);
}

function ec2Body(action: string, fields: readonly (readonly string[])[]): string {
  return body([["Action", action], ["Version", EC2_VERSION], ...fields]);
}

/** As AWS encodes: what a form would write as `+` or leave alone is a percent code. */
function body(fields: readonly (readonly string[])[]): string {
  return fields.map((field) => field.map(encode).join("=")).join("&");
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
