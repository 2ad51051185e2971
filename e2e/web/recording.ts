/** A cluster is made, changed with its plan, cloned and deleted, with a picture of each step. */

import type { Browser, Page } from "playwright-core";
import { openPage } from "./browser.ts";
import { TOKENS } from "./ui_server.ts";

/** Where the UI is. */
interface Scene {
  readonly browser: Browser;
  readonly origin: string;
}

/** Does what somebody would do and puts a picture of each step into a folder, numbered. */
export async function recordLife({ browser, origin }: Scene, folder: string): Promise<void> {
  const { page } = await openPage(browser, origin);
  let number = 0;
  const picture = async (what: string) => {
    await page.waitForTimeout(300);
    const path = `${folder}/${String(++number).padStart(2, "0")}-${what}.png`;
    await page.screenshot({ path, scale: "css" });
  };
  await page.goto(`${origin}/`);
  await page.getByLabel("Token").fill(TOKENS.editor);
  await picture("sign-in");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Clusters" }).waitFor();
  await picture("clusters");
  await make(page, picture);
  await change(page, picture);
  await copy(page, picture);
  await remove(page, picture);
  await page.close();
}

type Take = (what: string) => Promise<void>;

async function make(page: Page, picture: Take): Promise<void> {
  await page.getByRole("link", { name: "New cluster" }).click();
  await page.getByLabel("Name", { exact: true }).fill("acid-new");
  await page.getByLabel("Team").fill("acid");
  await picture("new-form");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("Kubernetes would store it").waitFor();
  await picture("new-preview");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "acid-new", exact: true }).waitFor();
  await picture("new-made");
}

async function change(page: Page, picture: Take): Promise<void> {
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByText("Nothing is changed.").waitFor();
  await page.getByLabel("Memory limit").fill("4Gi");
  await picture("edit-change");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("pods or PostgreSQL restart.").waitFor();
  await picture("edit-plan");
  await page.getByLabel("connections break").check();
  await picture("edit-agreed");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("heading", { name: "acid-new", exact: true }).waitFor();
}

async function copy(page: Page, picture: Take): Promise<void> {
  await page.getByRole("link", { name: "Clone" }).click();
  await page.getByLabel("Of cluster").waitFor();
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("Kubernetes would store it").waitFor();
  await picture("clone-preview");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "acid-new-clone", exact: true }).waitFor();
  await picture("clone-made");
}

async function remove(page: Page, picture: Take): Promise<void> {
  await page.getByRole("link", { name: "Delete" }).click();
  await page.getByText("What goes, and what stays").waitFor();
  await picture("delete-what-goes");
  await page.getByLabel("Type shop/acid-new-clone to go on").fill("shop/acid-new-clone");
  await page.getByLabel("gone for good").check();
  await picture("delete-agreed");
  await page.getByRole("button", { name: "Delete for good" }).click();
  await page.getByRole("heading", { name: "Clusters" }).waitFor();
  await picture("deleted");
}
