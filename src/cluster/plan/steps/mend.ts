/** What a step puts right in one object, so that a later pass knows whether it lasted. Pure. */

import { createHash } from "node:crypto";
import type { KubeObject } from "../../../kubernetes/types.gen.ts";
import { describeRef, type ObjectRef } from "../../../ports/requests.ts";
import { describeMismatch } from "../compare/difference.ts";
import { managerOf } from "../compare/managers.ts";
import type { Subject } from "../../subject.ts";
import type { Held, Mend, MendedField } from "./action.ts";

/**
 * The wish for the object `ref` (what is built of it), and where the observed one is not as wished.
 * There is none where it is created.
 */
export function mendOf(
  ref: ObjectRef,
  wish: unknown,
  observed?: KubeObject,
  differences: readonly MendedField[] = [],
): Mend {
  const { generation, managedFields, uid } = observed?.metadata ?? {};
  // A pod that comes again under its name has not been written yet.
  const again = ref.kind === "Pod" ? ` ${uid}` : "";
  return {
    object: `${describeRef(ref)}${again}`,
    wish: hashOf(wish),
    ...(generation === undefined ? {} : { generation }),
    differences: differences.map(({ path, desired, observed, sensitive }) => {
      const manager = managerOf(path, managedFields);
      return {
        path,
        desired,
        observed,
        ...(sensitive === true ? { sensitive } : {}),
        ...(manager === undefined ? {} : { manager }),
      };
    }),
  };
}

/** Says which fields of an object somebody else has set to another value than the wished one. */
export function overridden(
  subject: Subject,
  object: string,
  fields: readonly MendedField[],
): Held {
  const texts = fields.map(({ manager, ...field }) => {
    const text = describeMismatch(field);
    return manager === undefined ? text : `${text} (set by ${manager})`;
  });
  const unique = [...new Set(texts)];
  return {
    subject,
    kind: "overridden",
    reason: `${object}: left to others: ${unique.join("; ")}`,
    fields: [...new Set(fields.map(({ path }) => `${object}: ${path}`))],
  };
}

/** Hash of a value by its JSON text; what is secret in it does not count. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64");
}
