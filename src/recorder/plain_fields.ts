/**
 * What planners look into, and what holds no text of anybody's own: it stays readable in recordings.
 * Everything else is hidden unless it is harmless by its field or form (`src/lib/harmless.ts`).
 */

import { ANNOTATIONS_LABEL } from "../cluster/plan/objects/service_annotations.ts";
import { holdsOwnTexts, isSecretName } from "../lib/harmless.ts";
import type { Segment } from "../lib/redact.ts";

/** Parts of a planner's input that the operator makes itself. */
const OWN_PARTS: ReadonlySet<string> = new Set([
  ...["memory", "brake", "refusals", "foreignObjects", "phase", "sources", "operator"],
]);

/** Names of roles, databases and members, and words that the operator or Kubernetes has chosen. */
const NAMES: ReadonlySet<string> = new Set([
  ...["role", "adminRole", "memberOf", "openTo", "origin", "severity", "withholds", "flags"],
  ...["username", "owner", "team", "members", "podIP", "pod", "primary"],
  ...["usersWithSecretRotation", "usersWithInPlaceSecretRotation", "usersIgnoringSecretRotation"],
  ...["infrastructureRoles", "secretNamespace", "source", "store", "method", "window", "format"],
  ...["strength", "declaredBy", "subject", "state", "status", "what", "why", "wish", "id", "time"],
  ...["privilegedOwners", "encryption", "passwordEncryption"],
]);
/** Of a pooler alone: elsewhere people write what they like there. */
const POOLER_NAMES: ReadonlySet<string> = new Set(["user", "podUser", "schema"]);
/** Specifications of containers, which hold fields of these names too. */
const CONTAINERS: ReadonlySet<string> = new Set(["initContainers", "sidecars", "containers"]);

const QUANTITY = /^[+-]?[\d.]{1,12}([eE][+-]?\d{1,2}|[numkMGTPE]?i?)$/;
const AMOUNTS: ReadonlySet<string> = new Set(["cpu", "memory", "storage"]);
const PROGRAMS = /^\/usr\/lib\/postgresql\/\d{1,3}\/bin$/;

/** True for a text that stays as it is although no list says that it is harmless. */
export function isPlannersOwn(value: string, path: readonly Segment[]): boolean {
  const fields = path.filter(({ element }) => !element).map(({ key }) => key);
  const [part = "", last = ""] = [fields[0], fields.at(-1)];
  // Short hashes of names of annotations.
  if (last === ANNOTATIONS_LABEL) return true;
  if (last === "bin_dir") return PROGRAMS.test(value);
  if (AMOUNTS.has(last)) return QUANTITY.test(value);
  if (last === "name" && path.at(-2)?.element === true) return true;
  // Names of annotations and parameters, not what they are set to.
  const isList = path.at(-1)?.element === true && fields.length === 2;
  if (isList && ["config", "memory"].includes(part)) return true;
  if (fields.some(holdsOwnTexts)) return false;
  // What is secret of the configuration does not show itself anyhow.
  if (part === "config") return true;
  if (isSecretName(last)) return false;
  if (OWN_PARTS.has(part) || isOwnSentence(path)) return true;
  if (fields.some((field) => CONTAINERS.has(field))) return false;
  return NAMES.has(last) ||
    part === "effective" && fields[1] === "pooler" && POOLER_NAMES.has(last);
}

/** What the operator says itself of a part that is unknown, or cannot be. */
function isOwnSentence(path: readonly Segment[]): boolean {
  const root = path[0]?.key ?? "";
  return ["reason", "message"].includes(path.at(-1)?.key ?? "") &&
    ["observed", "effective", "desired"].includes(root);
}
