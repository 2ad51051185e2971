/** What may be asked of the operator by an annotation, and how that is written. Pure. */

import type { Json } from "../changed_paths.ts";
import type { Manifest } from "./manifest.ts";

export const PREFIX = "acid.zalan.do/request-";

/** What may be asked for. */
export interface Action {
  readonly what: string;
  readonly title: string;
  readonly tells: string;
  /** Holds for as long as its annotation is there. */
  readonly lasting?: boolean;
  /** On the button of the page that ends it. */
  readonly end?: string;
}

export const ACTIONS: readonly Action[] = [
  {
    what: "switchover",
    title: "Switchover",
    tells: "Hands over to a replica. Connections to the primary break for some seconds.",
  },
  {
    what: "restart",
    title: "Restart",
    tells:
      "Recreates all pods one by one, the primary last; or restarts PostgreSQL alone, where a " +
      "changed parameter waits for it.",
  },
  {
    what: "backup",
    title: "Logical backup now",
    tells: "Makes a Job from the CronJob of the logical backup.",
  },
  {
    what: "upgrade-check",
    title: "Check of an upgrade",
    tells: "Runs pg_upgrade --check in the primary's pod. Nothing is changed.",
  },
  {
    what: "pause",
    title: "Pause",
    tells: "Nothing of the cluster is changed until the pause ends; PostgreSQL runs on.",
    lasting: true,
    end: "End the pause",
  },
  {
    what: "hibernate",
    title: "Hibernate",
    tells: "A checkpoint, then no pods: nobody can connect. Volumes, Services and Secrets stay.",
    lasting: true,
    end: "Wake it up",
  },
];

/** Arguments of a request, as they are written: `to=acid-orders-1`. Empty ones are left out. */
export type Arguments = Readonly<Record<string, string>>;

/** The text of the annotation. */
export function requestText(id: string, given: Arguments): string {
  const parts = Object.entries(given).filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}=${value}`);
  return [id, ...parts].join(",");
}

/** An id that nobody has used: this minute, and something by chance. */
export function newId(now: Date, random: () => number): string {
  const minute = now.toISOString().slice(0, 16).replaceAll(/\D/g, "");
  return `ui-${minute}-${Math.floor(random() * 36 ** 4).toString(36).padStart(4, "0")}`;
}

/** The annotation of a request that stands; undefined where there is none. */
export function standing({ metadata }: Manifest, what: string): string | undefined {
  const value = metadata.annotations?.[PREFIX + what];
  return typeof value === "string" ? value : undefined;
}

/** A merge patch that asks for it, or with null ends it, for the manifest that was seen. */
export function requestPatch(
  { metadata: { resourceVersion = "" } }: Manifest,
  what: string,
  text: string | null,
): Json {
  return { metadata: { resourceVersion, annotations: { [PREFIX + what]: text } } };
}

/** The same for a terminal. */
export function kubectlLine(
  { metadata: { namespace, name } }: Manifest,
  what: string,
  text: string | null,
): string {
  const annotation = text === null ? `${PREFIX}${what}-` : `${PREFIX}${what}=${text}`;
  return `kubectl annotate postgresql --namespace ${namespace} ${name} --overwrite ${annotation}`;
}
