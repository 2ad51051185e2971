/** The whole manifest of a cluster as YAML; what was changed is sent, and nothing else. */

import { useEffect, useState } from "preact/hooks";
import { parse, stringify } from "yaml";
import type { Json } from "../../changed_paths.ts";
import { type ApiError, ask, part } from "../api.ts";
import { count } from "../format.ts";
import { type Edit, editable, editOf, type Manifest } from "../manifest.ts";
import { clusterPath, Empty, Problem, Section, Title } from "../parts.tsx";
import { mayWrite, send } from "../session.ts";
import { PlanPreview } from "../plan_preview.tsx";

export function EditPage({ namespace, name }: { namespace: string; name: string }) {
  const path = `postgresqls/${part(namespace)}/${part(name)}`;
  const [stored, setStored] = useState<Manifest>();
  const [error, setError] = useState<string>();
  const load = async () => {
    try {
      setStored(await ask<Manifest>(path));
      setError(undefined);
    } catch (error) {
      setError((error as ApiError).message);
    }
  };
  useEffect(() => void load(), [path]);
  return (
    <>
      <Title document={`Edit ${namespace}/${name}`}>Edit {name}</Title>
      {stored !== undefined
        ? <Editor key={stored.metadata.resourceVersion} stored={stored} path={path} load={load} />
        : error
        ? <Problem>{error}</Problem>
        : <Empty>Asking …</Empty>}
    </>
  );
}

interface EditorProps {
  readonly stored: Manifest;
  readonly path: string;
  readonly load: () => void;
}

function Editor({ stored, path, load }: EditorProps) {
  const { namespace, name } = stored.metadata;
  const [text, setText] = useState(() => stringify(editable(stored), { lineWidth: 0 }));
  const [error, setError] = useState<string>();
  const [checked, setChecked] = useState("");
  const { edit, manifest, problem } = read(stored, text);
  const patch = async (trial: boolean) => {
    try {
      await send("PATCH", trial ? `${path}?dryRun=All` : path, edit.patch);
      setError(undefined);
      if (trial) setChecked(text);
      else location.hash = clusterPath({ namespace, name });
    } catch (error) {
      setError(refusalOf(error as ApiError));
    }
  };
  const ready = edit.patch !== undefined && problem === undefined && mayWrite.value;
  return (
    <>
      <p class="lead">
        The whole manifest. Only the fields that you change are sent, so nobody else's change is
        undone.
      </p>
      {error && <Problem>{error}</Problem>}
      <div class="columns even">
        <textarea
          class="yaml"
          aria-label="Manifest"
          spellcheck={false}
          readOnly={!mayWrite.value}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <div>
          <YourChange edit={edit} problem={problem} stored={stored} manifest={manifest} />
          {edit.patch !== undefined && !problem && (
            <PlanPreview namespace={namespace} name={name} manifest={manifest} />
          )}
          <p class="buttons">
            <button type="button" disabled={!ready} onClick={() => patch(true)}>
              Check with Kubernetes
            </button>
            <button
              type="button"
              class="main"
              disabled={!ready || checked !== text}
              onClick={() => patch(false)}
            >
              Apply
            </button>
            <button type="button" onClick={load}>Load again</button>
          </p>
          {!mayWrite.value && <p class="muted">This UI is read-only.</p>}
        </div>
      </div>
    </>
  );
}

function refusalOf({ status, message }: ApiError): string {
  if (status !== 409) return message;
  return "Somebody has changed it meanwhile. Copy what you need, and load it again.";
}

function YourChange({ edit, problem, stored, manifest }: {
  edit: Edit;
  problem: string | undefined;
  stored: Manifest;
  manifest: Json;
}) {
  return (
    <Section title="Your change" note={count(edit.paths.length, "field")}>
      {problem
        ? <Problem>{problem}</Problem>
        : edit.patch === undefined
        ? <Empty>Nothing is changed.</Empty>
        : <ChangeList before={editable(stored)} after={manifest} paths={edit.paths} />}
    </Section>
  );
}

function read(stored: Manifest, text: string): {
  edit: Edit;
  manifest: Json;
  problem: string | undefined;
} {
  const nothing = { patch: undefined, paths: [], problem: undefined };
  try {
    const manifest = parse(text) as Json;
    const edit = editOf(stored, manifest);
    return { edit, manifest, problem: edit.problem };
  } catch (error) {
    return { edit: nothing, manifest: null, problem: (error as Error).message };
  }
}

/** Each changed field with both values. */
export function ChangeList(
  { before, after, paths }: { before: Json; after: Json; paths: readonly string[] },
) {
  return (
    <ul class="diff plain">
      {paths.map((path) => (
        <li key={path}>
          <code class="path">{path}</code>
          <del>
            <span class="hidden">before</span> {shown(before, path)}
          </del>
          <ins>
            <span class="hidden">after</span> {shown(after, path)}
          </ins>
        </li>
      ))}
    </ul>
  );
}

function shown(object: Json, path: string): string {
  const keys = [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g)]
    .map((match) => match[1] ?? match[2] ?? "");
  let value: Json | undefined = object;
  for (const key of keys) {
    value = typeof value === "object" && value !== null && Object.hasOwn(value, key)
      ? (value as { [key: string]: Json })[key]
      : undefined;
  }
  return value === undefined ? "nothing" : stringify(value, { lineWidth: 0 }).trimEnd();
}
