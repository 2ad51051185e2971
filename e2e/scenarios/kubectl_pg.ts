/** `kubectl pg` as people call it: the program from source, with its own permissions. */
import { permissionsOf } from "../support/permissions.ts";
import type { Life } from "./life.ts";

const SOURCE = new URL("../../src/main.ts", import.meta.url).pathname;

/** What a command printed, and how it ended. */
export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in the namespace of a scenario. */
export async function kubectlPg(life: Life, args: readonly string[]): Promise<Printed> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", ...permissionsOf("plan"), SOURCE, "pg"],
      ...args,
      ...["--namespace", life.namespace, "--kubeconfig", life.cluster.kubeconfig],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}
