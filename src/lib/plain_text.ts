/**
 * What a peer says, as far as it may be repeated in logs, Events, the status and plans. A peer may
 * quote what it was told, and what it was told may be a secret; so of its words only those are shown
 * that are plain English (`plain_words.ts`), numbers, or names that the message gives anyhow.
 */

import { PLAIN_WORDS } from "./plain_words.ts";

/** Stands for what is not shown. */
const HIDDEN = "…";
const LONGEST = 1000;

export interface PlainTextOptions {
  /** Texts whose words are known anyhow: `Pod shop/acid-orders-0`. */
  readonly known?: readonly string[];
  /** Characters of the peer's text that are looked at; 1,000 unless told. */
  readonly limit?: number;
}

/** The text in one line, with an ellipsis for every word that is not known to be harmless. */
export function plainText(text: string, options: PlainTextOptions = {}): string {
  const known = new Set((options.known ?? []).flatMap(wordsOf));
  const harmless = (word: string) => isPlain(word) || known.has(word);
  return text.trim().slice(0, options.limit ?? LONGEST)
    .replaceAll(/(["'`])([^"'`]*)\1/g, (whole, quote: string, inner: string) => {
      // Somebody's own words stand in quotes: all of them are harmless, or none is shown.
      const shown = !/\s/.test(inner) ? hideWords(inner, harmless) : HIDDEN;
      return shown === inner ? whole : `${quote}${HIDDEN}${quote}`;
    })
    .split(/(\s+)/)
    .map((part) => /^\s+$/.test(part) ? " " : hideWords(part, harmless))
    .join("")
    .replaceAll(/…(?:\s?…)+/g, HIDDEN);
}

/** One part without blanks: what is left of it, or an ellipsis for the whole where most is hidden. */
function hideWords(part: string, harmless: (word: string) => boolean): string {
  const words = wordsOf(part);
  if (words.every(harmless)) return part;
  // Of `key=value` the key may be shown, of anything else nothing.
  const [, key = "", sign = ""] = /^([A-Za-z_.]+)([=:])./.exec(part) ?? [];
  return key !== "" && wordsOf(key).every(harmless) ? `${key}${sign}${HIDDEN}` : HIDDEN;
}

/** Words of a text: `volumeMounts[0].max_size` has five. */
function wordsOf(text: string): string[] {
  return text.replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2").match(/[\p{L}\p{N}]+/gu) ?? [];
}

function isPlain(word: string): boolean {
  // `python3` and `utf8` are words too.
  return /^\d{1,6}$/.test(word) || PLAIN_WORDS.has(word.toLowerCase().replace(/\d$/, ""));
}
