/**
 * How PostgreSQL and its clients prepare a password before it is hashed for SCRAM: RFC 4013 as
 * far as it matters. Whatever the rules forbid is taken as it is, which is what the server does.
 *
 * https://www.postgresql.org/docs/current/sasl-authentication.html
 */

// deno-lint-ignore no-control-regex
const ASCII = /^[\x00-\x7f]*$/;

/** RFC 3454, C.1.2: spaces that become a plain one. */
const SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;

/** RFC 3454, B.1: characters that vanish. */
const NOTHING = /[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]/g;

/** RFC 3454, C.2 to C.9: controls, private use, non-characters, surrogates, tags; unassigned. */
const FORBIDDEN =
  /[\p{Cc}\p{Co}\p{Cs}\p{Cn}\u06dd\u070f\u180e\u2028\u2029\u2061-\u2063\u206a-\u206f\ufff9-\ufffd\u2ff0-\u2ffb\u0340\u0341\u200e\u200f\u202a-\u202e\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/u;

/** Gives the text that is hashed for `password`. */
export function saslprep(password: string): string {
  if (ASCII.test(password)) return password;
  const mapped = password.replace(SPACES, " ").replace(NOTHING, "").normalize("NFKC");
  return mapped === "" || FORBIDDEN.test(mapped) || mixesDirections(mapped) ? password : mapped;
}

/** RFC 3454, section 6: a text with letters written from right to left has only such, at both ends. */
function mixesDirections(text: string): boolean {
  const right = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]/u;
  if (!right.test(text)) return false;
  const characters = [...text];
  const ends = [characters[0] ?? "", characters.at(-1) ?? ""];
  return /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u.test(text) ||
    !ends.every((character) => right.test(character));
}
