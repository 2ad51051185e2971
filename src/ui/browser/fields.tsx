/** Fields of forms with their labels, what they may hold, and what is wrong with them. */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";

interface Field {
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly problem?: string | undefined;
  /** What may stand here. */
  readonly hint?: string | undefined;
}

/** What a control of a field is given. */
interface Control {
  readonly id: string;
  readonly "aria-invalid": boolean;
  readonly "aria-describedby": string | undefined;
}

/** A label, the control, and in its description what is wrong or what may stand there. */
function Labelled({ label, problem, hint, children }: Pick<Field, "label" | "problem" | "hint"> & {
  readonly children: (control: Control) => ComponentChildren;
}) {
  const id = useId();
  const text = problem ?? hint;
  const described = `${id}-text`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({
        id,
        "aria-invalid": problem !== undefined,
        "aria-describedby": text === undefined ? undefined : described,
      })}
      {text !== undefined && (
        <span id={described} class={problem === undefined ? "hint" : "wrong"}>{text}</span>
      )}
    </div>
  );
}

export function TextField({ value, set, number = false, ...field }: Field & {
  /** Shows digits on a small keyboard; what is typed is a text all the same. */
  readonly number?: boolean;
}) {
  return (
    <Labelled {...field}>
      {(control) => (
        <input
          {...control}
          type="text"
          inputMode={number ? "numeric" : "text"}
          autocomplete="off"
          spellcheck={false}
          value={value}
          onInput={(event) => set(event.currentTarget.value)}
        />
      )}
    </Labelled>
  );
}

/** Lines that stand for a list or a map; what is typed stays as it is while it means the same. */
export function LinesField({ value, set, same, ...field }: Field & {
  /** True where two texts mean the same. */
  readonly same: (a: string, b: string) => boolean;
}) {
  const [text, setText] = useState(value);
  useEffect(() => {
    if (!same(text, value)) setText(value);
  }, [value]);
  return (
    <Labelled {...field}>
      {(control) => (
        <textarea
          {...control}
          rows={3}
          spellcheck={false}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            set(event.currentTarget.value);
          }}
        />
      )}
    </Labelled>
  );
}

export function Select({ value, set, options, ...field }: Field & {
  readonly options: readonly string[];
}) {
  const all = options.includes(value) ? options : [value, ...options];
  return (
    <Labelled {...field}>
      {(control) => (
        <select
          {...control}
          value={value}
          onChange={(event) => set(event.currentTarget.value)}
        >
          {all.map((option) => <option key={option}>{option}</option>)}
        </select>
      )}
    </Labelled>
  );
}

export function CheckField(
  { label, value, set }: { label: string; value: boolean; set: (value: boolean) => void },
) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={value}
        onChange={(event) => set(event.currentTarget.checked)}
      />
      {label}
    </label>
  );
}
