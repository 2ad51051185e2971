import assert from "node:assert/strict";
import { CHART, helm } from "./helm.ts";
import { packageChart } from "./package.ts";

function filesBelow(folder: string, prefix = ""): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`, `${prefix}${name}/`) : [`${prefix}${name}`]
  );
}

Deno.test("the packed chart holds every file of the chart and renders the same", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = await packageChart(folder);
    const { version } = JSON.parse(
      Deno.readTextFileSync(new URL("../deno.json", import.meta.url)),
    ) as { version: string };
    assert.equal(path, `${folder}/postgres-operator-${version}.tgz`);
    const tar = new Deno.Command("tar", { args: ["--list", "--file", path] });
    const listed = new TextDecoder().decode((await tar.output()).stdout).trim().split("\n");
    const names = listed.map((one) => one.replace("postgres-operator/", "")).sort();
    const wanted = filesBelow(CHART).filter((one) => one !== ".helmignore").sort();
    assert.deepEqual(names.filter((one) => one !== ".helmignore"), wanted);
    const rendered = async (chart: string) => (await helm("template", "a", chart)).stdout;
    assert.equal(await rendered(path), await rendered(CHART));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
