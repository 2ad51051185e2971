import assert from "node:assert/strict";
import fc from "fast-check";
import type { ObjectMeta, Pod, Secret } from "../../../kubernetes/types.gen.ts";
import { decodeBase64, encodeBase64 } from "../../../lib/base64.ts";
import { known, unknown } from "../../../ports/observation.ts";
import { Sensitive } from "../../../lib/sensitive.ts";
import { config } from "../../../testing/config_fixture.ts";
import type { DesiredCredential } from "../../desired/cluster.ts";
import type { DesiredRole, RoleOrigin } from "../../desired/roles/role.ts";
import type { Step } from "../steps/action.ts";
import { type CredentialInput, planCredentials } from "./credentials.ts";
import type { RotationRules } from "./rotation.ts";

const NOW = new Date("2026-11-23T18:00:00Z");
const PAST = "2026-11-01T00:00:00Z";
const FUTURE = "2026-12-01T00:00:00Z";

const RULES: RotationRules = {
  everyone: false,
  byUser: [],
  inPlace: [],
  ignored: [],
  intervalDays: 30,
  retentionDays: 75,
  superuser: "postgres",
  standby: false,
};

type Content = Readonly<Record<string, string>>;

function role(name: string, origin: RoleOrigin = "manifest"): DesiredRole {
  return {
    name,
    origin,
    flags: ["LOGIN"],
    login: true,
    memberOf: [],
    parameters: {},
    isDbOwner: false,
    namespace: "shop",
    hasPassword: true,
  };
}

function credential(name: string, metadata: ObjectMeta = {}): DesiredCredential {
  const secret = { namespace: "shop", name: `${name.replaceAll("_", "-")}.secret` };
  const labels = { "cluster-name": "acid-orders" };
  return { role: name, secret, metadata: { ...secret, labels, ...metadata } };
}

function secret(content: Content, metadata: ObjectMeta = {}): Secret {
  const data = Object.entries(content).map(([key, text]) => [key, encodeBase64(text)]);
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: "shop", name: "app.secret", resourceVersion: "7", ...metadata },
    data: Object.fromEntries(data),
  };
}

function pod(name: string): Pod {
  return { apiVersion: "v1", kind: "Pod", metadata: { namespace: "shop", name } };
}

function input(overrides: Partial<CredentialInput> = {}): CredentialInput {
  return {
    namespace: "shop",
    stage: "running",
    withheld: new Map(),
    named: new Map(),
    unwritten: new Set(),
    credentials: [credential("app")],
    roles: [role("app")],
    strangeness: () => undefined,
    secretOf: () => known(undefined),
    infrastructureRoles: known([]),
    rules: RULES,
    database: "ready",
    pods: known([pod("acid-orders-0")]),
    poolerPods: known([pod("acid-orders-pooler-x")]),
    config: config(),
    now: NOW,
    newPassword: () => new Sensitive("NEW"),
    ...overrides,
  };
}

function planFor(content: Content, overrides: Partial<CredentialInput> = {}) {
  return planCredentials(input({ secretOf: () => known(secret(content)), ...overrides }));
}

/** What the steps write, in words: `patch username=app password=NEW`. */
function written(steps: readonly Step[]): string[] {
  return steps.map(({ action }) => {
    if (action.kind === "create" || action.kind === "replace") {
      return `${action.kind} ${texts(action.object.data)}`;
    }
    if (action.kind !== "patch") return action.kind;
    const { target, body } = action.request;
    const { data, metadata } = body as { data?: unknown; metadata?: Record<string, unknown> };
    const fields = Object.keys(metadata ?? {}).filter((key) => key !== "resourceVersion");
    return [`patch`, target.kind === "Pod" ? target.name : "", texts(data), fields.join(" ")]
      .filter((part) => part !== "").join(" ");
  });
}

function texts(data: unknown): string {
  return Object.entries((data ?? {}) as Record<string, string>)
    .map(([key, value]) => `${key}=${decodeBase64(value)}`).join(" ");
}

interface Case {
  readonly why: string;
  readonly content: Content;
  readonly rules?: Partial<RotationRules>;
  readonly more?: Partial<CredentialInput>;
  readonly writes: readonly string[];
  /** User name and password, or the reason why the role is degraded. */
  readonly login: readonly [string, string] | RegExp;
}

/** The database follows a password only once it stands in its Secret. */
const WRITTEN_FIRST = /^role app: Secret shop\/app.secret is written first$/;

const EVERYONE = { everyone: true };
const NEXT = "2026-12-23T18:00:00Z";

const CASES: readonly Case[] = [
  {
    why: "what stands in a Secret counts",
    content: { username: "app", password: "theirs" },
    writes: [],
    login: ["app", "theirs"],
  },
  {
    why: "a first date",
    content: { username: "app", password: "P0" },
    rules: EVERYONE,
    writes: [`patch nextRotation=${NEXT}`],
    login: ["app", "P0"],
  },
  {
    why: "not due",
    content: { username: "app", password: "P0", nextRotation: FUTURE },
    rules: EVERYONE,
    writes: [],
    login: ["app", "P0"],
  },
  {
    why: "due by user",
    content: { username: "app", password: "P0", nextRotation: PAST },
    rules: EVERYONE,
    writes: [`patch username=app261123 password=NEW nextRotation=${NEXT}`],
    login: WRITTEN_FIRST,
  },
  {
    why: "due in place",
    content: { username: "app", password: "P0", nextRotation: PAST },
    rules: { inPlace: ["app"] },
    writes: [`patch username=app password=NEW nextRotation=${NEXT}`],
    login: WRITTEN_FIRST,
  },
  {
    why: "from dated to in place at once",
    content: { username: "app260901", password: "P1", nextRotation: FUTURE },
    rules: { inPlace: ["app"] },
    writes: [`patch username=app password=NEW nextRotation=${NEXT}`],
    login: WRITTEN_FIRST,
  },
  {
    why: "from in place to dated only when due",
    content: { username: "app", password: "P1", nextRotation: FUTURE },
    rules: EVERYONE,
    writes: [],
    login: ["app", "P1"],
  },
  {
    why: "rotation switched off",
    content: { username: "app260901", password: "P1", nextRotation: FUTURE },
    writes: ["patch username=app password=NEW nextRotation="],
    login: WRITTEN_FIRST,
  },
  {
    why: "a foreign user name is put back",
    content: { username: "stranger", password: "P1" },
    writes: ["patch username=app password=NEW nextRotation="],
    login: WRITTEN_FIRST,
  },
  {
    why: "a foreign user name is put back where the role is rotated as well",
    content: { username: "postgres", password: "P1", nextRotation: FUTURE },
    rules: EVERYONE,
    writes: ["patch username=app password=NEW nextRotation="],
    login: WRITTEN_FIRST,
  },
  {
    why: "a Secret without password gets one",
    content: { username: "app", password: "" },
    writes: ["patch username=app password=NEW"],
    login: WRITTEN_FIRST,
  },
  {
    why: "nobody can have read a password that was not there, so its Secret does not wait",
    content: {},
    more: { database: "waiting" },
    writes: ["patch username=app password=NEW"],
    login: WRITTEN_FIRST,
  },
  {
    why: "a password that somebody gave alone stays and gets its user name",
    content: { password: "theirs" },
    writes: ["patch username=app", "event"],
    login: ["app", "theirs"],
  },
  {
    why: "a line's end behind a user name is no reason for another password",
    content: { username: "app\n", password: "theirs" },
    writes: ["patch username=app", "event"],
    login: ["app", "theirs"],
  },
  {
    why: "a password that somebody gave alone is rotated later like any other",
    content: { username: "", password: "theirs", nextRotation: PAST },
    rules: EVERYONE,
    writes: ["patch username=app", "event"],
    login: ["app", "theirs"],
  },
  {
    why: "nothing changes on a standby cluster",
    content: { username: "app260901", password: "P1", nextRotation: PAST },
    rules: { everyone: true, standby: true },
    writes: [],
    login: ["app260901", "P1"],
  },
  {
    why: "a new password waits for the database",
    content: { username: "app", password: "P0", nextRotation: PAST },
    rules: EVERYONE,
    more: { database: "waiting" },
    writes: [],
    login: ["app", "P0"],
  },
  {
    why: "a foreign name that waits for the database is not used",
    content: { username: "stranger", password: "P1" },
    more: { database: "waiting" },
    writes: [],
    login: /does not hold its user name/,
  },
  {
    why: "nobody waits for a database without access",
    content: { username: "app", password: "P0", nextRotation: PAST },
    rules: EVERYONE,
    more: { database: "unmanaged" },
    writes: [`patch username=app261123 password=NEW nextRotation=${NEXT}`],
    login: WRITTEN_FIRST,
  },
  {
    why: "the name of another role is not taken",
    content: { username: "app", password: "P0", nextRotation: PAST },
    rules: EVERYONE,
    more: { roles: [role("app"), role("app261123")] },
    writes: [],
    login: ["app", "P0"],
  },
];

Deno.test("planCredentials writes what a Secret needs and says what its role logs in with", () => {
  for (const { why, content, rules, more, writes, login } of CASES) {
    const plan = planFor(content, { rules: { ...RULES, ...rules }, ...more });
    assert.deepEqual(written(plan.steps), writes, why);
    const found = plan.credentials.get("app");
    if (login instanceof RegExp) {
      assert.match(found?.state === "degraded" ? found.reason : "", login, why);
    } else {
      assert.ok(found?.state === "ready", why);
      assert.deepEqual([found.username, found.password.reveal()], login, why);
    }
    assert.deepEqual(plan.held, [], why);
  }
});

Deno.test("planCredentials makes a missing Secret with a new password", () => {
  const plan = planCredentials(input());
  assert.deepEqual(written(plan.steps), ["create username=app password=NEW"]);
  const [step] = plan.steps;
  assert.ok(step?.action.kind === "create");
  assert.deepEqual(step.action.object.metadata.labels, { "cluster-name": "acid-orders" });
  assert.equal(step.onError, "continue");
  const found = plan.credentials.get("app");
  assert.deepEqual(found?.state === "degraded" && found.pending, true);
});

Deno.test("a new cluster waits for its Secrets, and knows what they will hold", () => {
  const plan = planCredentials(input({ stage: "new" }));
  assert.deepEqual(plan.steps.map(({ onError }) => onError), ["stop"]);
  assert.equal(plan.credentials.get("app")?.state, "ready");
  const empty = planFor({ username: "app" }, { stage: "new", database: "waiting" });
  assert.deepEqual(written(empty.steps), ["patch username=app password=NEW"]);
  assert.equal(empty.credentials.get("app")?.state, "ready");
});

Deno.test("nobody waits for a Secret that could not be written", () => {
  const refused = input({ unwritten: new Set(["shop/app.secret"]) });
  const found = planCredentials(refused).credentials.get("app");
  assert.ok(found?.state === "degraded" && found.pending === undefined);
});

Deno.test("a Secret that Kubernetes would refuse is not tried, and holds up no other", () => {
  const odd = credential("Loud_owner_user");
  const plan = planCredentials(input({
    credentials: [odd, credential("app")],
    roles: [role("Loud_owner_user", "bootstrap"), role("app")],
  }));
  assert.deepEqual(written(plan.steps), ["create username=app password=NEW"]);
  assert.match(plan.held[0]?.reason ?? "", /^role Loud_owner_user: Secret .* cannot be: its name/);
});

Deno.test("users that wait for another one to be mended are left as they are", () => {
  const withheld = new Map([["manifest" as const, "waits until role torn is mended"]]);
  const given = {
    withheld,
    credentials: [credential("app"), credential("mon")],
    roles: [role("app"), role("mon", "infrastructure")],
  };
  const plan = planFor({ username: "app", password: "P0", nextRotation: PAST }, {
    ...given,
    rules: { ...RULES, everyone: true },
    secretOf: ({ role }) =>
      known(role === "app" ? secret({ username: "app", password: "P0" }) : undefined),
  });
  assert.deepEqual(written(plan.steps), ["create username=mon password=NEW"]);
  assert.equal(plan.credentials.get("app")?.state, "degraded");
  assert.deepEqual(plan.held, []);
});

Deno.test("a user name that is taken out again is written once for a password", () => {
  const first = planFor({ password: "theirs" });
  const [name] = first.named;
  assert.ok(name);
  const named = new Map([[name.role, name.password]]);
  const again = planFor({ password: "theirs" }, { named });
  assert.deepEqual([written(again.steps), again.held.map(({ kind }) => kind)], [[], ["left"]]);
  assert.equal(again.credentials.get("app")?.state, "ready");
  const refreshed = planFor({ password: "next" }, { named });
  assert.deepEqual(written(refreshed.steps), ["patch username=app", "event"]);
  assert.ok(!JSON.stringify([first, again]).includes("theirs"));
});

Deno.test("a Secret that cannot be read is held and never written", () => {
  const plan = planCredentials(input({ secretOf: () => unknown("403 on get secrets") }));
  assert.deepEqual(plan.steps, []);
  assert.deepEqual(plan.held.map(({ kind }) => kind), ["unreadable"]);
  assert.equal(plan.credentials.get("app")?.state, "degraded");
});

Deno.test("bytes that are no text are left alone", () => {
  const broken = { ...secret({ username: "app" }), data: { username: "YXBw", password: "/w==" } };
  const plan = planCredentials(input({ secretOf: () => known(broken) }));
  assert.deepEqual(plan.steps, []);
  assert.deepEqual(plan.held.map(({ kind }) => kind), ["refused"]);
});

Deno.test("a Secret on its way out is waited for", () => {
  const leaving = secret({ username: "app", password: "P" }, { deletionTimestamp: "now" });
  const plan = planCredentials(input({ secretOf: () => known(leaving) }));
  assert.deepEqual([plan.steps, plan.held[0]?.kind], [[], "waiting"]);
});

Deno.test("two roles that come to the same Secret: the one it names keeps it", () => {
  const both = {
    credentials: [credential("a-b"), credential("a_b")],
    roles: [role("a-b"), role("a_b")],
  };
  const empty = planCredentials(input(both));
  assert.deepEqual(written(empty.steps), ["create username=a-b password=NEW"]);
  assert.deepEqual(empty.held.map(({ kind }) => kind), ["refused"]);
  const named = planFor({ username: "a_b", password: "P" }, both);
  assert.deepEqual(named.steps, []);
  assert.equal(named.credentials.get("a_b")?.state, "ready");
  assert.equal(named.credentials.get("a-b")?.state, "degraded");
});

Deno.test("a Secret of a role that is gone is not taken over by one with a similar name", () => {
  const plan = planFor(
    { username: "a-b", password: "P" },
    { credentials: [credential("a_b")], roles: [role("a_b")] },
  );
  assert.deepEqual(plan.steps, []);
  assert.match(plan.held[0]?.reason ?? "", /dash and underscore only/);
});

const DEFINED = {
  name: "app",
  password: new Sensitive("defined"),
  flags: [],
  memberOf: [],
  parameters: {},
};

Deno.test("the definition of an infrastructure role outranks its Secret", () => {
  const given = { roles: [role("app", "infrastructure")], infrastructureRoles: known([DEFINED]) };
  const made = planCredentials(input(given));
  assert.deepEqual(written(made.steps), ["create username=app password=defined"]);
  const same = planFor({ username: "app", password: "defined" }, given);
  assert.deepEqual(same.steps, []);
  const other = planFor({ username: "app", password: "by hand", more: "x" }, given);
  assert.deepEqual(written(other.steps), ["replace username=app password=defined"]);
  const [step] = other.steps;
  assert.ok(step?.action.kind === "replace");
  assert.equal(step.action.object.metadata.resourceVersion, "7");
  const basic = { ...secret({ username: "app", password: "x" }), type: "kubernetes.io/basic-auth" };
  const [kept] = planCredentials(input({ ...given, secretOf: () => known(basic) })).steps;
  assert.ok(kept?.action.kind === "replace");
  assert.equal(kept.action.object["type"], "kubernetes.io/basic-auth");
});

Deno.test("a Secret of somebody else is left alone and refused, and so is its role", () => {
  const strangeness = () => "Secret shop/app.secret belongs to cluster shop/other";
  for (const found of [undefined, secret({ username: "app", password: "kept" })]) {
    const plan = planCredentials(input({ strangeness, secretOf: () => known(found) }));
    assert.deepEqual(plan.steps, []);
    assert.deepEqual(plan.held.map(({ kind }) => kind), ["refused"]);
    assert.equal(plan.credentials.get("app")?.state, "degraded");
  }
});

Deno.test("while definitions are unread, no user of the manifest is touched", () => {
  const given = {
    infrastructureRoles: unknown("no Secret"),
    credentials: [credential("app"), credential("postgres")],
    roles: [role("app"), role("postgres", "system")],
  };
  const plan = planCredentials(input(given));
  assert.deepEqual(written(plan.steps), ["create username=postgres password=NEW"]);
  assert.deepEqual(plan.held.map(({ reason }) => reason), ["role app: no Secret"]);
});

Deno.test("pods that have a password as a variable are marked before the Secret is written", () => {
  const rules = { ...RULES, inPlace: ["standby", "pooler"] };
  const content = (name: string) => ({ username: name, password: "P0", nextRotation: PAST });
  const system = planFor(content("standby"), {
    rules,
    credentials: [credential("standby")],
    roles: [role("standby", "system")],
  });
  assert.match(
    written(system.steps).join("; "),
    /^patch acid-orders-0 annotations; patch username/,
  );
  const pooler = planFor(content("pooler"), {
    rules,
    credentials: [credential("pooler")],
    roles: [role("pooler", "pooler")],
  });
  assert.match(
    written(pooler.steps).join("; "),
    /^patch acid-orders-pooler-x annotations; patch u/,
  );
});

Deno.test("a rotation whose pods are not known waits", () => {
  const plan = planFor({ username: "standby", password: "P0", nextRotation: PAST }, {
    rules: { ...RULES, inPlace: ["standby"] },
    credentials: [credential("standby")],
    roles: [role("standby", "system")],
    pods: unknown("list failed"),
  });
  assert.deepEqual(plan.steps, []);
  assert.match(plan.postponed[0] ?? "", /waits for the list of pods: list failed/);
});

Deno.test("owners and inherited annotations are kept, labels and owners of others are not touched", () => {
  const owner = { apiVersion: "v1", kind: "postgresql", name: "acid-orders", uid: "u1" };
  const desired = credential("app", { ownerReferences: [owner], annotations: { team: "a" } });
  const content = { username: "app", password: "P" };
  const stepsFor = (metadata: ObjectMeta) =>
    planCredentials(
      input({ credentials: [desired], secretOf: () => known(secret(content, metadata)) }),
    ).steps;
  const { labels = {} } = desired.metadata;
  assert.deepEqual(written(stepsFor({ labels })), ["patch ownerReferences annotations"]);
  const others = [{ ...owner, kind: "ExternalSecret", uid: "x" }];
  assert.deepEqual(written(stepsFor({ ownerReferences: others })), ["patch annotations"]);
  const kept = [{ ...owner, kind: "ExternalSecret", uid: "x", controller: true }];
  assert.deepEqual(written(stepsFor({ labels, ownerReferences: kept })), ["patch annotations"]);
  // The garbage collector would take along what people made.
  assert.deepEqual(written(stepsFor({})), ["patch annotations"]);
});

Deno.test("every write of an existing Secret fails when somebody else changed it meanwhile", () => {
  const plan = planFor(
    { username: "app", password: "P0", nextRotation: PAST },
    { rules: { ...RULES, everyone: true } },
  );
  const [step] = plan.steps;
  assert.ok(step?.action.kind === "patch");
  const { metadata } = step.action.request.body as { metadata: Record<string, unknown> };
  assert.deepEqual(metadata, { resourceVersion: "7" });
});

Deno.test("no reason, no held text and no printed plan shows a password", () => {
  for (const { content, rules } of CASES) {
    const plan = planFor(content, { rules: { ...RULES, ...rules } });
    const shown = JSON.stringify([
      plan.steps.map(({ reasons }) => reasons),
      plan.held,
      plan.postponed,
      [...plan.credentials.values()],
    ]);
    assert.ok(!/NEW|theirs|"P[01]"/.test(shown), shown);
  }
});

Deno.test("only roles that are or were rotated ask for a clean-up", () => {
  const cleanups = (content: Content, rules: Partial<RotationRules> = {}) =>
    planFor(content, { rules: { ...RULES, ...rules } }).cleanups;
  assert.deepEqual(cleanups({ username: "app", password: "P" }), []);
  const [due] = cleanups({ username: "app", password: "P", nextRotation: PAST }, EVERYONE);
  assert.deepEqual([due?.role, due?.username], ["app", "app261123"]);
  assert.equal(due?.madeBefore.toISOString(), "2026-09-09T18:00:00.000Z");
  const [former] = cleanups({ username: "app", password: "P", nextRotation: "" });
  assert.equal(former?.username, "app");
});

/** A cluster of one role: its Secret, and the passwords that the database knows. */
interface World {
  secret: Secret | undefined;
  readonly database: Map<string, string>;
}

/** One pass that is killed after `limit` writes; returns the number of writes it made. */
function pass(world: World, rules: RotationRules, limit: number, password: string): number {
  const plan = planCredentials(input({
    rules,
    secretOf: () => known(world.secret),
    newPassword: () => new Sensitive(password),
  }));
  let count = 0;
  for (const { action } of plan.steps) {
    if (count++ >= limit) return limit;
    if (action.kind === "create") world.secret = action.object as Secret;
    if (action.kind === "patch" && world.secret) {
      const { data } = action.request.body as { data?: Record<string, string> };
      world.secret = { ...world.secret, data: { ...world.secret.data, ...data } };
    }
  }
  for (const found of plan.credentials.values()) {
    if (found.state !== "ready") continue;
    if (world.database.get(found.username) === found.password.reveal()) continue;
    if (count++ >= limit) return limit;
    world.database.set(found.username, found.password.reveal());
  }
  return count;
}

function login(world: World): readonly [string, string] {
  const data = world.secret?.data ?? {};
  return [decodeBase64(data.username ?? "") ?? "", decodeBase64(data.password ?? "") ?? ""];
}

Deno.test("killed after any write, the next pass brings Secret and database together", () => {
  const kind = fc.constantFrom<Partial<RotationRules>>({}, EVERYONE, { inPlace: ["app"] });
  const start = fc.constantFrom<Content | undefined>(
    undefined,
    { username: "app", password: "P0" },
    { username: "app", password: "P0", nextRotation: PAST },
    { username: "app260901", password: "P0", nextRotation: FUTURE },
    { username: "app260901", password: "P0", nextRotation: PAST },
  );
  fc.assert(fc.property(kind, start, fc.nat(3), (change, content, limit) => {
    const rules = { ...RULES, ...change };
    const world: World = {
      secret: content && secret(content),
      database: new Map(content ? [[content.username ?? "", content.password ?? ""]] : []),
    };
    const former = login(world);
    const works = ([user, password]: readonly [string, string]) =>
      world.database.get(user) === password;
    pass(world, rules, limit, "P1");
    // Whoever read the Secret before or reads it now gets in, unless nothing was made yet.
    assert.ok(content === undefined || works(former) || works(login(world)));
    // One pass for the Secret, one for the database, and for a first date one more.
    for (const _ of ["Secret", "database"]) pass(world, rules, Infinity, "P2");
    assert.ok(works(login(world)), "the Secret logs in");
    if (content === undefined) pass(world, rules, Infinity, "P2");
    assert.equal(pass(world, rules, Infinity, "P3"), 0, "nothing is left to do");
  }));
});

Deno.test("a Secret in another namespace is made before its role, and holds up nothing else", () => {
  const far = { ...credential("app"), secret: { namespace: "far", name: "app.secret" } };
  const missing = planCredentials(input({ credentials: [far] }));
  assert.deepEqual(missing.steps.map(({ onError }) => onError), ["continue"]);
  assert.equal(missing.credentials.get("app")?.state, "degraded");
  assert.deepEqual(missing.held, []);
  const present = known(secret({ username: "app", password: "P" }));
  const made = planCredentials(input({ credentials: [far], secretOf: () => present }));
  assert.equal(made.credentials.get("app")?.state, "ready");
});
