/**
 * What an existing role lacks. Nothing that a role has is taken away, except by a NO attribute and
 * where its settings are decided by the operator.
 *
 * Zalando: pkg/util/users/users.go, ProduceSyncRequests
 */

import type { Sensitive } from "../../../lib/sensitive.ts";
import type { CatalogRole } from "../../observed/catalog.ts";
import { hasEncryption, type PasswordEncryption } from "../../sql/scram.ts";
import { sameSetting, settingKey } from "../../sql/settings.ts";
import type { CheckedPasswords } from "../steps/passwords.ts";
import type { WantedRole } from "./wanted.ts";

export interface RoleDifferences {
  /** Attributes to set, in the form that ALTER ROLE takes. */
  readonly flags: readonly string[];
  /** The password that the role does not let in yet, or that is stored in another form. */
  readonly password?: { readonly value: Sensitive; readonly reason: string };
  readonly memberOf: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly reset: readonly string[];
}

/** How passwords are stored, and what was found out about those that are. */
export interface PasswordRules {
  readonly encryption: PasswordEncryption;
  readonly passwords: CheckedPasswords;
}

/** Compares a wanted role with the one in the database. */
export function roleDifferences(
  wanted: WantedRole,
  found: CatalogRole,
  rules: PasswordRules,
): RoleDifferences {
  const password = passwordDifference(wanted, found, rules);
  return {
    flags: wanted.flags.filter((flag) => lacksFlag(found, flag)),
    ...(password === undefined ? {} : { password }),
    memberOf: wanted.memberOf.filter((group) =>
      group !== wanted.name && !found.memberOf.includes(group)
    ),
    ...settingDifferences(wanted, found),
  };
}

function lacksFlag(found: CatalogRole, flag: string): boolean {
  return flag.startsWith("NO") ? found.flags.includes(flag.slice(2)) : !found.flags.includes(flag);
}

function passwordDifference(
  { name, password }: WantedRole,
  { verifier }: CatalogRole,
  { encryption, passwords }: PasswordRules,
): RoleDifferences["password"] {
  if (password === undefined || password.reveal() === "") return undefined;
  const differs = (why: string) => ({ value: password, reason: `role ${name}: ${why}` });
  if (verifier === undefined) return differs("has no password");
  const fits = passwords.fits({ username: name, password }, verifier);
  // Not found out yet is no reason to change anything.
  if (fits === undefined) return undefined;
  if (!fits) {
    return differs("its password is not that of its Secret");
  }
  if (!hasEncryption(password, verifier, encryption)) {
    return differs(`its password is not stored as ${encryption}`);
  }
  return undefined;
}

/** Settings that are decided here are decided as a whole. */
function settingDifferences(
  wanted: WantedRole,
  found: CatalogRole,
): Pick<RoleDifferences, "set" | "reset"> {
  const entries = Object.entries(wanted.settings);
  if (entries.length === 0) return { set: {}, reset: [] };
  const keys = new Set(entries.map(([name]) => settingKey(name)));
  const differing = entries.filter(([name, value]) => {
    const stored = found.settings[settingKey(name)];
    return stored === undefined || !sameSetting(name, value, stored);
  });
  return {
    set: Object.fromEntries(differing),
    reset: Object.keys(found.settings).filter((name) => !keys.has(name)),
  };
}
