/**
 * `deno task image [NAME…]`: builds container images with docker, or with buildah where that is all there
 * is. IMAGE is the operator's name, the others stand beside it; TAG is `git describe` unless given.
 */

const ROOT = new URL("../", import.meta.url).pathname.replace(/\/$/, "");

const USAGE =
  `usage: deno task image [operator | pooler | logical-backup | debug]… [--push] [--print]

Builds the named images, or all but debug. --push sends them to the registry; --print only shows the
commands.
  IMAGE     name of the operator's image (postgres-operator-deno); the others are named
            IMAGE/pgbouncer and IMAGE/logical-backup
  TAG       what git describe says, unless given
  PLATFORM  for instance linux/arm64; this machine's own, unless given
`;

/** What there is to build: the name beside IMAGE, and where it is built from. */
const IMAGES: Readonly<Record<string, { name: string; from: readonly string[] }>> = {
  "operator": { name: "", from: ["."] },
  "pooler": { name: "/pgbouncer", from: ["images/pooler"] },
  "logical-backup": { name: "/logical-backup", from: ["images/logical-backup"] },
  "debug": { name: "", from: ["--target", "debug", "."] },
};

export interface ImageOptions {
  readonly images: readonly string[];
  readonly engine: "docker" | "buildah";
  readonly image: string;
  readonly tag: string;
  readonly platform?: string;
  readonly push: boolean;
}

/** The commands that build, and push, the images; run in the project's directory. */
export function imageCommands(options: ImageOptions): string[][] {
  const { engine, image, tag, platform, push } = options;
  return options.images.flatMap((which) => {
    const { name, from } = IMAGES[which]!;
    const full = `${image}${name}:${tag}${which === "debug" ? "-debug" : ""}`;
    const on = platform === undefined ? [] : ["--platform", platform];
    const build = [engine, "build", ...on, "--tag", full, ...from];
    return push ? [build, [engine, "push", full]] : [build];
  });
}

/** Arguments as options; undefined when they make no sense. */
export function imageArguments(
  args: readonly string[],
): { images: string[]; push: boolean; print: boolean } | undefined {
  const images = args.filter((one) => !one.startsWith("--"));
  const flags = args.filter((one) => one.startsWith("--"));
  if (!images.every((one) => one in IMAGES)) return undefined;
  if (!flags.every((one) => one === "--push" || one === "--print")) return undefined;
  const all = Object.keys(IMAGES).filter((one) => one !== "debug");
  return {
    images: images.length === 0 ? all : images,
    push: flags.includes("--push"),
    print: flags.includes("--print"),
  };
}

async function describe(): Promise<string> {
  const command = new Deno.Command("git", {
    args: ["describe", "--tags", "--always", "--dirty"],
    cwd: ROOT,
    stderr: "null",
  });
  const { success, stdout } = await command.output().catch(() => NOTHING);
  const text = new TextDecoder().decode(stdout).trim();
  if (!success || text === "") throw new Error("git describe tells no version: set TAG");
  return text;
}

const NOTHING = { success: false, stdout: new Uint8Array() };

async function findEngine(): Promise<"docker" | "buildah"> {
  for (const engine of ["docker", "buildah"] as const) {
    const command = new Deno.Command(engine, { args: ["version"], stdout: "null", stderr: "null" });
    const { success } = await command.output().catch(() => NOTHING);
    if (success) return engine;
  }
  throw new Error("neither docker nor buildah works here");
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

async function main(args: readonly string[]): Promise<number> {
  const parsed = imageArguments(args);
  if (parsed === undefined) {
    say(USAGE.trimEnd());
    return 2;
  }
  const platform = Deno.env.get("PLATFORM");
  const options: ImageOptions = {
    ...parsed,
    engine: parsed.print ? "docker" : await findEngine(),
    image: Deno.env.get("IMAGE") || "postgres-operator-deno",
    tag: Deno.env.get("TAG") || await describe(),
    ...(platform ? { platform } : {}),
  };
  for (const command of imageCommands(options)) {
    say(command.join(" "));
    if (parsed.print) continue;
    const [program = "", ...rest] = command;
    const { code } = await new Deno.Command(program, { args: rest, cwd: ROOT }).output();
    if (code !== 0) return code;
  }
  return 0;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}
