/**
 * Answers of the EC2 and STS query APIs. What is not of the shape that AWS documents is an error.
 * Layer: client of AWS, pure.
 *
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Welcome.html
 */

import { XMLParser } from "fast-xml-parser";
import type { CloudVolume, VolumeChange } from "../../ports/cloud.ts";
import type { FailureKind } from "../../ports/errors.ts";

/** Keys as AWS hands them out for a while. */
export interface SessionKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** ISO 8601. */
  readonly expires: string;
}

/** What a failed call says. */
export interface AwsRefusal {
  readonly code: string;
  readonly message: string;
}

type Element = Readonly<Record<string, unknown>>;

/** The volumes of an answer to DescribeVolumes. @throws TypeError */
export function volumesIn(xml: string): CloudVolume[] {
  return itemsOf(parse(xml), "DescribeVolumesResponse", "volumeSet").map((item) => {
    const [iops, throughput] = [numberIn(item, "iops"), numberIn(item, "throughput")];
    return {
      id: textIn(item, "volumeId"),
      sizeGib: required(numberIn(item, "size"), "size"),
      type: textIn(item, "volumeType"),
      ...(iops === undefined ? {} : { iops }),
      ...(throughput === undefined ? {} : { throughput }),
    };
  });
}

/** The changes of an answer to DescribeVolumesModifications. @throws TypeError */
export function changesIn(xml: string): VolumeChange[] {
  return itemsOf(parse(xml), "DescribeVolumesModificationsResponse", "volumeModificationSet").map(
    changeOf,
  );
}

/** The change that an answer to ModifyVolume tells of. @throws TypeError */
export function begunChangeIn(xml: string): VolumeChange {
  const answer = elementIn(parse(xml), "ModifyVolumeResponse");
  return changeOf(required(elementIn(answer, "volumeModification"), "volumeModification"));
}

/** The keys of an answer to AssumeRoleWithWebIdentity. @throws TypeError */
export function keysIn(xml: string): SessionKeys {
  const answer = elementIn(parse(xml), "AssumeRoleWithWebIdentityResponse");
  const result = elementIn(answer, "AssumeRoleWithWebIdentityResult");
  const keys = required(elementIn(result, "Credentials"), "Credentials");
  return {
    accessKeyId: textIn(keys, "AccessKeyId"),
    secretAccessKey: textIn(keys, "SecretAccessKey"),
    sessionToken: textIn(keys, "SessionToken"),
    expires: textIn(keys, "Expiration"),
  };
}

/** Code and message of a failed call; undefined where the answer has none. */
export function refusalIn(xml: string): AwsRefusal | undefined {
  let root: Element;
  try {
    root = parse(xml);
  } catch {
    return undefined;
  }
  const ec2 = elementIn(elementIn(elementIn(root, "Response"), "Errors"), "Error");
  const error = ec2 ?? elementIn(elementIn(root, "ErrorResponse"), "Error");
  const code = error?.["Code"];
  if (typeof code !== "string") return undefined;
  const message = error?.["Message"];
  return { code, message: typeof message === "string" ? message : "" };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const KINDS: readonly (readonly [RegExp, FailureKind])[] = [
  [/^(UnauthorizedOperation|AccessDenied|OptInRequired)/, "forbidden"],
  [
    /^(AuthFailure|ExpiredToken|InvalidClientTokenId|InvalidIdentityToken|SignatureDoesNotMatch)/,
    "unauthorized",
  ],
  [/^(RequestExpired|MissingAuthenticationToken|UnrecognizedClient)/, "unauthorized"],
  [/\.NotFound$/, "not found"],
  [/^(RequestLimitExceeded|Throttling|Unavailable|ServiceUnavailable|Internal)/, "unavailable"],
  // One change at a time: it is looked at again once the one under way has ended.
  [/^IncorrectModificationState$/, "conflict"],
  // The others say that the same request would not be taken soon: limits, quotas, values.
  [/LimitExceeded|RateExceeded|^Invalid|^Unsupported|NotAvailable|^Unknown|^Missing/, "invalid"],
];

/** What may be done about an error of AWS. */
export function kindOfCode(code: string): FailureKind {
  return KINDS.find(([pattern]) => pattern.test(code))?.[1] ?? "failed";
}

function changeOf(item: Element): VolumeChange {
  return {
    id: textIn(item, "volumeId"),
    state: textIn(item, "modificationState"),
    message: String(item["statusMessage"] ?? ""),
  };
}

function parse(xml: string): Element {
  const parser = new XMLParser({
    parseTagValue: false,
    isArray: (name: string) => name === "item",
    ignoreAttributes: true,
  });
  const root: unknown = parser.parse(xml, true);
  return required(asElement(root), "document");
}

function itemsOf(root: Element, answer: string, set: string): Element[] {
  const found = required(elementIn(root, answer), answer);
  const items = elementIn(found, set)?.["item"];
  return Array.isArray(items) ? items.map((item) => required(asElement(item), "item")) : [];
}

function asElement(value: unknown): Element | undefined {
  return typeof value === "object" && value !== null ? value as Element : undefined;
}

function elementIn(parent: Element | undefined, name: string): Element | undefined {
  return asElement(parent?.[name]);
}

function textIn(element: Element, name: string): string {
  const value = element[name];
  if (typeof value !== "string" || value === "") throw new TypeError(`it has no ${name}`);
  return value;
}

function numberIn(element: Element, name: string): number | undefined {
  const value = element[name];
  if (value === undefined || value === "") return undefined;
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new TypeError(`${name} is no whole number`);
  return number;
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new TypeError(`it has no ${name}`);
  return value;
}
