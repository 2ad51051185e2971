/** Debian's Chromium, steered by playwright-core; nothing is downloaded. */

import { type Browser, chromium, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";

/** True where this machine has the browser. */
export function hasBrowser(): boolean {
  try {
    return Deno.statSync(CHROMIUM).isFile;
  } catch {
    return false;
  }
}

/** Starts the browser with a profile of its own, and without the calls home that it makes. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-lcd-text",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** What a page did that it should not have. */
export interface Watched {
  readonly page: Page;
  /** Errors of scripts, of the console, and reports of the content security policy. */
  readonly errors: string[];
  /** Requests to other hosts than the one of the page. */
  readonly foreign: string[];
}

/** Opens an empty page and writes down what goes wrong on it. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: Parameters<Browser["newPage"]>[0] = {},
): Promise<Watched> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options });
  const errors: string[] = [];
  const foreign: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${origin}/`)) foreign.push(request.url());
  });
  return { page, errors, foreign };
}
