/**
 * Checks stored verifiers against passwords, and makes new ones, before a pass is planned. Deriving a
 * key is meant to be slow, and whoever logs in may store a verifier that is slower than ours: so it is
 * done beside the event loop, one at a time for all clusters, for so long a pass, and never twice for
 * what was derived before.
 */

import { BoundedMap } from "../../lib/bounded_map.ts";
import { Sensitive } from "../../lib/sensitive.ts";
import { encryptionOf, USUAL_ENCRYPTION } from "../plan/roles/encryption.ts";
import { wantedRoles } from "../plan/roles/wanted.ts";
import type { PlanContext } from "../plan/steps/context.ts";
import {
  type CheckedPasswords,
  type PasswordAnswer,
  passwordsFrom,
} from "../plan/steps/passwords.ts";
import {
  checkToMake,
  type Derivation,
  derivationKey,
  hasEncryption,
  KEY_BYTES,
  type PasswordEncryption,
  type PasswordOf,
  scramVerifier,
  verifierToMake,
} from "../sql/scram.ts";

/** Verifiers that were derived, by what they were derived from. Bounded; shared by all clusters. */
export interface DerivedVerifiers {
  get(of: Derivation): string | undefined;
  /** Derives it beside the event loop, after those that were asked for before. */
  derive(of: Derivation): Promise<string>;
}

const CACHE_ENTRIES = 20_000;
/** How long one pass may derive before what is left waits for the next pass. */
const BUDGET_MS = 2000;
/** Letters of a salt; those of a new password are random. */
const SALT_LETTERS = 16;

/** Makes the store. */
export function createDerivedVerifiers(entries = CACHE_ENTRIES): DerivedVerifiers {
  const known = new BoundedMap<string, string>(entries);
  let last: Promise<unknown> = Promise.resolve();
  return {
    get: (of) => known.get(derivationKey(of)),
    derive(of) {
      const next = last.then(async () => {
        const key = derivationKey(of);
        const verifier = known.get(key) ?? scramVerifier(await saltedPassword(of), of);
        known.set(key, verifier);
        return verifier;
      });
      last = next.catch(() => {});
      return next;
    },
  };
}

async function saltedPassword({ password, salt, iterations }: Derivation): Promise<Uint8Array> {
  const raw = new TextEncoder().encode(password);
  const key = await crypto.subtle.importKey("raw", raw, "PBKDF2", false, ["deriveBits"]);
  const algorithm = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, KEY_BYTES * 8));
}

/** What a pass asks about one role. */
interface Question {
  readonly of: PasswordOf;
  /** Absent where the role has no password, or does not exist. */
  readonly verifier: Sensitive | undefined;
}

export interface CheckOptions {
  readonly budgetMs?: number;
  readonly signal: AbortSignal;
}

/** Finds out what the plan of a pass will ask, as far as the time goes. */
export async function checkPasswords(
  context: Omit<PlanContext, "passwords">,
  derived: DerivedVerifiers,
  { budgetMs = BUDGET_MS, signal }: CheckOptions,
): Promise<CheckedPasswords> {
  const endMs = performance.now() + budgetMs;
  const inTime = () => performance.now() < endMs && !signal.aborted;
  const { catalog } = context.observed;
  const stored = catalog?.known ? catalog.value.passwordEncryption : USUAL_ENCRYPTION;
  const encryption = encryptionOf(context, stored);
  const answers: PasswordAnswer[] = [];
  let left = 0;
  for (const { of, verifier } of questions(context)) {
    const fits = verifier === undefined ? false : await fitsIn(derived, { of, verifier }, inTime);
    if (fits === undefined) {
      left++;
      continue;
    }
    if (verifier !== undefined) answers.push({ of, verifier, fits });
    if (fits && verifier !== undefined && hasEncryption(of.password, verifier, encryption)) {
      continue;
    }
    if (!inTime()) left++;
    else {
      const made = await newVerifier(context, derived, { of, encryption });
      answers.push({ of, encryption, made });
    }
  }
  return passwordsFrom(left, answers);
}

/** Every role with a password of ours, and how the database has it. */
function questions(context: Omit<PlanContext, "passwords">): Question[] {
  const { catalog } = context.observed;
  if (catalog === undefined) return [];
  if (!catalog.known) {
    // Locked out: the superuser's password is set from inside its pod.
    const superuser = context.credentials.credentials.get(context.config.superUsername);
    return catalog.lockedOut && superuser?.state === "ready"
      ? [{ of: superuser, verifier: undefined }]
      : [];
  }
  const { roles } = catalog.value;
  return wantedRoles(context, catalog.value).flatMap(({ name, password }) =>
    password === undefined || password.reveal() === ""
      ? []
      : [{ of: { username: name, password }, verifier: roles.get(name)?.verifier }]
  );
}

/** Undefined where the time is over. */
async function fitsIn(
  derived: DerivedVerifiers,
  { of, verifier }: { readonly of: PasswordOf; readonly verifier: Sensitive },
  inTime: () => boolean,
): Promise<boolean | undefined> {
  const check = checkToMake(of, verifier);
  if (typeof check === "boolean") return check;
  for (const each of check) {
    const known = derived.get(each);
    if (known === undefined && !inTime()) return undefined;
    if ((known ?? await derived.derive(each)) === verifier.reveal()) return true;
  }
  return false;
}

async function newVerifier(
  { newPassword }: Pick<PlanContext, "newPassword">,
  derived: DerivedVerifiers,
  { of, encryption }: { readonly of: PasswordOf; readonly encryption: PasswordEncryption },
): Promise<Sensitive> {
  const salt = new TextEncoder().encode(newPassword().reveal().slice(0, SALT_LETTERS));
  const toMake = verifierToMake(of, encryption, salt);
  return toMake instanceof Sensitive ? toMake : new Sensitive(await derived.derive(toMake));
}
