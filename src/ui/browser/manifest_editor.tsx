/** A manifest to be made or changed: a form for common fields, the whole as YAML, and what it does. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Json } from "../changed_paths.ts";
import type { FieldProblem } from "./api.ts";
import { type Change, ChangeBar } from "./change_bar.tsx";
import { ManifestForm } from "./manifest_form.tsx";
import { readText, withField } from "./manifest_text.ts";
import type { OperatorSettings } from "./limits.ts";
import { Problem } from "./parts.tsx";

export interface EditorProps {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly fresh: boolean;
  /** What is wrong with the manifest, by path. */
  readonly problems: ReadonlyMap<string, string>;
  /** Undefined where there is nothing to send. */
  readonly change: Omit<Change, "id"> | undefined;
  readonly done: () => void;
  readonly settings: OperatorSettings | undefined;
  readonly window?: string | undefined;
  /** What stands above the buttons: what was changed, say. */
  readonly children?: ComponentChildren;
  /** Further buttons, below the text. */
  readonly tools?: ComponentChildren;
}

export function ManifestEditor(props: EditorProps) {
  const { text, setText, fresh, problems, change, done, settings, window, children, tools } = props;
  const [refused, setRefused] = useState<{ of: string; fields: readonly FieldProblem[] }>();
  const { manifest, problem } = readText(text);
  const fields = refused?.of === text ? refused.fields : [];
  const all = new Map([
    ...problems,
    ...fields.map(({ path, message }) => [path, message] as const),
  ]);
  const ready = problem === undefined && problems.size === 0;
  return (
    <div class="columns even">
      <form class="sheet" onSubmit={(event) => event.preventDefault()}>
        {problem === undefined
          ? (
            <ManifestForm
              manifest={manifest}
              set={(path, value: Json | undefined) => setText(withField(text, path, value))}
              problems={all}
              fresh={fresh}
              settings={settings}
              window={window}
            />
          )
          : <Problem>The text is no YAML: {problem}</Problem>}
      </form>
      <div>
        <label class="field first">
          Manifest
          <textarea
            class="yaml"
            spellcheck={false}
            rows={Math.min(40, Math.max(16, text.split("\n").length + 1))}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        {tools}
        {children}
        <ChangeBar
          change={ready && change !== undefined ? { ...change, id: text } : undefined}
          done={done}
          refused={(list) => setRefused({ of: text, fields: list })}
        />
        {!ready && problems.size > 0 && <Missing problems={problems} />}
      </div>
    </div>
  );
}

/** Why there is nothing to preview yet. */
function Missing({ problems }: { problems: ReadonlyMap<string, string> }) {
  return (
    <ul class="evidence">
      {[...problems].map(([path, message]) => (
        <li key={path}>
          <code>{path}</code>: {message}
        </li>
      ))}
    </ul>
  );
}
