/** The permissions that shipped programs run with, read from the tasks of `deno.json`. */

interface ProjectFile {
  readonly tasks: Readonly<Record<string, string>>;
}

const PROJECT = new URL("../../deno.json", import.meta.url);

/** The permission flags in a task, in their order. @throws Error for a task without any */
export function permissionsOf(task: "compile" | "plan"): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(PROJECT)) as ProjectFile;
  // A task may make other things first; the program itself comes last.
  const command = (tasks[task] ?? "").split("&&").at(-1) ?? "";
  const flags = command.split(/\s+/).filter((word) => /^--(allow|deny)-/.test(word));
  if (flags.length === 0) throw new Error(`deno.json: the task ${task} grants no permission`);
  return flags;
}
