/**
 * `postgres-operator replay FILE`: makes the plans of recorded passes again, without a cluster, and
 * says where they are not the same to the byte. With another version of the operator it tells what
 * that version would have done.
 */

import { planText as textForPeople, showPlans } from "../dry_run/show.ts";
import { type BundledPass, passesOf, unpacked } from "./bundle.ts";
import { planText } from "./plan_text.ts";
import { replayed } from "./recording.ts";

const EXIT = { same: 0, different: 1, usage: 2 };

const USAGE = `postgres-operator replay FILE [--plan] [--json]

Makes the plans of recorded passes again and compares them. FILE is what /clusters/NAMESPACE/NAME/
recordings of the debug API answers, or a report of \`kubectl pg report\`; - is standard input.

  --plan      print the plans too
  --json      print JSON
  -h, --help  print this text

Exit code: 0 every plan is the same, 1 one is not, or cannot be made.
`;

export interface ReplaySystem {
  readFile(file: string): Promise<string>;
  print(text: string): void;
  complain(text: string): void;
  /** Of this program. */
  readonly version: string;
}

/** Files and streams of this machine. */
export function replaySystem(version: string): ReplaySystem {
  const write = (stream: { writeSync(bytes: Uint8Array): number }) => (text: string) => {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  };
  return {
    version,
    readFile: (file) =>
      file === "-" ? new Response(Deno.stdin.readable).text() : Deno.readTextFile(file),
    print: write(Deno.stdout),
    complain: write(Deno.stderr),
  };
}

/** How one pass went. */
interface Verdict {
  readonly cluster: string;
  readonly at: string;
  readonly cause: string;
  readonly recordedBy: string;
  readonly steps: number;
  readonly same: boolean;
  /** Where the plans part, or why there is none. */
  readonly difference?: string;
  readonly plan?: string;
}

/** Runs the command; gives the exit code. */
export async function runReplay(args: readonly string[], system: ReplaySystem): Promise<number> {
  const words = args.filter((word) => word === "-" || !word.startsWith("-"));
  const flags = args.filter((word) => !words.includes(word));
  if (flags.some((flag) => flag === "-h" || flag === "--help")) {
    system.print(USAGE);
    return EXIT.same;
  }
  const unknown = flags.find((flag) => !["--plan", "--json"].includes(flag));
  const [file] = words;
  if (unknown !== undefined || file === undefined || words.length > 1) {
    const problem = unknown === undefined ? "one file is needed" : `there is no flag ${unknown}`;
    system.complain(`${problem}\n\n${USAGE}`);
    return EXIT.usage;
  }
  try {
    const passes = passesOf(JSON.parse(await system.readFile(file)));
    const verdicts = await Promise.all(passes.map(judged));
    system.print(
      flags.includes("--json")
        ? `${JSON.stringify(verdicts, undefined, 2)}\n`
        : textOf(verdicts, flags.includes("--plan"), system.version),
    );
    return verdicts.every(({ same }) => same) ? EXIT.same : EXIT.different;
  } catch (error) {
    system.complain(`cannot replay ${file}: ${error instanceof Error ? error.message : error}\n`);
    return EXIT.different;
  }
}

async function judged(pass: BundledPass): Promise<Verdict> {
  const { key, at, cause, version, steps } = pass;
  const about = { cluster: key, at, cause, recordedBy: version, steps };
  try {
    const recording = await unpacked(pass);
    const plan = replayed(recording);
    const [then, now] = [recording.plan, planText(plan)];
    const people = { plan: textForPeople(showPlans([plan])) };
    if (then === now) return { ...about, same: true, ...people };
    return { ...about, same: false, difference: firstDifference(then, now), ...people };
  } catch (error) {
    const difference = error instanceof Error ? error.message : String(error);
    return { ...about, same: false, difference };
  }
}

const AROUND = 40;

/** The first place where two texts part, with what stands around it. */
function firstDifference(then: string, now: string): string {
  let at = 0;
  while (then[at] === now[at]) at++;
  const part = (text: string) => text.slice(Math.max(0, at - AROUND), at + AROUND);
  return `then …${part(then)}…, now …${part(now)}…`;
}

function textOf(verdicts: readonly Verdict[], withPlans: boolean, version: string): string {
  const lines = verdicts.flatMap(({ cluster, at, cause, steps, same, difference, plan }) => [
    `${at}  ${cluster}  ${cause}, ${steps} steps: ${same ? "the same plan" : "ANOTHER PLAN"}`,
    ...(difference === undefined ? [] : [`  ${difference}`]),
    ...(withPlans && plan !== undefined ? plan.trimEnd().split("\n").map((l) => `  ${l}`) : []),
  ]);
  const same = verdicts.filter((one) => one.same).length;
  const by = [...new Set(verdicts.map(({ recordedBy }) => recordedBy))].join(", ");
  const end = `${same} of ${verdicts.length} plans are the same by version ${version}` +
    (by === "" ? "" : `, recorded by ${by}`);
  return [...lines, end, ""].join("\n");
}
