/** Fields of forms with their labels and what is wrong with them. */

import { useId } from "preact/hooks";

interface Field<T> {
  readonly label: string;
  readonly value: T;
  readonly set: (value: T) => void;
  readonly problem?: string | undefined;
}

export function TextField({ label, value, set, problem }: Field<string>) {
  const id = useId();
  return (
    <label class="field">
      {label}
      <input
        type="text"
        autocomplete="off"
        spellcheck={false}
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : id}
        onInput={(event) => set(event.currentTarget.value)}
      />
      {problem !== undefined && value !== "" && <span id={id} class="wrong">{problem}</span>}
    </label>
  );
}

export function NumberField({ label, value, set }: Field<number>) {
  return (
    <label class="field">
      {label}
      <input
        type="number"
        min="0"
        value={value}
        onInput={(event) => set(Number(event.currentTarget.value))}
      />
    </label>
  );
}

export function TextArea({ label, value, set }: Field<string>) {
  return (
    <label class="field">
      {label}
      <textarea
        rows={3}
        spellcheck={false}
        value={value}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
}

export function Select(
  { label, value, set, options }: Field<string> & { options: readonly string[] },
) {
  const all = options.includes(value) ? options : [value, ...options];
  return (
    <label class="field">
      {label}
      <select value={value} onChange={(event) => set(event.currentTarget.value)}>
        {all.map((option) => <option key={option}>{option}</option>)}
      </select>
    </label>
  );
}
