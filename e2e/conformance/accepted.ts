/**
 * Differences from the recorded reference that are wanted: a bug of it that is fixed, a change that
 * ours makes at once and the reference on a later event, or an addition. `accepted.yaml` lists them
 * by what they are, never by case; an entry that matches nothing is an error.
 */

import { parse } from "yaml";
import { CIRCUMSTANCES, type Place } from "./circumstances.ts";

const FOLDER = new URL("../testdata/reference/", import.meta.url);

/** The lists: of the cases without a database, and of those with one. */
const FILES = { cases: ["accepted.yaml"], all: ["accepted.yaml", "accepted_db.yaml"] };

interface Entry {
  /** Feature or finding that the difference is about. */
  readonly id: string;
  /** Regular expression over the text of a difference. */
  readonly path: string;
  /** Regular expression over `config/case/step`; every step where it is left out. */
  readonly steps?: string;
  /** One of `CIRCUMSTANCES`; looked at where whole steps are compared. */
  readonly given?: string;
  readonly why: string;
}

/** The list of accepted differences, and how often each was met. */
export interface Accepted {
  /** True for a wanted difference; counts it. */
  accepts(step: string, difference: string, place?: Place): boolean;
  /** Every entry that no difference matched: its id and path. */
  unmet(): string[];
}

function holds(given: string, place: Place, difference: string): boolean {
  const circumstance = CIRCUMSTANCES[given];
  if (circumstance === undefined) throw new Error(`no circumstance is called ${given}`);
  return circumstance(place, difference);
}

/** Reads the accepted differences of some recordings. */
export function readAccepted(recordings: keyof typeof FILES): Accepted {
  const entries = FILES[recordings].flatMap((name) =>
    parse(Deno.readTextFileSync(new URL(name, FOLDER))) as Entry[]
  );
  const rows = entries.map((entry) => ({
    ...entry,
    text: new RegExp(entry.path),
    place: new RegExp(entry.steps ?? "."),
    met: 0,
  }));
  return {
    accepts(step, difference, at) {
      const row = rows.find(({ text, place, given }) =>
        place.test(step) && text.test(difference) &&
        (given === undefined || at === undefined || holds(given, at, difference))
      );
      if (row) row.met++;
      return row !== undefined;
    },
    unmet: () => rows.filter(({ met }) => met === 0).map(({ id, path }) => `${id} ${path}`),
  };
}
