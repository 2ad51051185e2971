/** The web UI's pages in a real browser, before the dev cluster's API server. */

import assert from "node:assert/strict";
import axe, { type AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { hasBrowser, openPage, startBrowser } from "./browser.ts";
import { TOKENS, type UiWorld } from "./ui_server.ts";
import { LIVES, startUiWithOperator } from "./ui_with_operator.ts";
import { serveBelow } from "./sub_path.ts";

const SIGNAL = AbortSignal.timeout(300_000);

let browser: Browser | undefined;

interface Stage {
  readonly world: UiWorld;
  readonly origin: string;
  readonly page: Page;
  readonly errors: string[];
  readonly foreign: string[];
}

function inBrowser(
  name: string,
  run: (stage: Stage) => Promise<void>,
  variables: Readonly<Record<string, string>> = {
    READ_ONLY_MODE: "false",
    TARGET_NAMESPACE: "shop",
  },
): void {
  Deno.test({
    name,
    ignore: !hasBrowser(),
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const served = await startUiWithOperator(variables);
      browser ??= await startBrowser();
      const { origin, world } = served;
      try {
        await run({ world, origin, ...await openPage(browser, origin, { bypassCSP: true }) });
      } finally {
        for (const context of browser.contexts()) await context.close();
        await served.stop();
      }
    },
  });
}

async function signIn({ page, origin }: Pick<Stage, "page" | "origin">, token = TOKENS.editor) {
  await page.goto(`${origin}/`);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Clusters" }).waitFor();
}

async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

const PAGES = [
  "#/clusters",
  "#/cluster/shop/acid-orders",
  "#/edit/shop/acid-orders",
  "#/delete/shop/acid-orders",
  "#/new",
  "#/new?clone=acid-orders&namespace=shop",
  "#/backups",
  "#/operator",
];

inBrowser("every page of the UI has no fault that axe knows, light and dark", async (stage) => {
  const { page, origin, errors, foreign } = stage;
  await page.goto(`${origin}/`);
  await page.getByLabel("Token").waitFor();
  assert.deepEqual(await faults(page), [], "signing in");
  await signIn(stage);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const path of PAGES) {
      await page.goto(`${origin}/${path}`);
      await page.reload();
      await page.locator("main h1").waitFor();
      await page.getByText("Asking").first().waitFor({ state: "detached" });
      assert.deepEqual(await faults(page), [], `${path} ${colorScheme}`);
    }
  }
  assert.deepEqual(errors, []);
  assert.deepEqual(foreign, []);
});

inBrowser("a token that is none does not sign in, and signing out ends it", async (stage) => {
  const { page, origin } = stage;
  await page.goto(`${origin}/`);
  await page.getByLabel("Token").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Kubernetes does not take this token.").waitFor();
  await signIn(stage);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Token").waitFor();
});

inBrowser("create, edit with the plan, clone, delete: as somebody does it", async (stage) => {
  const { page, world } = stage;
  await signIn(stage);
  await page.getByRole("link", { name: "New cluster" }).click();
  await page.getByLabel("Name", { exact: true }).fill("acid-new");
  await page.getByLabel("Team").fill("acid");
  await page.getByRole("button", { name: "Check with Kubernetes" }).click();
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "acid-new", exact: true }).waitFor();

  await page.getByRole("link", { name: "Edit" }).click();
  const box = page.getByRole("textbox", { name: "Manifest" });
  const shown = await box.inputValue();
  assert.match(shown, /numberOfInstances: 2/);
  assert.equal(await page.getByRole("button", { name: "Apply" }).isDisabled(), true);
  await page.getByText("Nothing is changed.").waitFor();
  world.audited();
  await box.fill(shown.replace("numberOfInstances: 2", "numberOfInstances: 3"));
  await page.getByText("spec.numberOfInstances").waitFor();
  await page.getByRole("button", { name: "Ask the operator" }).click();
  await page.getByText("nothing that runs is disturbed").waitFor();
  await page.getByRole("button", { name: "Check with Kubernetes" }).click();
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("heading", { name: "acid-new", exact: true }).waitFor();
  const changed = await world.admin.get({
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    namespace: "shop",
    name: "acid-new",
  }, { signal: SIGNAL });
  assert.equal((changed!["spec"] as { numberOfInstances: number }).numberOfInstances, 3);

  await page.getByRole("link", { name: "Clone" }).click();
  await page.getByLabel("Of cluster").waitFor();
  await page.getByText("name: acid-new-clone").first().waitFor();

  await page.goBack();
  await page.getByRole("link", { name: "Delete" }).click();
  const button = page.getByRole("button", { name: "Delete for good" });
  assert.equal(await button.isDisabled(), true);
  await page.getByLabel("Type shop/acid-new to go on").fill("shop/acid-new");
  await button.click();
  await page.getByRole("heading", { name: "Clusters" }).waitFor();
});

inBrowser("backups of a cluster that is gone lead to a clone at that moment", async (stage) => {
  const { page, origin } = stage;
  await signIn(stage);
  await page.goto(`${origin}/#/backups`);
  await page.getByText("acid-gone").click();
  await page.getByRole("link", { name: "as it was then" }).click();
  assert.equal(await page.getByLabel("Of cluster").inputValue(), "acid-gone");
  assert.equal(await page.getByLabel("With uid").inputValue(), LIVES);
});

inBrowser("the UI works behind a proxy at /a/b/, signing in included", async (stage) => {
  const proxy = serveBelow("/a/b", stage.origin);
  try {
    const { page, errors, foreign } = await openPage(browser!, proxy.origin);
    await signIn({ page, origin: `${proxy.origin}/a/b` });
    await page.getByRole("link", { name: "acid-orders" }).click();
    await page.getByRole("heading", { name: "acid-orders" }).waitFor();
    assert.deepEqual([errors, foreign], [[], []]);
  } finally {
    await proxy.stop();
  }
});

inBrowser("where prices are set, the list tells what a cluster costs", async (stage) => {
  const { page } = stage;
  await signIn(stage);
  await page.getByRole("button", { name: "Cost a month" }).waitFor();
  // Two members: a hundredth of a core for 732 hours at 1, and 10 Gi at 0.5 each.
  await page.getByRole("cell", { name: "24.64", exact: true }).waitFor();
  assert.deepEqual(await faults(page), []);
}, {
  TARGET_NAMESPACE: "shop",
  COST_CORE: "1",
  COST_MEMORY: "0",
  COST_EBS: "0.5",
});

Deno.test({
  name: "the browser ends",
  ignore: !hasBrowser(),
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () => browser?.close(),
});
