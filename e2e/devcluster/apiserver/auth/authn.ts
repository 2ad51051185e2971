/** Who a request comes from: bearer tokens, fixed ones and those of service accounts (signed JWTs). */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { ApiError } from "../model/api_error.ts";
import { objectAt, stringAt } from "../model/json.ts";
import type { Store } from "../storage/store.ts";

export interface User {
  name: string;
  uid?: string;
  groups: string[];
  extra?: Record<string, string[]>;
}

export const ANONYMOUS: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };
const ISSUER = "https://kubernetes.default.svc";
export const API_AUDIENCE = ISSUER;

/** A TokenRequest's wishes; `expirationSeconds` counts from now. */
export interface TokenClaims {
  namespace: string;
  serviceAccount: { name: string; uid: string };
  pod?: { name: string; uid: string };
  audiences: string[];
  expirationSeconds: number;
}

/** Who a service account is. */
export function serviceAccountUser(namespace: string, name: string, uid: string): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    uid,
    groups: [
      "system:serviceaccounts",
      `system:serviceaccounts:${namespace}`,
      "system:authenticated",
    ],
  };
}

function encode(value: unknown): string {
  return btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decode(text: string): Record<string, unknown> {
  return JSON.parse(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
}

export class Authenticator {
  #store: Store;
  #key: Uint8Array;
  #users = new Map<string, User>();

  constructor(store: Store, key: Uint8Array = randomBytes(32)) {
    this.#store = store;
    this.#key = key;
  }

  /** Accepts a fixed token from now on. */
  addToken(token: string, user: User): void {
    this.#users.set(token, { ...user, groups: [...user.groups, "system:authenticated"] });
  }

  /** Issues a service account's token. */
  issue(claims: TokenClaims): { token: string; expires: Date } {
    const now = Math.floor(Date.now() / 1000);
    const payload = {
      aud: claims.audiences.length > 0 ? claims.audiences : [API_AUDIENCE],
      exp: now + claims.expirationSeconds,
      iat: now,
      nbf: now,
      iss: ISSUER,
      jti: crypto.randomUUID(),
      sub: `system:serviceaccount:${claims.namespace}:${claims.serviceAccount.name}`,
      "kubernetes.io": {
        namespace: claims.namespace,
        serviceaccount: claims.serviceAccount,
        ...(claims.pod ? { pod: claims.pod } : {}),
      },
    };
    const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(payload)}`;
    return { token: `${text}.${this.#sign(text)}`, expires: new Date(payload.exp * 1000) };
  }

  /** The user of an Authorization header. @throws ApiError 401 for a token that is not valid. */
  authenticate(authorization: string | null): User {
    const match = authorization?.match(/^Bearer\s+(\S+)$/i);
    if (!match) return ANONYMOUS;
    const user = this.userOfToken(match[1]!);
    if (!user) throw new ApiError(401, "Unauthorized", "Unauthorized");
    return user;
  }

  /** The user of a token, or undefined when it is not valid (any more). */
  userOfToken(token: string): User | undefined {
    return this.#users.get(token) ?? this.#serviceAccountOf(token);
  }

  #sign(text: string): string {
    return createHmac("sha256", this.#key).update(text).digest("base64url");
  }

  #serviceAccountOf(token: string): User | undefined {
    const [header, payload, signature] = token.split(".");
    if (!header || !payload || !signature) return undefined;
    const expected = this.#sign(`${header}.${payload}`);
    if (expected.length !== signature.length) return undefined;
    if (!timingSafeEqual(new TextEncoder().encode(expected), new TextEncoder().encode(signature))) {
      return undefined;
    }
    const claims = decode(payload);
    if (Number(claims["exp"]) < Date.now() / 1000) return undefined;
    if (!(claims["aud"] as string[]).includes(API_AUDIENCE)) return undefined;
    return this.#boundUser(claims["kubernetes.io"] as Parameters<typeof objectAt>[0] & object);
  }

  /** A token ends with its service account and with the pod it is bound to. */
  #boundUser(bound: NonNullable<Parameters<typeof objectAt>[0]>): User | undefined {
    const namespace = stringAt(bound, "namespace");
    const account = objectAt(bound, "serviceaccount");
    const pod = objectAt(bound, "pod");
    const name = stringAt(account, "name");
    const stored = this.#store.get("/serviceaccounts", namespace, name);
    if (stored?.metadata.uid !== account["uid"]) return undefined;
    const user = serviceAccountUser(namespace, name, stringAt(account, "uid"));
    if (!pod["name"]) return user;
    const storedPod = this.#store.get("/pods", namespace, stringAt(pod, "name"));
    if (storedPod?.metadata.uid !== pod["uid"]) return undefined;
    return {
      ...user,
      extra: {
        "authentication.kubernetes.io/pod-name": [stringAt(pod, "name")],
        "authentication.kubernetes.io/pod-uid": [stringAt(pod, "uid")],
      },
    };
  }
}
