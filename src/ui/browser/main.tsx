/** The frame of all pages: heading, navigation, the page that the address names. */

import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { MODE } from "./api.ts";
import { ActPage } from "./pages/act.tsx";
import { BackupsPage } from "./pages/backups.tsx";
import { CreatePage } from "./pages/create.tsx";
import { DeletePage } from "./pages/delete.tsx";
import { EditPage } from "./pages/edit.tsx";
import { SignInPage } from "./pages/sign_in.tsx";
import { loadSession, session, signOut } from "./session.ts";
import { follow, link, operator } from "./store.ts";
import { ClustersPage } from "./pages/clusters.tsx";
import { ClusterPage } from "./pages/cluster.tsx";
import { FindingsPage } from "./pages/findings.tsx";
import { OperatorPage } from "./pages/operator.tsx";
import { ThemeButton } from "./theme.tsx";

const MENU = [
  { page: "clusters", text: "Clusters" },
  { page: "findings", text: "Findings" },
  ...(MODE === "ui"
    ? [{ page: "backups", text: "Backups" }, { page: "new", text: "New cluster" }]
    : []),
  { page: "operator", text: "Operator" },
];

const LINKS = {
  connecting: "connecting",
  live: "live",
  polling: "every 3 s",
  lost: "no connection",
};

/** The parts of the address after `#/`. */
function route(): string[] {
  const parts = location.hash.replace(/^#\/?/, "").split("?")[0]!.split("/");
  return parts.map((text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  });
}

function App() {
  const [parts, setParts] = useState(route);
  useEffect(() => {
    const turn = () => setParts(route());
    addEventListener("hashchange", turn);
    return () => removeEventListener("hashchange", turn);
  }, []);
  const [page = "", ...rest] = parts;
  const signedIn = MODE === "dashboard" || typeof session.value?.user === "string";
  useEffect(() => {
    if (signedIn) follow();
  }, [signedIn]);
  return (
    <>
      <a class="skip" href="#content" onClick={skip}>Skip to the content</a>
      <header class="top">
        <a class="brand" href="#/clusters">
          <img src="icon.svg" alt="" width="22" height="22" />
          Postgres Operator
        </a>
        <nav aria-label="Pages">
          {MENU.map(({ page: name, text }) => (
            <a
              key={name}
              href={`#/${name}`}
              aria-current={name === (page || "clusters") ? "page" : undefined}
            >
              {text}
            </a>
          ))}
        </nav>
        <span class="right">
          {signedIn && <span class={`link ${link.value}`} role="status">{LINKS[link.value]}</span>}
          {session.value?.user && <span>{session.value.user}</span>}
          {session.value?.user && session.value.signIn === "token" && (
            <button type="button" class="quiet" onClick={signOut}>Sign out</button>
          )}
          <ThemeButton />
        </span>
      </header>
      <main id="content" tabIndex={-1}>
        {session.value?.message && <p class="problem">{session.value.message}</p>}
        {operator.value?.ready === false && (
          <p class="problem" role="status">The operator is not ready: its caches are filling.</p>
        )}
        {signedIn
          ? <Page name={page} rest={rest} />
          : session.value === undefined
          ? <p class="empty">Asking …</p>
          : <SignInPage />}
      </main>
    </>
  );
}

/** The address stays what it is: it names the page. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

function Page({ name, rest }: { name: string; rest: string[] }) {
  const [first = "", second = ""] = rest;
  switch (name) {
    case "cluster":
      return <ClusterPage key={`${first}/${second}`} namespace={first} name={second} />;
    case "edit":
      return <EditPage key={`${first}/${second}`} namespace={first} name={second} />;
    case "act":
      return <ActPage key={`${first}/${second}`} namespace={first} name={second} />;
    case "delete":
      return <DeletePage namespace={first} name={second} />;
    case "new":
      return (
        <CreatePage key={location.hash} query={new URLSearchParams(location.hash.split("?")[1])} />
      );
    case "backups":
      return <BackupsPage />;
    case "findings":
      return <FindingsPage />;
    case "operator":
      return <OperatorPage />;
    default:
      return <ClustersPage />;
  }
}

void loadSession().catch(() => (link.value = "lost"));
render(<App />, document.getElementById("app")!);
