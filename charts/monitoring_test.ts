/** Alerts and dashboard of the chart: they ask for metrics that there are. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { CHART } from "./helm.ts";

const ALERTS = Deno.readTextFileSync(`${CHART}/files/alerts.yaml`);
const DASHBOARD = Deno.readTextFileSync(`${CHART}/files/dashboard.json`);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const RULES = (parse(ALERTS) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) =>
  rules
);

/** Names of metrics that the sources of the operator declare. */
async function exported(): Promise<Set<string>> {
  const names = new Set<string>();
  const visit = async (folder: URL): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const at = new URL(isDirectory ? `${name}/` : name, folder);
      if (isDirectory) await visit(at);
      else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) {
        const text = await Deno.readTextFile(at);
        for (const [, metric = ""] of text.matchAll(/name: "([a-z_]+_[a-z_]+)",\n\s+help:/g)) {
          names.add(metric);
        }
      }
    }
  };
  await visit(new URL("../src/", import.meta.url));
  return names;
}

const METRIC = /\b(?:pgop|workqueue|controller_runtime|rest_client|process)_[a-z_]+/g;

/** Metrics that an expression asks for; a histogram has three names. */
function asked(text: string): string[] {
  return [...text.matchAll(METRIC)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ""));
}

for (
  const [what, text] of [["alerts", RULES.map(({ expr }) => expr).join("\n")], [
    "dashboard",
    DASHBOARD,
  ]] as const
) {
  Deno.test(`the ${what} ask for metrics that the operator has`, async () => {
    const known = await exported();
    assert.ok(known.size > 20, [...known].join());
    const missing = asked(text).filter((name) => !known.has(name) && name !== "postgres_operator");
    assert.deepEqual(missing, []);
    assert.ok(asked(text).length > 10);
  });
}

Deno.test("every alert has a severity, and says what is wrong and what to do", () => {
  assert.ok(RULES.length >= 12);
  assert.equal(new Set(RULES.map(({ alert }) => alert)).size, RULES.length);
  for (const { alert, labels, annotations } of RULES) {
    assert.match(labels.severity, /^(critical|warning|info)$/, alert);
    assert.ok(annotations.summary.length > 10 && annotations.description.length > 10, alert);
  }
});

Deno.test("panels of the dashboard do not overlap, and every query is of its data source", () => {
  const { panels } = JSON.parse(DASHBOARD) as {
    panels: { title: string; gridPos: { x: number; y: number; w: number; h: number } }[];
  };
  const cells = new Map<string, string>();
  for (const { title, gridPos: { x, y, w, h } } of panels) {
    assert.ok(x + w <= 24, title);
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        const cell = `${column},${row}`;
        assert.equal(cells.get(cell), undefined, `${title} lies on ${cells.get(cell)}`);
        cells.set(cell, title);
      }
    }
  }
  assert.equal(DASHBOARD.includes('"uid": "prometheus"'), false);
});
