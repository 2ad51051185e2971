/** Manifests that a document shows, as the files that its commands name. */
import { parse } from "yaml";

interface Named {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
}

/** Whole objects in fenced blocks: name of the file → text. */
export function blocksInLanguage(document: string, language: string): [string, string][] {
  const text = Deno.readTextFileSync(document);
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"));
  return [...blocks].flatMap(([, content = ""]): [string, string][] => {
    const { kind, metadata } = (parse(content) ?? {}) as Named;
    const name = metadata?.name;
    return kind === undefined || name === undefined ? [] : [[`${name}.yaml`, content]];
  });
}
