/** `deno task package`: packs the charts into `dist/`, as Helm installs and registries store them. */
import { CHART, helm, UI_CHART } from "./helm.ts";

const TARGET = new URL("../dist", import.meta.url).pathname;

/** Packs a chart and gives the path of the archive. @throws with what Helm says. */
export async function packageChart(chart: string, destination: string): Promise<string> {
  await Deno.mkdir(destination, { recursive: true });
  const { success, stdout, stderr } = await helm("package", chart, "--destination", destination);
  const path = /saved it to: (.+)$/m.exec(stdout)?.[1];
  if (!success || path === undefined) throw new Error(`cannot pack ${chart}: ${stderr}`);
  return path;
}

if (import.meta.main) {
  for (const chart of [CHART, UI_CHART]) {
    const path = await packageChart(chart, TARGET);
    Deno.stdout.writeSync(new TextEncoder().encode(`${path}\n`));
  }
}
