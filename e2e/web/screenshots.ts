/**
 * `deno task ui:screenshots`: pictures of the pages for docs/operator-ui.md, from simulated clusters
 * and a palette that keeps them small.
 */

import type { Page } from "playwright-core";
import { openPage, startBrowser } from "./browser.ts";
import { serveView } from "./dashboard_server.ts";
import { simulatedView } from "./simulated_view.ts";
import { startUiWithOperator } from "./ui_with_operator.ts";
import { TOKENS } from "./ui_server.ts";

const TARGET = new URL("../../docs/images/", import.meta.url).pathname;

/** Name, address, and whether the whole page is shown. */
const DASHBOARD = [
  ["clusters", ""],
  ["cluster", "#/cluster/default/payments-orders-3"],
  ["findings", "#/findings"],
] as const;
const UI = [
  ["edit", "#/edit/shop/acid-orders"],
  ["new", "#/new"],
  ["backups", "#/backups"],
] as const;

async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${TARGET}${name}.png`, scale: "css" });
}

async function dashboard(): Promise<void> {
  const served = serveView(simulatedView(14).view);
  const browser = await startBrowser();
  const viewport = { width: 1100, height: 580 };
  const { page } = await openPage(browser, served.origin, { viewport });
  for (const [name, path] of DASHBOARD) {
    await page.goto(`${served.origin}/ui/${path}`);
    await shoot(page, name);
  }
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${served.origin}/ui/${DASHBOARD[1][1]}`);
  await shoot(page, "cluster-dark");
  await browser.close();
  await served.stop();
}

async function ui(): Promise<void> {
  const served = await startUiWithOperator({ READ_ONLY_MODE: "false", TARGET_NAMESPACE: "shop" });
  const browser = await startBrowser();
  const viewport = { width: 1100, height: 580 };
  const { page } = await openPage(browser, served.origin, { viewport });
  await page.goto(`${served.origin}/`);
  await page.getByLabel("Token").fill(TOKENS.editor);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Clusters" }).waitFor();
  for (const [name, path] of UI) {
    await page.goto(`${served.origin}/${path}`);
    await page.locator("main h1").waitFor();
    await page.waitForTimeout(300);
    await fill(page, name);
    await shoot(page, name);
  }
  await browser.close();
  await served.stop();
}

/** Does what makes a picture tell something. */
async function fill(page: Page, name: (typeof UI)[number][0]): Promise<void> {
  switch (name) {
    case "edit": {
      const box = page.getByRole("textbox", { name: "Manifest" });
      const text = await box.inputValue();
      await box.fill(text.replace("numberOfInstances: 2", "numberOfInstances: 3"));
      await page.getByRole("button", { name: "Ask the operator" }).click();
      return;
    }
    case "new":
      await page.getByLabel("Name", { exact: true }).fill("acid-orders-new");
      await page.getByLabel("Team").fill("acid");
      return;
    case "backups":
      await page.getByText("acid-gone").click();
  }
}

if (import.meta.main) {
  await Deno.mkdir(TARGET, { recursive: true });
  await dashboard();
  await ui();
}
