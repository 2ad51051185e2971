/**
 * `deno task ui:screenshots [all | recording | [dark] [narrow] NAME…]`: pictures of the pages for docs/operator-ui.md, from simulated
 * clusters. Named ones are made whole, into dist/screenshots. With `all`, every page light and dark, wide and narrow, and a change from beginning to
 * end, picture by picture, into dist/screenshots.
 */

import type { Browser, Page } from "playwright-core";
import { openPage, startBrowser } from "./browser.ts";
import { serveView } from "./dashboard_server.ts";
import { recordLife } from "./recording.ts";
import { simulatedView } from "./simulated_view.ts";
import { startUiWithOperator } from "./ui_with_operator.ts";
import { TOKENS } from "./ui_server.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const DOCUMENTS = `${ROOT}docs/images/`;
const ALL = `${ROOT}dist/screenshots/`;
const CLUSTERS = 14;

/** A picture: its name, the page's address, and what is done on the page before. */
interface Picture {
  readonly name: string;
  readonly path: string;
  readonly act?: (page: Page) => Promise<void>;
}

const DASHBOARD: readonly Picture[] = [
  { name: "clusters", path: "" },
  { name: "cluster", path: "#/cluster/default/payments-orders-3" },
  { name: "cluster-well", path: "#/cluster/default/acid-minimal-cluster" },
  { name: "findings", path: "#/findings" },
  { name: "operator", path: "#/operator" },
];

const UI: readonly Picture[] = [
  { name: "ui-clusters", path: "#/clusters" },
  { name: "ui-cluster", path: "#/cluster/shop/payments-orders-3" },
  { name: "edit", path: "#/edit/shop/acid-orders", act: editMemory },
  { name: "edit-refused", path: "#/edit/shop/acid-orders", act: editWrongly },
  { name: "actions", path: "#/act/shop/checkout-ledger-1", act: askForSwitchover },
  {
    name: "new",
    path: "#/new",
    async act(page) {
      await page.getByLabel("Name", { exact: true }).fill("acid-orders-new");
      await page.getByLabel("Team").fill("acid");
    },
  },
  { name: "clone", path: "#/new?clone=acid-orders&namespace=shop" },
  { name: "delete", path: "#/delete/shop/acid-orders" },
  {
    name: "backups",
    path: "#/backups",
    act: (page) => page.getByText("acid-gone").click(),
  },
];

/** Pictures that the documents show. */
const SHOWN = ["clusters", "cluster", "findings", "edit", "new", "backups", "actions", "delete"];

async function editMemory(page: Page): Promise<void> {
  await page.getByLabel("Memory limit").fill("4Gi");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("pods or PostgreSQL restart.").waitFor();
}

async function editWrongly(page: Page): Promise<void> {
  await page.getByLabel("Members").fill("9");
  await page.getByLabel("Volume").fill("10 GB");
}

async function askForSwitchover(page: Page): Promise<void> {
  await page.getByLabel("Switchover").click();
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("pods or PostgreSQL restart.").waitFor();
}

/** Where pictures are taken, and how. */
interface Studio {
  readonly browser: Browser;
  readonly origin: string;
  /** Of the pages, such as `/ui/`. */
  readonly base: string;
  readonly signIn: boolean;
}

interface Light {
  readonly width: number;
  readonly height: number;
  readonly dark: boolean;
  readonly whole: boolean;
}

async function shoot(
  { browser, origin, base, signIn }: Studio,
  pictures: readonly Picture[],
  { width, height, dark, whole }: Light,
  target: (name: string) => string,
): Promise<void> {
  const { page } = await openPage(browser, origin, {
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
  });
  if (signIn) {
    await page.goto(`${origin}/`);
    await page.getByLabel("Token").fill(TOKENS.editor);
    if (whole) await page.screenshot({ path: target("sign-in"), scale: "css" });
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Clusters" }).waitFor();
  }
  for (const { name, path, act } of pictures) {
    await page.goto("about:blank");
    await page.goto(`${origin}${base}${path}`);
    await page.locator("main h1").waitFor();
    await page.waitForTimeout(600);
    await act?.(page);
    await page.waitForTimeout(300);
    await page.screenshot({ path: target(name), scale: "css", fullPage: whole });
  }
  await page.close();
}

const USUAL: Light = { width: 1100, height: 640, dark: false, whole: false };

async function forDocuments(dashboard: Studio, ui: Studio): Promise<void> {
  const target = (name: string) => `${DOCUMENTS}${name}.png`;
  const shown = (pictures: readonly Picture[]) =>
    pictures.filter(({ name }) => SHOWN.includes(name));
  await shoot(dashboard, shown(DASHBOARD), USUAL, target);
  await shoot(ui, shown(UI), { ...USUAL, height: 800 }, target);
  const [, cluster] = DASHBOARD;
  await shoot(dashboard, [{ ...cluster!, name: "cluster-dark" }], { ...USUAL, dark: true }, target);
}

async function everything(dashboard: Studio, ui: Studio): Promise<void> {
  for (const dark of [false, true]) {
    for (const [size, width] of [["wide", 1400], ["narrow", 390]] as const) {
      const light = { width, height: 800, dark, whole: true };
      const target = (name: string) => `${ALL}${name}-${size}-${dark ? "dark" : "light"}.png`;
      await shoot(dashboard, DASHBOARD, light, target);
      await shoot(ui, UI, light, target);
    }
  }
  await recordLife(ui, `${ALL}recording`);
}

/** Pictures by name, the whole page of each; the words `dark` and `narrow` say how. */
async function some(dashboard: Studio, ui: Studio, names: readonly string[]): Promise<void> {
  const wanted = (pictures: readonly Picture[]) =>
    pictures.filter(({ name }) => names.includes(name));
  const [dark, narrow] = [names.includes("dark"), names.includes("narrow")];
  const light = { width: narrow ? 390 : 1400, height: 800, dark, whole: true };
  const target = (name: string) =>
    `${ALL}${name}-${narrow ? "narrow" : "wide"}-${dark ? "dark" : "light"}.png`;
  if (names.includes("recording")) return await recordLife(ui, `${ALL}recording`);
  await shoot(dashboard, wanted(DASHBOARD), light, target);
  await shoot(ui, wanted(UI), light, target);
}

async function main(names: readonly string[]): Promise<void> {
  const browser = await startBrowser();
  const view = serveView(simulatedView(CLUSTERS).view);
  const variables = { READ_ONLY_MODE: "false", TARGET_NAMESPACE: "shop" };
  const served = await startUiWithOperator(variables, CLUSTERS);
  const dashboard = { browser, origin: view.origin, base: "/ui/", signIn: false };
  const ui = { browser, origin: served.origin, base: "/", signIn: true };
  try {
    for (const folder of [DOCUMENTS, `${ALL}recording`]) {
      await Deno.mkdir(folder, { recursive: true });
    }
    if (names.includes("all")) await everything(dashboard, ui);
    else if (names.length > 0) await some(dashboard, ui, names);
    else await forDocuments(dashboard, ui);
  } finally {
    await browser.close();
    await served.stop();
    await view.stop();
  }
}

if (import.meta.main) await main(Deno.args);
