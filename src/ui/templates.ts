/**
 * Manifests that new clusters begin with: files of a folder, which a ConfigMap fills in a pod. They
 * are read again whenever somebody asks, as a ConfigMap changes them in place.
 */

/** A manifest to begin with. */
export interface Template {
  readonly name: string;
  /** YAML, as it is in the file. */
  readonly text: string;
}

/** What is read of a folder. */
export interface Files {
  readonly names: (folder: string) => Promise<readonly string[]>;
  readonly text: (path: string) => Promise<string>;
}

/** Longest manifest that is shown; what is longer is none. */
const MOST_LENGTH = 256 * 1024;

/** The templates of a folder by name; none where no folder is named. @throws Error with its path */
export async function readTemplates(folder: string, files: Files): Promise<Template[]> {
  if (folder === "") return [];
  let names: readonly string[];
  try {
    names = await files.names(folder);
  } catch (cause) {
    throw new Error(`cannot read the templates in ${folder} (OPERATOR_UI_TEMPLATES)`, { cause });
  }
  const wanted = names.filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
  const read = await Promise.all(wanted.map(async (name) => ({
    name: name.replace(/\.ya?ml$/, ""),
    text: await files.text(`${folder}/${name}`),
  })));
  return read.filter(({ text }) => text.length <= MOST_LENGTH);
}
