/**
 * Who logs in with what: decides for every role with a password what its Secret should hold, what
 * has to be written, and which password the database should know. The states are in
 * `credentials.md`.
 *
 * A Secret is always written before the database follows it, so that after a crash the Secret is
 * the truth. One that cannot be read is left alone, and so is its role.
 *
 * Zalando: pkg/cluster/sync.go, syncSecrets, updateSecret
 */

import { createHash } from "node:crypto";
import type { Pod, Secret } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import { known, type Observation } from "../../../ports/observation.ts";
import type { Sensitive } from "../../../lib/sensitive.ts";
import type { DesiredCredential } from "../../desired/cluster.ts";
import type { DesiredRole, RoleOrigin } from "../../desired/roles/role.ts";
import type { InfrastructureRole } from "../../effective/inputs.ts";
import type { HeldKind, Step } from "../steps/action.ts";
import { compareCredentialMetadata } from "../compare/secret.ts";
import { secretNameProblem } from "../../desired/names.ts";
import {
  type CredentialPlan,
  eventStep,
  type NamedSecret,
  type StepOptions,
} from "../steps/context.ts";
import { isRotatedName, rotationCleanup, rotationMode, type RotationRules } from "./rotation.ts";
import type { Credential, RotationCleanup } from "../steps/credential.ts";
import {
  type ContentChange,
  contentChange,
  type DatabaseReach,
  type SecretContent,
  secretContent,
} from "./secret_content.ts";
import {
  restartMarks,
  secretCreation,
  secretName,
  secretPatch,
  secretReplacement,
  type WrittenContent,
} from "./secret_steps.ts";
import { clusterEvent } from "../../events.ts";

export interface CredentialInput {
  /** Of the cluster. */
  readonly namespace: string;
  /** A new cluster waits for all its Secrets, a running one goes on without one that cannot be. */
  readonly stage: "new" | "running";
  /** Roles of these origins are left as they are, and why. */
  readonly withheld: ReadonlyMap<RoleOrigin, string>;
  /** By role: the password that a user name was put beside, as `fingerprint` has it. */
  readonly named: ReadonlyMap<string, string>;
  /** Secrets whose last write failed. */
  readonly unwritten: ReadonlySet<string>;
  readonly credentials: readonly DesiredCredential[];
  readonly roles: readonly DesiredRole[];
  /** Why a Secret is not this cluster's, whether it is there or not. */
  readonly strangeness: (
    credential: DesiredCredential,
    secret: Secret | undefined,
  ) => string | undefined;
  readonly secretOf: (credential: DesiredCredential) => Observation<Secret | undefined>;
  readonly infrastructureRoles: Observation<readonly InfrastructureRole[]>;
  readonly rules: RotationRules;
  readonly database: DatabaseReach;
  readonly pods: Observation<readonly Pod[]>;
  readonly poolerPods: Observation<readonly Pod[]>;
  readonly config: Config;
  readonly now: Date;
  /** Makes a new random password. */
  readonly newPassword: () => Sensitive;
}

/** What is decided about one role. */
interface Decision {
  readonly credential: Credential;
  readonly steps?: readonly Step[];
  readonly held?: { readonly kind: HeldKind; readonly reason: string };
  readonly named?: NamedSecret;
  readonly cleanup?: RotationCleanup;
  readonly postponed?: string;
}

interface Scope extends CredentialInput {
  /** Names of all roles. */
  readonly taken: ReadonlySet<string>;
}

/** Plans all credentials of a cluster. */
export function planCredentials(input: CredentialInput): CredentialPlan {
  const scope = { ...input, taken: new Set(input.roles.map(({ name }) => name)) };
  const roles = new Map(input.roles.map((role) => [role.name, role]));
  const owners = secretOwners(input);
  const decisions = input.credentials.map((credential) => {
    const role = roles.get(credential.role);
    if (role === undefined) return held(credential, "refused", "it is no role of this cluster");
    const owner = owners.get(secretName(credential));
    if (owner === role.name) return decide(scope, credential, role);
    const reason = `Secret ${secretName(credential)} belongs to role ${owner}`;
    return held(credential, "refused", reason);
  });
  return {
    steps: decisions.flatMap(({ steps }) => steps ?? []),
    held: decisions.flatMap(({ held }) => held ? [{ subject: "credentials", ...held }] : []),
    credentials: new Map(decisions.map(({ credential }) => [credential.role, credential])),
    named: decisions.flatMap(({ named }) => named ?? []),
    cleanups: decisions.flatMap(({ cleanup }) => cleanup ?? []),
    postponed: decisions.flatMap(({ postponed }) => postponed ?? []),
  };
}

/**
 * Whose a Secret is where several roles come to the same name (`a-b` and `a_b`): the one it names,
 * otherwise the first.
 */
function secretOwners(input: CredentialInput): Map<string, string> {
  const owners = new Map<string, string>();
  for (const credential of input.credentials) {
    const observed = input.secretOf(credential);
    const content = observed.known && observed.value ? secretContent(observed.value) : undefined;
    const username = content?.username ?? "";
    const named = username === credential.role || isRotatedName(username, credential.role);
    const key = secretName(credential);
    if (named || !owners.has(key)) owners.set(key, credential.role);
  }
  return owners;
}

function decide(
  input: Scope,
  credential: DesiredCredential,
  role: DesiredRole,
): Decision {
  const withheld = input.withheld.get(role.origin);
  if (withheld !== undefined) return { credential: degraded(credential, withheld) };
  const problem = secretNameProblem(credential.secret.name);
  if (problem !== undefined) {
    return held(credential, "refused", `Secret ${secretName(credential)} cannot be: ${problem}`);
  }
  const observed = input.secretOf(credential);
  if (!observed.known) return held(credential, "unreadable", observed.reason);
  const strange = input.strangeness(credential, observed.value);
  if (strange !== undefined) return held(credential, "refused", strange);
  const infrastructure = definition(input, role);
  if (!infrastructure.known) return held(credential, "unreadable", infrastructure.reason);
  if (observed.value === undefined) {
    const password = infrastructure.value?.password ?? input.newPassword();
    return missing(input, credential, { username: role.name, password });
  }
  const secret = observed.value;
  if (secret.metadata.deletionTimestamp !== undefined) {
    return held(credential, "waiting", `Secret ${secretName(credential)} is being deleted`);
  }
  if (infrastructure.value) {
    return fromDefinition(input, { credential, secret }, infrastructure.value);
  }
  const content = secretContent(secret);
  if (content === undefined) {
    const reason = `Secret ${secretName(credential)} holds bytes that are no text`;
    return held(credential, "refused", reason);
  }
  return fromSecret(input, { credential, secret, content, role });
}

/**
 * A Secret may be impossible to make: by a quota, a policy, a webhook, or in another namespace. The
 * database is told of a password only once it stands in its Secret.
 */
function missing(
  input: CredentialInput,
  credential: DesiredCredential,
  content: { readonly username: string; readonly password: Sensitive },
): Decision {
  const near = credential.secret.namespace === input.namespace;
  return {
    credential: input.stage === "new" && near
      ? ready({ name: credential.role }, content)
      : writtenFirst(input, credential),
    steps: [secretCreation(credential, content, optionsOf(input))],
  };
}

/** In a running cluster a refused write harms its own role only. */
function optionsOf({ stage }: CredentialInput): StepOptions {
  return { onError: stage === "new" ? "stop" : "continue" };
}

function writtenFirst(input: CredentialInput, credential: DesiredCredential): Credential {
  const name = secretName(credential);
  const left = degraded(credential, `Secret ${name} is written first`);
  return input.unwritten.has(name) ? left : { ...left, pending: true };
}

/** The definition of an infrastructure role; known to be undefined for every other role. */
function definition(
  { infrastructureRoles }: CredentialInput,
  role: DesiredRole,
): Observation<InfrastructureRole | undefined> {
  if (infrastructureRoles.known) {
    const ofOrigin = role.origin === "infrastructure";
    return known(
      ofOrigin ? infrastructureRoles.value.find(({ name }) => name === role.name) : undefined,
    );
  }
  // While definitions are unread, a role of the manifest may in truth be one of them.
  return role.origin === "manifest" ? infrastructureRoles : known(undefined);
}

interface Existing {
  readonly credential: DesiredCredential;
  readonly secret: Secret;
}

/** The password of an infrastructure role is that of its definition, whatever the Secret says. */
function fromDefinition(
  input: CredentialInput,
  { credential, secret }: Existing,
  role: InfrastructureRole,
): Decision {
  const wanted = { username: role.name, password: role.password };
  const content = secretContent(secret);
  const same = content?.username === role.name && content.password?.equals(role.password);
  const steps = same ? patch(input, { credential, secret }) : [
    secretReplacement(credential, secret, {
      content: wanted,
      reason: `Secret ${secretName(credential)} does not hold what infrastructure role ` +
        `${role.name} has`,
      options: optionsOf(input),
    }),
  ];
  return { credential: ready(role, wanted), steps };
}

/** What stands in the Secret of any other role counts, unless it has to change. */
function fromSecret(
  input: Scope,
  existing: Existing & { readonly content: SecretContent; readonly role: DesiredRole },
): Decision {
  const { credential, content, role } = existing;
  const change = contentChange({ ...input, content, role });
  switch (change.kind) {
    case "refuse":
      return held(credential, "refused", change.reason);
    case "postpone":
      return { ...kept(input, existing, {}, []), postponed: change.reason };
    case "keep":
      return kept(input, existing, {}, []);
    case "date":
      return kept(input, existing, { nextRotation: change.nextRotation }, [change.reason]);
    case "name":
      return named(input, existing, change);
    case "password":
      return changed(input, existing, change);
  }
}

/**
 * The user name is put beside a password that people chose. Whoever takes it out again, as a
 * controller does that owns the Secret, is not argued with: it is written once for a password.
 */
function named(
  input: CredentialInput,
  existing: Existing & { readonly content: SecretContent; readonly role: DesiredRole },
  { username, reason }: ContentChange & { kind: "name" },
): Decision {
  const { credential, content: { password }, role } = existing;
  const decision = kept(input, { ...existing, content: { ...existing.content, username } }, {}, []);
  if (password === undefined) return decision;
  if (input.named.get(role.name) === fingerprint(password)) {
    const left = `${reason}; it was taken out again, so it is left out`;
    return { ...decision, held: { kind: "left", reason: left } };
  }
  const steps = patch(input, existing, { username }, [reason]);
  const message = `${reason}: it gets ${username}, and keeps its password`;
  return {
    ...decision,
    steps: [...steps, eventStep("credentials", clusterEvent("userNameCompleted", message))],
    named: { role: role.name, secret: credential.secret, password: fingerprint(password) },
  };
}

/** Tells one password from another without holding it. */
export function fingerprint(password: Sensitive): string {
  return createHash("sha256").update(password.reveal()).digest("base64");
}

/** User name and password stay. */
function kept(
  input: CredentialInput,
  existing: Existing & { readonly content: SecretContent; readonly role: DesiredRole },
  written: WrittenContent,
  reasons: readonly string[],
): Decision {
  const { content: { username, password }, role } = existing;
  const steps = patch(input, existing, written, reasons);
  const usable = username === role.name || isRotatedName(username ?? "", role.name);
  if (username === undefined || password === undefined || !usable) {
    const reason = "its Secret does not hold its user name and password";
    return { credential: degraded(existing.credential, reason), steps };
  }
  return {
    credential: ready(role, { username, password }),
    steps,
    ...cleanupOf(input, existing, username),
  };
}

/**
 * A new password: pods that hold it as a variable are marked first, then the Secret is written; the
 * database follows once it stands there.
 */
function changed(
  input: CredentialInput,
  existing: Existing & { readonly content: SecretContent; readonly role: DesiredRole },
  change: ContentChange & { kind: "password" },
): Decision {
  const { role } = existing;
  const marks = marksFor(input, role, change);
  if (!marks.known) {
    const postponed = `${change.reason}; waits for the list of pods: ${marks.reason}`;
    return { ...kept(input, existing, {}, []), postponed };
  }
  const { username, nextRotation } = change;
  const password = input.newPassword();
  const written = { username, password, nextRotation };
  const isNew = input.stage === "new";
  return {
    credential: isNew ? ready(role, written) : writtenFirst(input, existing.credential),
    steps: [...marks.value, ...patch(input, existing, written, [change.reason])],
    ...cleanupOf(input, existing, username),
  };
}

function marksFor(
  input: CredentialInput,
  role: DesiredRole,
  change: ContentChange & { kind: "password" },
): Observation<Step[]> {
  if (change.mode !== "in place") return known([]);
  const pods = role.origin === "system"
    ? input.pods
    : role.origin === "pooler"
    ? input.poolerPods
    : known([]);
  return pods.known ? known(restartMarks(pods.value, change.reason)) : pods;
}

function patch(
  input: CredentialInput,
  { credential, secret }: Existing,
  content: WrittenContent = {},
  reasons: readonly string[] = [],
): Step[] {
  const differences = compareCredentialMetadata(
    credential.metadata,
    secret.metadata,
    input.config,
  );
  const options = optionsOf(input);
  return secretPatch(credential, secret, { content, differences, reasons, options });
}

/** Only roles that are or were rotated have left-over logins. */
function cleanupOf(
  input: CredentialInput,
  { content, role }: { readonly content: SecretContent; readonly role: DesiredRole },
  username: string,
): { cleanup?: RotationCleanup } {
  const { rules, now } = input;
  const concerned = rotationMode(role, rules) !== undefined || content.nextRotation !== undefined;
  if (!concerned || rules.standby) return {};
  return { cleanup: rotationCleanup(role.name, username, rules, now) };
}

function ready(
  role: { readonly name: string },
  content: { readonly username: string; readonly password: Sensitive },
): Credential {
  const { username, password } = content;
  return { state: "ready", role: role.name, username, password };
}

function degraded({ role }: DesiredCredential, why: string): Extract<Credential, Degraded> {
  return { state: "degraded", role, reason: `role ${role}: ${why}` };
}

type Degraded = { readonly state: "degraded" };

function held(credential: DesiredCredential, kind: HeldKind, why: string): Decision {
  const left = degraded(credential, why);
  return { credential: left, held: { kind, reason: left.reason } };
}
