/** What people do in the web UI, in a real browser, and what then is in the API server. */

import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { TOKENS } from "./ui_server.ts";
import { LIVES } from "./ui_with_operator.ts";
import { browserEnds, inBrowser, shown, signIn, type Stage } from "./stage.ts";

const SIGNAL = AbortSignal.timeout(600_000);

async function stored({ served }: Stage, name: string): Promise<KubeObject | undefined> {
  const ref = { apiVersion: "acid.zalan.do/v1", kind: "postgresql", namespace: "shop", name };
  return await served.world.admin.get(ref, { signal: SIGNAL });
}

function specOf(object: KubeObject | undefined): Record<string, unknown> {
  return object?.["spec"] as Record<string, unknown>;
}

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

for (const count of [0, 3, 200, 1000]) {
  inBrowser(`beside ${count} clusters one is made, changed, cloned and deleted`, async (stage) => {
    const { page } = stage;
    await signIn(stage);
    await page.getByRole("link", { name: "New cluster" }).click();
    await page.getByLabel("Name", { exact: true }).fill("acid-new");
    await page.getByLabel("Team").fill("acid");
    assert.equal(await page.getByRole("button", { name: "Create" }).isDisabled(), true);
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByText("Kubernetes would store it").waitFor();
    assert.equal(await stored(stage, "acid-new"), undefined, "a preview stores nothing");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { name: "acid-new", exact: true }).waitFor();
    await page.getByText("The operator has not looked at this cluster yet.").first().waitFor();

    await page.getByRole("link", { name: "Edit" }).click();
    await page.getByText("Nothing is changed.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Preview" }).isDisabled(), true);
    await page.getByLabel("Members").fill("3");
    await page.getByText("spec.numberOfInstances").waitFor();
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByText("nothing that runs is disturbed").waitFor();
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByRole("heading", { name: "acid-new", exact: true }).waitFor();
    assert.equal(specOf(await stored(stage, "acid-new"))["numberOfInstances"], 3);

    await page.getByRole("link", { name: "Clone" }).click();
    await page.getByLabel("Of cluster").waitFor();
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { name: "acid-new-clone", exact: true }).waitFor();
    const { metadata } = (await stored(stage, "acid-new"))!;
    assert.deepEqual(specOf(await stored(stage, "acid-new-clone"))["clone"], {
      cluster: "acid-new",
      uid: metadata.uid,
    });

    await page.getByRole("link", { name: "Delete" }).click();
    const button = page.getByRole("button", { name: "Delete for good" });
    await page.getByLabel("Type shop/acid-new-clone to go on").fill("shop/acid-new-clone");
    assert.equal(await button.isDisabled(), true, "the name alone is not enough");
    await page.getByLabel("gone for good").check();
    await button.click();
    await page.getByRole("heading", { name: "Clusters" }).waitFor();
    assert.equal(await stored(stage, "acid-new-clone"), undefined);
  }, { count });
}

inBrowser("a form changes its field in the text, and the text shows in the form", async (stage) => {
  const { page, origin } = stage;
  await signIn(stage);
  await shown(page, `${origin}/#/edit/shop/acid-orders`);
  const box = page.getByRole("textbox", { name: "Manifest" });
  await box.fill(`# kept\n${await box.inputValue()}`);
  await page.getByLabel("Users").fill("app: createdb\nreader");
  await page.getByLabel("Connection pooler for the primary").check();
  const text = await box.inputValue();
  assert.match(text, /^# kept\n/);
  assert.match(text, /users:\n {4}app:\n {6}- createdb\n {4}reader: \[\]/);
  assert.match(text, /enableConnectionPooler: true/);
  await box.fill(text.replace("size: 10Gi", "size: 20Gi"));
  assert.equal(await page.getByLabel("Volume").inputValue(), "20Gi");
  await box.fill("a: [");
  await page.getByText("The text is no YAML").first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Preview" }).isDisabled(), true);
});

inBrowser(
  "what restarts pods has to be agreed to, and a further change asks again",
  async (stage) => {
    const { page, origin } = stage;
    await signIn(stage);
    await shown(page, `${origin}/#/edit/shop/acid-orders`);
    await page.getByLabel("Memory limit").fill("4Gi");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByText("pods or PostgreSQL restart.").waitFor();
    const apply = page.getByRole("button", { name: "Apply" });
    assert.equal(await apply.isDisabled(), true);
    await page.getByLabel("connections break").check();
    assert.equal(await apply.isDisabled(), false);
    await page.getByLabel("Members").fill("3");
    assert.equal(await apply.isDisabled(), true, "another change was not previewed");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByLabel("connections break").waitFor();
    assert.equal(await page.getByLabel("connections break").isChecked(), false);
  },
);

inBrowser("a change of somebody else meanwhile is not undone, and is said", async (stage) => {
  const { page, origin, served } = stage;
  await signIn(stage);
  await shown(page, `${origin}/#/edit/shop/acid-orders`);
  await page.getByLabel("Members").fill("3");
  await page.getByText("spec.numberOfInstances").waitFor();
  const ref = { apiVersion: "acid.zalan.do/v1", kind: "postgresql", namespace: "shop" };
  const body = { spec: { volume: { size: "11Gi" } } };
  const options = { type: "merge", body, signal: SIGNAL } as const;
  await served.world.admin.patch({ ...ref, name: "acid-orders" }, options);
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("Somebody has changed it meanwhile").waitFor();
  await page.getByRole("button", { name: "Load again" }).click();
  await page.waitForFunction("document.querySelector('textarea.yaml').value.includes('11Gi')");
});

inBrowser("what Kubernetes refuses stands beside its field", async (stage) => {
  const { page, origin } = stage;
  await signIn(stage);
  await shown(page, `${origin}/#/edit/shop/acid-orders`);
  const box = page.getByRole("textbox", { name: "Manifest" });
  await box.fill((await box.inputValue()).replace('version: "18"', 'version: "9"'));
  await page.getByRole("button", { name: "Preview" }).click();
  const field = page.getByLabel("PostgreSQL", { exact: true });
  await page.locator('select[aria-invalid="true"]').waitFor();
  assert.equal(await field.getAttribute("aria-invalid"), "true");
});

inBrowser("a viewer is told by Kubernetes that this is not theirs to change", async (stage) => {
  const { page, origin } = stage;
  await signIn(stage, TOKENS.viewer);
  await shown(page, `${origin}/#/edit/shop/acid-orders`);
  await page.getByLabel("Members").fill("3");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("forbidden").first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Apply" }).isDisabled(), true);
});

inBrowser("a refused deletion is shown, and the cluster stays", async (stage) => {
  const { page, origin } = stage;
  await signIn(stage, TOKENS.viewer);
  await shown(page, `${origin}/#/delete/shop/acid-orders`);
  await page.getByLabel("Type shop/acid-orders to go on").fill("shop/acid-orders");
  await page.getByLabel("gone for good").check();
  await page.getByRole("button", { name: "Delete for good" }).click();
  await page.getByText("forbidden").first().waitFor();
  assert.notEqual(await stored(stage, "acid-orders"), undefined);
});

inBrowser("the annotations that a deletion needs are set before it", async (stage) => {
  const { page, origin, served } = stage;
  await signIn(stage);
  served.world.audited();
  await shown(page, `${origin}/#/delete/shop/acid-orders`);
  await page.getByText("delete-date, delete-clustername").waitFor();
  await page.getByLabel("Type shop/acid-orders to go on").fill("shop/acid-orders");
  await page.getByLabel("gone for good").check();
  await page.getByRole("button", { name: "Delete for good" }).click();
  await page.getByRole("heading", { name: "Clusters" }).waitFor();
  const writes = served.world.audited().filter((line) => /patch|delete/.test(line));
  assert.deepEqual(writes, ["editor patch postgresqls", "editor delete postgresqls"]);
});

inBrowser("an action is asked for by one annotation, with its plan before", async (stage) => {
  const { page, origin } = stage;
  await signIn(stage);
  await shown(page, `${origin}/#/act/shop/acid-orders`);
  await page.getByLabel("Switchover").check();
  await page.getByLabel("To", { exact: true }).selectOption("acid-orders-1");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByLabel("connections break").check();
  await page.getByRole("button", { name: "Ask for it" }).click();
  await page.getByLabel("Switchover").and(page.locator(":not(:checked)")).waitFor();
  const { annotations = {} } = (await stored(stage, "acid-orders"))!.metadata;
  assert.match(
    annotations["acid.zalan.do/request-switchover"] ?? "",
    /^ui-\d{12}-\w{4},to=acid-orders-1$/,
  );

  // The switchover still stands in the manifest, so the plan has it each time.
  await page.getByLabel("Pause").check();
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByLabel("connections break").check();
  await page.getByRole("button", { name: "Ask for it" }).click();
  await page.getByLabel("End the pause").check();
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByLabel("connections break").check();
  await page.getByRole("button", { name: "End the pause" }).click();
  await page.getByText("Nothing of the cluster is changed until").waitFor();
  const after = (await stored(stage, "acid-orders"))!.metadata.annotations ?? {};
  assert.equal("acid.zalan.do/request-pause" in after, false);
});

inBrowser("backups of a cluster that is gone lead to a clone at that moment", async (stage) => {
  const { page, origin } = stage;
  await signIn(stage);
  await shown(page, `${origin}/#/backups`);
  await page.getByText("acid-gone").click();
  await page.getByRole("link", { name: "as it was then" }).click();
  assert.equal(await page.getByLabel("Of cluster").inputValue(), "acid-gone");
  assert.equal(await page.getByLabel("With uid").inputValue(), LIVES);
});

inBrowser("a clone of a running cluster stays within what can be restored", async (stage) => {
  const { page, origin } = stage;
  await signIn(stage);
  await shown(page, `${origin}/#/cluster/shop/acid-orders`);
  await page.getByRole("link", { name: "at a moment" }).click();
  await page.getByText("Any moment from").waitFor();
  await page.getByLabel("At this moment").fill("2001-01-01T00:00:00Z");
  await page.getByText("Before the first moment that can be restored").first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Preview" }).isDisabled(), true);
});

inBrowser(
  "a new cluster begins with a template, and its text is copied and downloaded",
  async (stage) => {
    const { page, origin } = stage;
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await signIn(stage);
    await shown(page, `${origin}/#/new`);
    await page.getByLabel("Begin with").selectOption("large, with a pooler");
    assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "acid-large");
    const text = await page.getByRole("textbox", { name: "Manifest" }).inputValue();
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    assert.equal(await page.evaluate("navigator.clipboard.readText()"), text);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    assert.equal((await download).suggestedFilename(), "acid-large.yaml");
  },
);

inBrowser(
  "the way to connect follows user, database and way, and no Secret is read",
  async (stage) => {
    const { page, origin, served } = stage;
    await signIn(stage);
    served.world.audited();
    await shown(page, `${origin}/#/cluster/shop/acid-orders`);
    await page.getByLabel("By", { exact: true }).selectOption("Replicas, to read");
    await page.getByText("host=acid-orders-repl.shop port=5432 dbname=postgres user=postgres")
      .waitFor();
    await page.getByText("postgres.acid-orders.credentials.postgresql.acid.zalan.do").waitFor();
    assert.deepEqual(served.world.audited().filter((line) => line.includes("secrets")), []);
  },
);

browserEnds();
