import assert from "node:assert/strict";
import { CHART, helm, UI_CHART } from "./helm.ts";
import { packageChart } from "./package.ts";

function filesBelow(folder: string, prefix = ""): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`, `${prefix}${name}/`) : [`${prefix}${name}`]
  );
}

for (const [name, chart] of [["postgres-operator", CHART], ["postgres-operator-ui", UI_CHART]]) {
  Deno.test(`the packed chart ${name} holds every file of the chart and renders the same`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const path = await packageChart(chart!, folder);
      const { version } = JSON.parse(
        Deno.readTextFileSync(new URL("../deno.json", import.meta.url)),
      ) as { version: string };
      assert.equal(path, `${folder}/${name}-${version}.tgz`);
      const tar = new Deno.Command("tar", { args: ["--list", "--file", path] });
      const listed = new TextDecoder().decode((await tar.output()).stdout).trim().split("\n");
      const names = listed.map((one) => one.replace(`${name}/`, "")).sort();
      const wanted = filesBelow(chart!).filter((one) => one !== ".helmignore").sort();
      assert.deepEqual(names.filter((one) => one !== ".helmignore"), wanted);
      const rendered = async (from: string) => (await helm("template", "a", from)).stdout;
      assert.equal(await rendered(path), await rendered(chart!));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
