/**
 * Names made of a format with tokens in braces: `{cluster}.{namespace}.{hostedzone}`. A token that
 * is not known stays as it is written.
 *
 * Zalando: pkg/util/config/util.go, StringTemplate.Format
 */

/** Fills the tokens of a format in the order of `values`; all occurrences of each. */
export function fillTemplate(format: string, values: Readonly<Record<string, string>>): string {
  let text = format;
  for (const [token, value] of Object.entries(values)) {
    // Not `replaceAll`, which is slower and gives `$` in a value a meaning.
    text = text.split(`{${token}}`).join(value);
  }
  return text;
}
