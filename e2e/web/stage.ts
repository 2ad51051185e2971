/** What tests in the browser share: a served UI, somebody who is signed in, and what axe says. */

import assert from "node:assert/strict";
import axe, { type AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { hasBrowser, openPage, startBrowser, type Watched } from "./browser.ts";
import { TOKENS } from "./ui_server.ts";
import { type ServedUi, startUiWithOperator } from "./ui_with_operator.ts";

/** One test's browser page before a UI of its own. */
export interface Stage extends Watched {
  readonly served: ServedUi;
  readonly origin: string;
  readonly browser: Browser;
}

export interface StageOptions {
  readonly variables?: Readonly<Record<string, string>>;
  /** How many clusters there are. */
  readonly count?: number;
}

/** Lets people change clusters of the namespace where the tests' editor may. */
export const WRITES = { READ_ONLY_MODE: "false", TARGET_NAMESPACE: "shop" };

/** One for all tests of a file. */
let browser: Browser | undefined;

/** Runs a test with a UI of its own, or not at all where there is no browser. */
export function inBrowser(
  name: string,
  run: (stage: Stage) => Promise<void>,
  { variables = WRITES, count = 1 }: StageOptions = {},
): void {
  Deno.test({
    name,
    ignore: !hasBrowser(),
    // The browser's driver keeps a process and timers until it is closed.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const served = await startUiWithOperator(variables, count);
      browser ??= await startBrowser();
      const { origin } = served;
      try {
        const watched = await openPage(browser, origin, { bypassCSP: true });
        await run({ served, origin, browser, ...watched });
      } finally {
        for (const context of browser.contexts()) await context.close();
        await served.stop();
      }
    },
  });
}

/** Ends the browser; the last test of a file. */
export function browserEnds(): void {
  Deno.test({
    name: "the browser ends",
    ignore: !hasBrowser(),
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => browser?.close(),
  });
}

export async function signIn(
  { page, origin }: Pick<Stage, "page" | "origin">,
  token = TOKENS.editor,
): Promise<void> {
  await page.goto(`${origin}/`);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Clusters" }).waitFor();
}

/** Opens a page and waits until it has its answers. */
export async function shown(page: Page, address: string): Promise<void> {
  await page.goto("about:blank");
  await page.goto(address);
  await page.locator("main h1").waitFor();
  await page.getByText("Asking").first().waitFor({ state: "detached" });
}

/** What axe finds on a page, as `rule: element`. */
export async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** Asserts that nothing went wrong on the page, and that nobody else was asked. */
export function assertQuiet({ errors, foreign }: Pick<Stage, "errors" | "foreign">): void {
  assert.deepEqual({ errors, foreign }, { errors: [], foreign: [] });
}
