/**
 * Reads values in the form that a ConfigMap holds: one text for each parameter. In lists and maps,
 * blanks around an item, a key or a value do not belong to it: ` boss` would not protect the role
 * `boss`. Escape characters have no meaning; quotes only keep commas together and stay in the value.
 *
 * Zalando: pkg/util/config/util.go, processField and getMapPairsFromString
 */

import { parseDuration } from "../lib/duration.ts";
import { parseGoBool, parseGoInteger } from "../lib/go_values.ts";
import { Sensitive } from "../lib/sensitive.ts";
import { readContainersText } from "./containers.ts";
import { readRoleDefinitionText } from "./infrastructure_roles.ts";
import { parseNamespacedName } from "./namespaced_name.ts";
import type { Parameter } from "./parameters.ts";
import { DURATION_RULE, setOwn, trimmedItems } from "./read_json.ts";
import type { Read, ReadContext } from "./loading.ts";

/** Reads one ConfigMap value, which is not empty. */
export function readText(parameter: Parameter, text: string, context: ReadContext): Read<unknown> {
  switch (parameter.kind) {
    case "string":
      return { value: text };
    case "secret":
      return { value: new Sensitive(text) };
    case "boolean":
    case "optionalBoolean":
      return valueOr(parseGoBool(text), "must be true or false");
    case "integer":
    case "optionalInteger":
      return valueOr(
        parseGoInteger(text, parameter.integerType),
        `must be a whole number (${parameter.integerType})`,
      );
    case "duration":
      return readDuration(text);
    case "list":
      return { value: trimmedItems(text.split(",")) };
    case "map":
      return readMap(text);
    case "namespacedName":
      return valueOr(
        parseNamespacedName(text, context.operatorNamespace),
        "must be a name or namespace/name",
      );
    case "containers":
      return readContainersText(text);
    case "roleDefinitions":
      return readRoleDefinitionText(text);
    case "probe":
      return { rule: "can be set in an OperatorConfiguration only" };
  }
}

function readDuration(text: string): Read<number> {
  const milliseconds = parseDuration(text);
  return valueOr(
    milliseconds !== undefined && milliseconds >= 0 ? milliseconds : undefined,
    DURATION_RULE,
  );
}

function valueOr<T>(value: T | undefined, rule: string): Read<T> {
  return value === undefined ? { rule } : { value };
}

/** Reads `key:value,key:"value, with commas"`; a pair holds exactly one colon. */
function readMap(text: string): Read<Record<string, string>> {
  const pairs = splitPairs(text);
  if ("rule" in pairs) return pairs;
  const map: Record<string, string> = {};
  for (const pair of pairs.value) {
    const [key, value, ...rest] = pair.split(":");
    if (key === undefined || value === undefined || rest.length > 0) {
      return { rule: `must be a list of key:value pairs, but one pair is ${JSON.stringify(pair)}` };
    }
    setOwn(map, key.trim(), value.trim());
  }
  return { value: map };
}

/** Splits at the commas outside of quotes. */
function splitPairs(text: string): Read<readonly string[]> {
  const pairs: string[] = [];
  let pair = "";
  let quote = "";
  let quotePosition = 0;
  let position = 0;
  for (const letter of text) {
    position += 1;
    if (letter === "," && quote === "") {
      pairs.push(pair);
      pair = "";
      continue;
    }
    if (letter === quote) {
      quote = "";
    } else if (quote === "" && (letter === '"' || letter === "'")) {
      quote = letter;
      quotePosition = position;
    }
    pair += letter;
  }
  if (quote !== "") {
    return { rule: `must close its quotes, but the one at position ${quotePosition} stays open` };
  }
  return { value: [...pairs, pair].map((item) => item.trim()) };
}
