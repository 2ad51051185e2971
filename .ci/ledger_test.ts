/**
 * The ledger of features: every id of `docs/reference/features.md` is shown by something that is
 * there (a recorded case, a test, an accepted difference) or has its line in
 * `docs/compatibility.md`; and every accepted difference has one too.
 */

import assert from "node:assert/strict";
import { parse } from "yaml";

const ROOT = new URL("../", import.meta.url).pathname;
const REFERENCE = "e2e/testdata/reference";

/** Areas and how many features each has. */
const COUNTS: Readonly<Record<string, number>> = {
  "D": 42,
  "F-API": 6,
  "F-BKP": 9,
  "F-CFG": 15,
  "F-CI": 3,
  "F-CLI": 2,
  "F-CLN": 9,
  "F-CRD": 15,
  "F-CTL": 26,
  "F-DB": 10,
  "F-DOC": 1,
  "F-FIN": 4,
  "F-HELM": 6,
  "F-IMG": 3,
  "F-INF": 6,
  "F-LBL": 4,
  "F-LOG": 1,
  "F-MAN": 3,
  "F-MVU": 8,
  "F-MW": 4,
  "F-PDB": 4,
  "F-POOL": 15,
  "F-ROLL": 15,
  "F-ROT": 7,
  "F-SCALE": 5,
  "F-SEC": 12,
  "F-SQL": 11,
  "F-STA": 3,
  "F-STR": 8,
  "F-STS": 26,
  "F-SVC": 11,
  "F-SYNC": 22,
  "F-TEAM": 8,
  "F-TLS": 3,
  "F-UI": 12,
  "F-USR": 14,
  "F-VOL": 9,
  "F-XTR": 9,
};

interface Feature {
  readonly id: string;
  readonly evidence: readonly string[];
}

function read(path: string): string {
  return Deno.readTextFileSync(`${ROOT}${path}`);
}

function isFile(path: string): boolean {
  return exists(path)?.isFile ?? false;
}

function isFolder(path: string): boolean {
  return exists(path)?.isDirectory ?? false;
}

function exists(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(`${ROOT}${path}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function features(): Feature[] {
  const rows = read("docs/reference/features.md").matchAll(
    /^\| ([FD]-[\w-]+) +\| (?:[^|]+)\| ([^|]+)\|$/gm,
  );
  return [...rows].map(([, id = "", evidence = ""]) => ({
    id,
    evidence: evidence.split(/, (?=`|case |recorded |accepted )/).map((part) => part.trim()),
  }));
}

/** Ids of `docs/compatibility.md` by the heading that they stand under. */
function compatibility(): Map<string, string> {
  const found = new Map<string, string>();
  let heading = "";
  for (const line of read("docs/compatibility.md").split("\n")) {
    heading = /^## (.*)/.exec(line)?.[1] ?? heading;
    const id = /^- \*\*([\w-]+)\*\* — /.exec(line)?.[1];
    if (id === undefined) continue;
    assert.ok(!found.has(id), `${id} has two lines in docs/compatibility.md`);
    found.set(id, heading);
  }
  return found;
}

function acceptedIds(): Set<string> {
  const lists = ["accepted.yaml", "accepted_db.yaml"].map((name) =>
    parse(read(`${REFERENCE}/${name}`)) as readonly { id: string }[]
  );
  return new Set(lists.flat().map(({ id }) => id));
}

const HEADINGS: Readonly<Record<string, string>> = {
  "fixed": "Fixed",
  "kept": "Kept",
  "replaced": "Replaced",
  "still open": "Still open",
};

/** A test, or scenarios on real servers (`deno task e2e:full`). */
const TEST = /_test\.ts$|^e2e\/scenarios\/groups\/\w+\.ts$/;

/** What is wrong with one piece of evidence; undefined where it holds. */
function flaw(id: string, evidence: string, listed: string | undefined): string | undefined {
  if (evidence in HEADINGS) {
    const wanted = HEADINGS[evidence];
    return listed === wanted ? undefined : `${id} has no line under "${wanted}"`;
  }
  if (evidence === "accepted difference") {
    return acceptedIds().has(id) ? undefined : `${id} is no accepted difference`;
  }
  const found = /^(case |recorded databases )?`([^`]+)`(?: \((.+)\))?$/.exec(evidence);
  const [, kind, name = "", words = ""] = found ?? [];
  if (found === null) return `${id}: ${evidence} says nothing`;
  if (kind === "case ") {
    return isFile(`${REFERENCE}/cases/${name}/1.yaml`) ? undefined : `${id}: no case ${name}`;
  }
  if (kind !== undefined) {
    return isFolder(`${REFERENCE}/cases-db/${name}`) ? undefined : `${id}: no ${name}`;
  }
  if (!TEST.test(name) || !isFile(name)) return `${id}: ${name} is no test`;
  const text = read(name).replace(/"\s*\+\s*"|\s+/g, " ");
  return text.includes(words) ? undefined : `${id}: nothing in ${name} is called "${words}"`;
}

Deno.test("every feature is shown by a test or listed as different or open", () => {
  const list = features();
  const counted: Record<string, number> = {};
  for (const { id } of list) {
    const area = id.replace(/-\d+$/, "");
    counted[area] = (counted[area] ?? 0) + 1;
    assert.equal(id, `${area}-${String(counted[area]).padStart(2, "0")}`, "ids are in order");
  }
  assert.deepEqual(Object.fromEntries(Object.entries(counted).sort()), COUNTS);
  const listed = compatibility();
  const flaws = list.flatMap(({ id, evidence }) =>
    evidence.flatMap((one) => flaw(id, one, listed.get(id)) ?? [])
  );
  assert.deepEqual(flaws, []);
  const open = list.filter(({ evidence }) => evidence.includes("still open")).length;
  const changed =
    list.filter(({ evidence }) =>
      ["fixed", "kept", "replaced"].some((word) => evidence.includes(word))
    ).length;
  const tested = list.length - open - changed;
  const counts = `${tested} features shown by tests, ` +
    `${changed} fixed, kept or replaced without one, ${open} still open\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(counts));
});

Deno.test("accepted differences and their lines in the documentation belong together", () => {
  const listed = [...compatibility()].filter(([, heading]) => heading === "Accepted differences");
  assert.deepEqual(listed.map(([id]) => id).sort(), [...acceptedIds()].sort());
});

Deno.test("every known fault of the reference has its line", () => {
  const listed = compatibility();
  const faults = features().filter(({ id }) => id.startsWith("D-")).map(({ id }) => id);
  assert.deepEqual(faults.filter((id) => !listed.has(id)), []);
});
