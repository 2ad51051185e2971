import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { ApiError } from "./api_error.ts";
import { labelSelectorPredicate, parseFieldSelector, parseLabelSelector } from "./selectors.ts";

const LABELS = { app: "x", "example.org/tier": "db", empty: "" };

const ROWS: [selector: string, matches: boolean][] = [
  ["", true],
  ["app=x", true],
  ["app==x,example.org/tier=db", true],
  ["app!=x", false],
  ["none!=x", true],
  ["app in (x,y)", true],
  ["app in (y)", false],
  ["app notin (y)", true],
  ["none notin (y)", true],
  ["app", true],
  ["!app", false],
  ["! none", true],
  ["empty=", true],
  ["app=x,empty=", true],
];

Deno.test("label selectors match as Kubernetes says", () => {
  for (const [selector, matches] of ROWS) {
    strictEqual(parseLabelSelector(selector)(LABELS), matches, selector);
  }
});

Deno.test("label selectors that cannot be read are a bad request", () => {
  for (const selector of ["=x", "app in x", "app in (x", "a b c", ","]) {
    throws(() => parseLabelSelector(selector), ApiError, selector);
  }
});

Deno.test("a selector object matches by labels and expressions", () => {
  const expression = (operator: string, values?: string[]) => ({
    matchExpressions: [{ key: "app", operator, ...(values ? { values } : {}) }],
  });
  strictEqual(labelSelectorPredicate(undefined)(LABELS), false);
  strictEqual(labelSelectorPredicate({})(LABELS), true);
  strictEqual(labelSelectorPredicate({ matchLabels: { app: "y" } })(LABELS), false);
  const answers = [
    expression("In", ["x"]),
    expression("NotIn", ["x"]),
    expression("Exists"),
    expression("DoesNotExist"),
  ].map((selector) => labelSelectorPredicate(selector)(LABELS));
  deepStrictEqual(answers, [true, false, true, false]);
});

Deno.test("field selectors know the fields of a resource", () => {
  const pod = { metadata: { name: "p", namespace: "n" }, spec: { nodeName: "a" }, status: {} };
  strictEqual(parseFieldSelector("metadata.name=p,spec.nodeName=a", "/pods")(pod), true);
  strictEqual(parseFieldSelector("spec.nodeName!=a", "/pods")(pod), false);
  strictEqual(parseFieldSelector("status.phase=", "/pods")(pod), true);
  throws(() => parseFieldSelector("spec.nodeName=a", "/configmaps"), /field label not supported/);
});
