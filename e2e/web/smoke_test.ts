/** The dashboard in a browser, as short as it can be; `deno task ui:test` looks at every page. */

import assert from "node:assert/strict";
import { hasBrowser, openPage, startBrowser } from "./browser.ts";
import { serveView } from "./dashboard_server.ts";
import { simulatedView } from "./simulated_view.ts";

Deno.test({
  name: "the dashboard shows clusters and one of them, and asks nobody else",
  ignore: !hasBrowser(),
  // The browser's driver keeps a process and timers until it is closed.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const served = serveView(simulatedView(3).view);
    const browser = await startBrowser();
    try {
      const { page, errors, foreign } = await openPage(browser, served.origin);
      await page.goto(`${served.origin}/ui/`);
      await page.getByRole("link", { name: "checkout-ledger-1" }).click();
      await page.getByRole("heading", { name: "checkout-ledger-1" }).waitFor();
      await page.getByText("1 of 2 are ready").waitFor();
      assert.deepEqual([errors, foreign], [[], []]);
    } finally {
      await browser.close();
      await served.stop();
    }
  },
});
