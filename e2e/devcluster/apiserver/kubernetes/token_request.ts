/**
 * The one request body of a subresource that kubectl sends in protobuf. The recorded schemas hold
 * kinds with a collection only, so this one is written down here.
 * https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
 */
import type { Schema } from "../model/schema.ts";
import type { WireType } from "./go_types.ts";

const AUTHENTICATION = "io.k8s.api.authentication.v1.";
const META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

function reference(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

const TEXT: Schema = { type: "string" };

/** By name, as the recorded ones are. */
export const TOKEN_REQUEST_SCHEMAS: Record<string, Schema> = {
  [`${AUTHENTICATION}TokenRequest`]: {
    type: "object",
    properties: {
      apiVersion: TEXT,
      kind: TEXT,
      metadata: reference(META),
      spec: reference(`${AUTHENTICATION}TokenRequestSpec`),
    },
    "x-kubernetes-group-version-kind": [
      { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" },
    ],
  },
  [`${AUTHENTICATION}TokenRequestSpec`]: {
    type: "object",
    properties: {
      audiences: { type: "array", items: TEXT },
      boundObjectRef: reference(`${AUTHENTICATION}BoundObjectReference`),
      expirationSeconds: { type: "integer", format: "int64" },
    },
  },
  [`${AUTHENTICATION}BoundObjectReference`]: {
    type: "object",
    properties: { kind: TEXT, apiVersion: TEXT, name: TEXT, uid: TEXT },
  },
};

/** Numbers of the fields. */
export const TOKEN_REQUEST_WIRE: Record<string, WireType> = {
  [`${AUTHENTICATION}TokenRequest`]: { fields: { metadata: [1, "zero"], spec: [2, "zero"] } },
  [`${AUTHENTICATION}TokenRequestSpec`]: {
    fields: { audiences: [1, "zero"], boundObjectRef: [3, "zero"], expirationSeconds: [4, "zero"] },
  },
  [`${AUTHENTICATION}BoundObjectReference`]: {
    fields: { kind: [1, "zero"], apiVersion: [2, "zero"], name: [3, "zero"], uid: [4, "zero"] },
  },
};
