/** Small parts that several pages are made of. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { RowView } from "../../debug/overview_shapes.ts";
import { type ApiError, ask, part } from "./api.ts";
import { type Tone, TONE_WORDS, toneOf, wordOf } from "./state.ts";

/** A word on a coloured ground; the mark before it says the same without colour. */
export function Pill({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`pill ${tone}`}>{children}</span>;
}

/** The status of a cluster. */
export function Status({ row }: { row: RowView }) {
  const tone = toneOf(row);
  const word = wordOf(row);
  return (
    <span title={TONE_WORDS[tone]}>
      <Pill tone={tone}>{word}</Pill>
    </span>
  );
}

/** The address of a cluster's page. */
export function clusterPath({ namespace, name }: { namespace: string; name: string }): string {
  return `#/cluster/${part(namespace)}/${part(name)}`;
}

/** Where a page of a cluster is. */
export function Trail({ namespace, name }: { namespace: string; name?: string }) {
  return (
    <nav class="trail" aria-label="You are here">
      <a href="#/clusters">Clusters</a> <span aria-hidden="true">/</span> {namespace}
      {name !== undefined && (
        <>
          {" "}
          <span aria-hidden="true">/</span> <a href={clusterPath({ namespace, name })}>{name}</a>
        </>
      )}
    </nav>
  );
}

/** True once a page has been shown. */
let turned = false;

/** The heading of a page, which is read out when the page has changed. */
export function Title(
  { children, document: text }: { children: ComponentChildren; document: string },
) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${text} · Postgres Operator`;
    // The first page is read from its beginning; later ones from their headings.
    if (turned) heading.current?.focus({ preventScroll: true });
    turned = true;
  }, [text]);
  return <h1 ref={heading} tabIndex={-1}>{children}</h1>;
}

/** A part of a page with a heading. */
export function Section(
  { title, note, children }: {
    title: string;
    note?: ComponentChildren;
    children: ComponentChildren;
  },
) {
  const id = `section-${title.toLowerCase().replaceAll(/\W+/g, "-")}`;
  return (
    <section aria-labelledby={id}>
      <header class="section">
        <h2 id={id}>{title}</h2>
        {note && <span class="muted">{note}</span>}
      </header>
      {children}
    </section>
  );
}

/** A table that scrolls in itself on narrow screens. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return <div class="scroll" role="group" aria-label={label} tabIndex={0}>{children}</div>;
}

/** What stands where there is nothing to show. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** A message that something could not be done. */
export function Problem({ children }: { children: ComponentChildren }) {
  return <p class="problem" role="alert">{children}</p>;
}

/** Why a part of a cluster's page is not there. */
export function NotThere({ error: { status, message } }: { error: ApiError }) {
  // A new cluster is known to Kubernetes a moment before the operator has heard of it.
  return status === 404
    ? <Empty>The operator has not looked at this cluster yet.</Empty>
    : <Problem>{message}</Problem>;
}

/** An answer in JSON that is asked for again and again while it is shown. */
export interface Asked<T> {
  readonly value: T | undefined;
  readonly error: ApiError | undefined;
}

/** Asks now, every `everyMs`, and whenever `on` changes; an older answer stays when one fails. */
export function useAsked<T>(path: string, everyMs: number, on: unknown = ""): Asked<T> {
  const [state, setState] = useState<Asked<T> & { path: string }>(
    { value: undefined, error: undefined, path },
  );
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const turn = async () => {
      try {
        const value = await ask<T>(path);
        if (!over) setState({ value, error: undefined, path });
      } catch (error) {
        if (!over) {
          setState((before) => ({
            value: before.path === path ? before.value : undefined,
            error: error as ApiError,
            path,
          }));
        }
      }
      if (!over && everyMs > 0) timer = setTimeout(turn, everyMs);
    };
    void turn();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [path, everyMs, on]);
  return state.path === path ? state : { value: undefined, error: undefined };
}
