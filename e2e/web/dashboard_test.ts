/**
 * The dashboard in a real browser: every page with 0, 3, 200 and 1,000 clusters, no request to
 * anybody else, nothing that its own policy forbids, and no fault of accessibility that axe knows.
 */

import assert from "node:assert/strict";
import axe, { type AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { hasBrowser, openPage, startBrowser } from "./browser.ts";
import { serveView } from "./dashboard_server.ts";
import { serveBelow } from "./sub_path.ts";
import { type SimulatedView, simulatedView } from "./simulated_view.ts";

const PAGES = ["", "#/findings", "#/operator", "#/cluster/shop/checkout-ledger-1"];

interface Stage {
  readonly browser: Browser;
  readonly origin: string;
  readonly simulated: SimulatedView;
}

/** One for all tests. */
let browser: Browser | undefined;

/** Runs a test with a served dashboard, or not at all where there is no browser. */
function inBrowser(name: string, count: number, run: (stage: Stage) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !hasBrowser(),
    // The browser's driver keeps a process and timers until it is closed.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const simulated = simulatedView(count);
      const served = serveView(simulated.view);
      browser ??= await startBrowser();
      try {
        await run({ browser, origin: served.origin, simulated });
      } finally {
        for (const context of browser.contexts()) await context.close();
        await served.stop();
      }
    },
  });
}

/** What axe finds on a page, as `rule: element`. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

async function shown(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.waitForSelector("h1");
  await page.getByText("Asking").first().waitFor({ state: "detached" });
}

for (const count of [0, 3, 200, 1000]) {
  inBrowser(`every page shows ${count} clusters without a fault`, count, async (stage) => {
    for (const colorScheme of ["light", "dark"] as const) {
      const { page, errors, foreign } = await openPage(stage.browser, stage.origin, {
        colorScheme,
        // axe is put into the page by the test.
        bypassCSP: true,
      });
      for (const path of count === 0 ? PAGES.slice(0, 3) : PAGES) {
        await shown(page, `${stage.origin}/ui/${path}`);
        assert.deepEqual(await faults(page), [], `${path} ${colorScheme}`);
      }
      assert.deepEqual(errors, []);
      assert.deepEqual(foreign, []);
      await page.close();
    }
  });
}

inBrowser("a thousand clusters are painted within a second", 1000, async ({ browser, origin }) => {
  const { page } = await openPage(browser, origin);
  await shown(page, `${origin}/ui/`);
  await page.waitForSelector("tbody th");
  const ms = await page.evaluate(() => performance.now());
  const painted = await page.evaluate<number>(
    "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity",
  );
  assert.ok(
    painted < 1000,
    `first paint after ${Math.round(painted)} ms (${Math.round(ms)} ms in all)`,
  );
  assert.equal(await page.locator("tbody th").count(), 100);
  await page.getByRole("button", { name: "Show all 1,000" }).click();
  await page.locator("tbody th").nth(999).waitFor();
});

inBrowser("a change shows within two seconds, without asking again", 3, async (stage) => {
  const { page } = await openPage(stage.browser, stage.origin);
  await shown(page, `${stage.origin}/ui/`);
  await page.getByText("live", { exact: true }).waitFor();
  stage.simulated.rows[0] = { ...stage.simulated.rows[0]!, word: "Updating" };
  await page.locator("tr", { hasText: "acid-minimal-cluster" }).getByText("Updating")
    .waitFor({ timeout: 2500 });
  stage.simulated.rows.splice(0, 1);
  await page.getByText("acid-minimal-cluster").waitFor({ state: "detached", timeout: 2500 });
});

inBrowser("without the stream it asks every few seconds", 3, async ({ browser, origin }) => {
  const { page } = await openPage(browser, origin);
  await page.route("**/live", (route) => route.abort());
  await shown(page, `${origin}/ui/`);
  await page.getByText("every 3 s").waitFor({ timeout: 6000 });
});

inBrowser("every page works behind a proxy at /a/b/", 3, async ({ browser, origin }) => {
  const proxy = serveBelow("/a/b", origin);
  try {
    const { page, errors, foreign } = await openPage(browser, proxy.origin);
    for (const path of PAGES) await shown(page, `${proxy.origin}/a/b/ui/${path}`);
    await shown(page, `${proxy.origin}/a/b/`);
    assert.equal(page.url(), `${proxy.origin}/a/b/ui/`);
    await page.getByText("live", { exact: true }).waitFor();
    assert.deepEqual(errors, []);
    assert.deepEqual(foreign, []);
  } finally {
    await proxy.stop();
  }
});

/** Texts that become elements, scripts or addresses where they are not kept as texts. */
const PAYLOADS = [
  "<img src=x onerror=globalThis.broken=1>",
  "<script>globalThis.broken=1</script>",
  '"><svg onload=globalThis.broken=1>',
  "javascript:globalThis.broken=1",
  "{{globalThis.broken=1}}${globalThis.broken=1}",
  "'-globalThis.broken=1-'",
  "</title><iframe srcdoc='<script>parent.broken=1</script>'>",
];

for (const payload of PAYLOADS) {
  inBrowser(`${payload} stays a text in every field`, 2, async ({ browser, origin, simulated }) => {
    planted(simulated, payload);
    const { page, errors } = await openPage(browser, origin);
    const path = `#/cluster/${encodeURIComponent(payload)}/${encodeURIComponent(payload)}`;
    for (const each of ["", "#/findings", "#/operator", path]) {
      await shown(page, `${origin}/ui/${each}`);
      assert.ok((await page.locator("body").innerText()).includes(payload), `${each} hides it`);
      const made = await page.locator("main :is(img, script, svg, iframe, [onerror], [onload])")
        .count();
      assert.equal(made, 0, `${each} made an element of it`);
      const links = await page.locator('a[href^="javascript:" i]').count();
      assert.equal(links, 0, `${each} made an address of it`);
    }
    assert.equal(await page.evaluate(() => "broken" in globalThis), false);
    assert.deepEqual(errors.filter((error) => !error.includes("404")), []);
  });
}

/** Puts a text into every text of the view. */
function planted({ rows, view }: SimulatedView, text: string): void {
  const plant = <T>(value: T): T =>
    JSON.parse(JSON.stringify(value), (key, each) => {
      const fixed =
        /^(at|since|created|started|lastSuccess|severity|EventTime|ProcessTime|Time|kind)$/;
      return typeof each === "string" && !fixed.test(key) ? text : each;
    }) as T;
  rows.splice(
    0,
    rows.length,
    plant({ ...rows[0]!, findings: [{ severity: "warning", title: "x" }] }),
  );
  const { detail, plan, logs, history, overview, config } = view;
  Object.assign(view, {
    overview: () => plant(overview()),
    config: () => ({ controller: {}, operator: { [text]: text, ...plant(config().operator) } }),
    detail: (...key: [string, string]) => plant(detail(...key)),
    plan: (...key: [string, string]) => plant(plan(...key)),
    logs: (...key: [string, string]) => plant(logs(...key)),
    history: (...key: [string, string]) => plant(history(...key)),
  });
}

inBrowser(
  "the keyboard reaches everything, and the skip link leads to the content",
  3,
  async (stage) => {
    const { page } = await openPage(stage.browser, stage.origin);
    await shown(page, `${stage.origin}/ui/`);
    const focused = () =>
      page.evaluate<string>("document.activeElement?.textContent?.trim() ?? ''");
    await page.evaluate("document.activeElement.blur()");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Skip to the content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate("document.activeElement?.id"), "content");
    const reached = new Set<string>();
    for (let presses = 0; presses < 40; presses++) {
      await page.keyboard.press("Tab");
      reached.add(await focused());
    }
    for (const name of ["Status", "acid-minimal-cluster", "checkout-ledger-1", "3 clusters"]) {
      assert.ok(reached.has(name), `${name} is not reached`);
    }
    await page.getByRole("link", { name: "checkout-ledger-1" }).focus();
    await page.keyboard.press("Enter");
    await page.locator("h1:focus").waitFor();
    assert.equal(await focused(), "checkout-ledger-1");
  },
);

inBrowser(
  "a narrow screen shows everything without scrolling the page sideways",
  3,
  async (stage) => {
    const { page } = await openPage(stage.browser, stage.origin, {
      viewport: { width: 360, height: 740 },
    });
    for (const path of PAGES) {
      await shown(page, `${stage.origin}/ui/${path}`);
      const width = await page.evaluate<number>("document.documentElement.scrollWidth");
      assert.ok(width <= 360, `${path || "#/"} is ${width} wide`);
    }
  },
);

Deno.test({
  name: "the browser ends",
  ignore: !hasBrowser(),
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () => browser?.close(),
});
