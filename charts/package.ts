/** `deno task package`: packs the chart into `dist/`, as Helm installs and registries store it. */
import { CHART, helm } from "./helm.ts";

const TARGET = new URL("../dist", import.meta.url).pathname;

/** Packs the chart and gives the path of the archive. @throws with what Helm says. */
export async function packageChart(destination: string): Promise<string> {
  await Deno.mkdir(destination, { recursive: true });
  const { success, stdout, stderr } = await helm("package", CHART, "--destination", destination);
  const path = /saved it to: (.+)$/m.exec(stdout)?.[1];
  if (!success || path === undefined) throw new Error(`cannot pack the chart: ${stderr}`);
  return path;
}

if (import.meta.main) {
  const path = await packageChart(TARGET);
  Deno.stdout.writeSync(new TextEncoder().encode(`${path}\n`));
}
