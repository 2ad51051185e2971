/** The whole manifest of a cluster; what was changed is sent, and nothing else. */

import { useEffect, useState } from "preact/hooks";
import type { ConfigView } from "../../../debug/shapes.ts";
import { type ApiError, ask, part } from "../api.ts";
import { ChangeList } from "../change_list.tsx";
import { count } from "../format.ts";
import { instanceBounds } from "../limits.ts";
import { editable, editOf, type Manifest, manifestProblems } from "../manifest.ts";
import { ManifestEditor } from "../manifest_editor.tsx";
import { readText, textOf } from "../manifest_text.ts";
import { clusterPath, Empty, Problem, Section, Title, Trail, useAsked } from "../parts.tsx";
import { send } from "../session.ts";

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
      <Trail namespace={namespace} name={name} />
      <Title document={`Edit ${namespace}/${name}`}>Edit {name}</Title>
      {error && <Problem>{error}</Problem>}
      {stored !== undefined
        ? <Editor key={stored.metadata.resourceVersion} stored={stored} path={path} load={load} />
        : error === undefined && <Empty>Asking …</Empty>}
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
  const before = editable(stored);
  const [text, setText] = useState(() => textOf(before));
  const { value: config } = useAsked<ConfigView>("operator/config", 0);
  const { manifest, problem } = readText(text);
  const edit = editOf(stored, manifest);
  const problems = problem === undefined
    ? manifestProblems(manifest, { instances: instanceBounds(config?.operator) })
    : new Map<string, string>();
  // What was wrong before is not this change's fault, and does not keep it from being sent.
  for (const path of manifestProblems(before).keys()) problems.delete(path);
  const wrong = problem ?? edit.problem;
  return (
    <>
      <p class="lead">
        Only the fields that you change are sent, so nobody else's change is undone.
      </p>
      <ManifestEditor
        text={text}
        setText={setText}
        fresh={false}
        problems={problems}
        settings={config?.operator}
        change={edit.patch === undefined || wrong !== undefined ? undefined : {
          namespace,
          name,
          manifest,
          verb: "Apply",
          send: (trial) => send("PATCH", trial ? `${path}?dryRun=All` : path, edit.patch),
        }}
        done={() => (location.hash = clusterPath({ namespace, name }))}
        tools={
          <p class="buttons">
            <button type="button" class="quiet" onClick={load}>Load again</button>
          </p>
        }
      >
        <Section title="Your change" note={count(edit.paths.length, "field")}>
          {wrong !== undefined
            ? <Problem>{wrong}</Problem>
            : edit.patch === undefined
            ? <Empty>Nothing is changed.</Empty>
            : <ChangeList before={before} after={manifest} paths={edit.paths} />}
        </Section>
      </ManifestEditor>
    </>
  );
}
