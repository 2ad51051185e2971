/**
 * Signing in with a token: Kubernetes says whose it is, and a cookie that scripts cannot read keeps
 * it in the browser. The server keeps nothing.
 */

import { type Context, Hono } from "hono";
import type { Bindings, UiParts } from "../context.ts";
import { UiError } from "../errors.ts";
import { checkedToken, COOKIE, type Identity } from "../identity.ts";
import { objectBody } from "./route.ts";

type Env = { Bindings: Bindings };
type WhoAsks = (c: Context<Env>) => Promise<Identity | undefined>;

/** Routes below `/session`. */
export function sessionRoutes(parts: UiParts, whoAsks: WhoAsks): Hono<Env> {
  const app = new Hono<Env>({ strict: false });
  const { settings } = parts;
  app.get("/", async (c) => {
    const identity = await whoAsks(c);
    const user = identity && await userOf(parts, identity).catch(() => undefined);
    return c.json({
      signIn: settings.signIn,
      readOnly: settings.readOnly,
      user: user ?? null,
      message: settings.shown["custom_message"] ?? "",
    });
  });
  app.post("/", async (c) => {
    if (settings.signIn !== "token") throw new UiError("a proxy signs people in here", 400);
    const { token: given } = await objectBody(c.req.raw);
    const token = checkedToken(given);
    if (token === undefined) throw new UiError("this is no token", 400);
    const user = await userOf(parts, { kind: "token", token });
    c.header("set-cookie", cookie(c, encodeURIComponent(token), ""));
    return c.json({ user });
  });
  app.delete("/", (c) => {
    c.header("set-cookie", cookie(c, "", "; Max-Age=0"));
    return c.json({});
  });
  return app;
}

/** No path: the browser takes the folder of the address, so a sub-path stays alone with it. */
function cookie(c: Context<Env>, value: string, end: string): string {
  const secure = c.req.header("x-forwarded-proto") === "https" ||
    new URL(c.req.url).protocol === "https:";
  return `${COOKIE}=${value}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}${end}`;
}

/** Asks Kubernetes whether it takes the user at all. @throws KubeError 401 for a token that is none */
async function userOf({ access, settings }: UiParts, identity: Identity): Promise<string> {
  if (identity.kind !== "token") return identity.user;
  await access(identity).create({
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    metadata: {},
    spec: {
      resourceAttributes: {
        verb: "list",
        group: "acid.zalan.do",
        resource: "postgresqls",
        ...(settings.namespace === undefined ? {} : { namespace: settings.namespace }),
      },
    },
  }, { signal: AbortSignal.timeout(10_000) });
  return subjectOf(identity.token);
}

/** The name that a token gives its owner, to be shown and for nothing else. */
function subjectOf(token: string): string {
  try {
    const [, payload = ""] = token.split(".");
    const text = new TextDecoder().decode(
      Uint8Array.fromBase64(payload, { alphabet: "base64url" }),
    );
    const { email, sub } = JSON.parse(text) as { email?: unknown; sub?: unknown };
    return String(email ?? sub ?? "signed in");
  } catch {
    return "signed in";
  }
}
