/** Programs that the local environment is made with. */

/** What a program may be given. */
export interface RunOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs a program and gives what it wrote. @throws Error with its last words when it fails. */
export async function run(
  command: readonly string[],
  { stdin, env, cwd }: RunOptions = {},
): Promise<string> {
  const [program = "", ...args] = command;
  const child = new Deno.Command(program, {
    args,
    ...(env === undefined ? {} : { env: { ...env } }),
    ...(cwd === undefined ? {} : { cwd }),
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (stdin !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdin));
    await writer.close();
  }
  const { success, code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  const words = decoder.decode(stderr).trim() || decoder.decode(stdout).trim();
  throw new Error(`${program} ${args.slice(0, 3).join(" ")} ended with ${code}: ${words}`);
}

/** Whether a program is there and works. */
export async function works(...command: string[]): Promise<boolean> {
  return await run(command).then(() => true, () => false);
}
