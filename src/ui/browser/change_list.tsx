/** Changed fields with both values. */

import type { Json } from "../changed_paths.ts";
import { fieldAt, textOf } from "./manifest_text.ts";

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
  const value = fieldAt(object, keys);
  return value === undefined ? "nothing" : textOf(value).trimEnd();
}
