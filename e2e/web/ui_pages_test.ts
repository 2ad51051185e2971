/**
 * The web UI's pages in a real browser, before the dev cluster's API server: every page with 0, 3,
 * 200 and 1,000 clusters, below a proxy's path, with texts that want to be more than texts.
 */

import assert from "node:assert/strict";
import { openPage } from "./browser.ts";
import { assertQuiet, browserEnds, faults, inBrowser, shown, signIn, type Stage } from "./stage.ts";
import { serveBelow } from "./sub_path.ts";

/** Pages of all clusters, and those of one. */
const PAGES = [
  "#/clusters",
  "#/findings",
  "#/backups",
  "#/new",
  "#/operator",
];
const OF_CLUSTER = [
  "#/cluster/shop/acid-orders",
  "#/edit/shop/acid-orders",
  "#/act/shop/acid-orders",
  "#/delete/shop/acid-orders",
  "#/new?clone=acid-orders&namespace=shop",
];

for (const count of [0, 3, 200, 1000]) {
  inBrowser(`every page of the UI shows ${count} clusters without a fault`, async (stage) => {
    const { page, origin } = stage;
    await page.goto(`${origin}/`);
    await page.getByLabel("Token").waitFor();
    assert.deepEqual(await faults(page), [], "signing in");
    await signIn(stage);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const path of count === 0 ? PAGES : [...PAGES, ...OF_CLUSTER]) {
        await shown(page, `${origin}/${path}`);
        assert.deepEqual(await faults(page), [], `${path} ${colorScheme}`);
      }
    }
    assertQuiet(stage);
  }, { count });
}

inBrowser("a thousand clusters are painted within a second", async (stage) => {
  const { page, origin } = stage;
  await signIn(stage);
  await shown(page, `${origin}/#/clusters`);
  await page.locator("tbody th").first().waitFor();
  const shownMs = await page.evaluate<number>("performance.now()");
  const painted = await page.evaluate<number>(
    "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity",
  );
  const text = `first paint ${Math.round(painted)} ms, lines after ${Math.round(shownMs)} ms`;
  assert.ok(painted < 1000, text);
  assert.equal(await page.locator("tbody th").count(), 100);
  await page.getByRole("button", { name: "Show all 1,000" }).click();
  await page.locator("tbody th").nth(999).waitFor();
  await page.getByLabel("Search clusters").fill("orders-999");
  await page.locator("tbody th").nth(1).waitFor({ state: "detached" });
  // Lines with something to say have another line.
  assert.equal(await page.locator("tbody th").count(), 1, text);
}, { count: 1000 });

inBrowser("the list is searched, filtered, sorted and grouped", async (stage) => {
  const { page } = stage;
  await signIn(stage);
  const names = () => page.locator("tbody th[scope=row]").allInnerTexts();
  await page.getByRole("link", { name: "acid-orders" }).waitFor();
  assert.equal((await names()).length, 8);
  await page.getByRole("button", { name: "to look at" }).click();
  assert.deepEqual(await names(), ["checkout-ledger-1"]);
  await page.getByRole("button", { name: "8 clusters" }).click();
  await page.locator("th.c-name button").click();
  assert.deepEqual(await names(), (await names()).toSorted());
  await page.locator("th.c-name button").click();
  assert.deepEqual(await names(), (await names()).toSorted().reverse());
  await page.getByLabel("Group by").selectOption("team");
  const groups = await page.locator("tbody th[scope=rowgroup]").allInnerTexts();
  assert.deepEqual(groups, [
    "acid 2 clusters",
    "checkout 2 clusters",
    "payments 2 clusters",
    "search 2 clusters",
  ]);
}, { count: 8 });

inBrowser("the UI works behind a proxy at /a/b/, signing in included", async (stage) => {
  const proxy = serveBelow("/a/b", stage.origin);
  try {
    const { page, errors, foreign } = await openPage(stage.browser, proxy.origin);
    const origin = `${proxy.origin}/a/b`;
    await signIn({ page, origin });
    await page.getByRole("link", { name: "acid-orders" }).click();
    await page.getByRole("heading", { name: "acid-orders" }).waitFor();
    for (const path of [...PAGES, ...OF_CLUSTER]) await shown(page, `${origin}/${path}`);
    await page.getByLabel("Of cluster").waitFor();
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByText("Kubernetes would store it").waitFor();
    assertQuiet({ errors, foreign });
  } finally {
    await proxy.stop();
  }
}, { count: 3 });

inBrowser("a narrow screen shows every page without scrolling sideways", async (stage) => {
  const { page, origin } = stage;
  await page.setViewportSize({ width: 360, height: 740 });
  await signIn(stage);
  for (const path of [...PAGES, ...OF_CLUSTER]) {
    await shown(page, `${origin}/${path}`);
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    assert.ok(width <= 360, `${path} is ${width} wide`);
  }
}, { count: 3 });

inBrowser("the keyboard alone makes a cluster", async (stage) => {
  const { page, origin } = stage;
  await signIn(stage);
  await shown(page, `${origin}/#/new`);
  await page.getByLabel("Name", { exact: true }).focus();
  await page.keyboard.type("acid-keys");
  await page.getByLabel("Team").focus();
  await page.keyboard.type("acid");
  const focused = () => page.evaluate<string>("document.activeElement?.textContent?.trim() ?? ''");
  for (const name of ["Preview", "Create"]) {
    for (let presses = 0; presses < 60 && await focused() !== name; presses++) {
      await page.keyboard.press("Tab");
    }
    assert.equal(await focused(), name);
    await page.keyboard.press("Enter");
    if (name === "Preview") await page.getByText("Kubernetes would store it").waitFor();
  }
  await page.getByRole("heading", { name: "acid-keys", exact: true }).waitFor();
});

inBrowser("where prices are set, the list tells what a cluster costs", async (stage) => {
  const { page } = stage;
  await signIn(stage);
  await page.getByRole("button", { name: "Cost a month" }).waitFor();
  // Two members: a hundredth of a core for 732 hours at 1, and 10 Gi at 0.5 each.
  await page.getByRole("cell", { name: "24.64", exact: true }).waitFor();
  assert.deepEqual(await faults(page), []);
}, { variables: { TARGET_NAMESPACE: "shop", COST_CORE: "1", COST_MEMORY: "0", COST_EBS: "0.5" } });

/** Texts that become elements, scripts or addresses where they are not kept as texts. */
const PAYLOADS = [
  "<img src=x onerror=globalThis.broken=1>",
  "<script>globalThis.broken=1</script>",
  '"><svg onload=globalThis.broken=1>',
  "javascript:globalThis.broken=1",
  "{{globalThis.broken=1}}${globalThis.broken=1}",
  "'-globalThis.broken=1-'",
  "</textarea><iframe srcdoc='<script>parent.broken=1</script>'>",
  "a: [b\n# c: &d *d !!js/function 'x'",
];

/** A manifest that says it in every field that holds a text of people's. */
function planted(text: string): object {
  return {
    metadata: { annotations: { note: text, [`example.org/${"a".repeat(20)}`]: text } },
    spec: {
      teamId: text,
      users: { [text]: [] },
      databases: { [text]: text },
      allowedSourceRanges: [],
      postgresql: { parameters: { application_name: text } },
      podAnnotations: { note: text },
      schedulerName: text,
    },
  };
}

for (const payload of PAYLOADS) {
  inBrowser(`${JSON.stringify(payload)} stays a text wherever a manifest has it`, async (stage) => {
    const { page, origin, served } = stage;
    const ref = { apiVersion: "acid.zalan.do/v1", kind: "postgresql", namespace: "shop" };
    const signal = AbortSignal.timeout(10_000);
    const body = planted(payload);
    await served.world.admin.patch({ ...ref, name: "acid-orders" }, {
      type: "merge",
      body,
      signal,
    });
    const [row] = served.simulated.rows;
    served.simulated.rows[0] = {
      ...row!,
      team: payload,
      failure: payload,
      held: [{ subject: payload, kind: "waiting", reason: payload }],
      findings: [{ severity: "warning", title: payload }],
    };
    await signIn(stage);
    for (const path of [...PAGES, ...OF_CLUSTER]) {
      await shown(page, `${origin}/${path}`);
      const made = await page.locator("main :is(img, script, svg, iframe, [onerror], [onload])")
        .count();
      assert.equal(made, 0, `${path} made an element of it`);
      const links = await page.locator('a[href^="javascript:" i]').count();
      assert.equal(links, 0, `${path} made an address of it`);
    }
    await shown(page, `${origin}/#/edit/shop/acid-orders`);
    await nothingChanged(stage);
    assert.equal(await page.evaluate("'broken' in globalThis"), false);
    assertQuiet(stage);
  });
}

/** The manifest in the box is the stored one. */
async function nothingChanged({ page }: Stage): Promise<void> {
  await page.getByText("Nothing is changed.").waitFor();
}

browserEnds();
