/**
 * `deno task release-notes [TAG]`: what has changed since the tag before, from the subjects of the
 * commits, for the page of a release.
 */

/** A commit, as git tells it. */
export interface Commit {
  readonly hash: string;
  readonly subject: string;
  /** Files that it changed. */
  readonly files: readonly string[];
}

/** Headings, and which files belong below them; the first that holds counts. */
const HEADINGS: readonly [heading: string, of: RegExp][] = [
  ["Manifests and API", /^crds\//],
  ["Operator", /^src\/(?!.*_test\.ts$)/],
  ["Installing", /^(charts|manifests|Dockerfile)/],
  ["Images of pooler and backup", /^images\//],
  ["Documentation", /^(docs\/|README)/],
];
const OTHERS = "Tests and tools";

/** The page of a release, in Markdown. */
export function releaseNotes(version: string, commits: readonly Commit[]): string {
  const groups = new Map<string, string[]>();
  for (const { hash, subject, files } of commits) {
    const heading = HEADINGS.find(([, of]) => files.some((file) => of.test(file)))?.[0] ?? OTHERS;
    groups.set(heading, [...groups.get(heading) ?? [], `- ${subject} (${hash})`]);
  }
  const order = [...HEADINGS.map(([heading]) => heading), OTHERS];
  const parts = order.filter((heading) => groups.has(heading))
    .map((heading) => `## ${heading}\n\n${groups.get(heading)!.join("\n")}\n`);
  const nothing = parts.length === 0 ? ["Nothing has changed.\n"] : parts;
  return [`# ${version}\n`, ...nothing].join("\n");
}

/** Reads `git log --format=%x1e%h%x1f%s --name-only`. */
export function parseLog(text: string): Commit[] {
  return text.split("\x1e").filter((part) => part.trim() !== "").map((part) => {
    const [head = "", ...files] = part.trim().split("\n");
    const [hash = "", subject = ""] = head.split("\x1f");
    return { hash, subject, files: files.filter((file) => file !== "") };
  });
}

async function git(...args: string[]): Promise<string> {
  const command = new Deno.Command("git", { args, stderr: "piped" });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(`git ${args[0]}: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout).trim();
}

async function main(args: readonly string[]): Promise<void> {
  const tag = args[0] ?? await git("describe", "--tags", "--always");
  const before = await git("describe", "--tags", "--abbrev=0", `${tag}^`).catch(() => "");
  const range = before === "" ? tag : `${before}..${tag}`;
  const log = await git("log", "--no-merges", "--format=%x1e%h%x1f%s", "--name-only", range);
  Deno.stdout.writeSync(new TextEncoder().encode(releaseNotes(tag, parseLog(log))));
}

if (import.meta.main) await main(Deno.args);
