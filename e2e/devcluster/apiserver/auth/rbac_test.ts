import { strictEqual } from "node:assert/strict";
import { covers, type Rule, ruleAllows } from "./rbac.ts";

const rule = (part: Partial<Rule>): Rule => ({
  verbs: [],
  apiGroups: [],
  resources: [],
  resourceNames: [],
  nonResourceURLs: [],
  ...part,
});
const reader = rule({ verbs: ["get"], apiGroups: [""], resources: ["pods", "*/log"] });

Deno.test("a rule allows what it names", () => {
  const ask = (resource: string, verb = "get", group = "") =>
    ruleAllows(reader, { verb, group, resource });
  strictEqual(ask("pods"), true);
  strictEqual(ask("pods/log"), true);
  strictEqual(ask("pods/exec"), false);
  strictEqual(ask("pods", "list"), false);
  strictEqual(ask("pods", "get", "apps"), false);
});

Deno.test("a rule with names allows only those", () => {
  const named = rule({ verbs: ["*"], apiGroups: ["*"], resources: ["*"], resourceNames: ["a"] });
  strictEqual(ruleAllows(named, { verb: "get", resource: "pods", name: "a" }), true);
  strictEqual(ruleAllows(named, { verb: "list", resource: "pods" }), false);
});

Deno.test("paths match exactly or by prefix", () => {
  const open = rule({ verbs: ["get"], nonResourceURLs: ["/version", "/api/*"] });
  strictEqual(ruleAllows(open, { verb: "get", path: "/version" }), true);
  strictEqual(ruleAllows(open, { verb: "get", path: "/api/v1" }), true);
  strictEqual(ruleAllows(open, { verb: "get", path: "/metrics" }), false);
});

Deno.test("rules cover another only when nothing of it is missing", () => {
  const wide = rule({ verbs: ["get", "list"], apiGroups: [""], resources: ["*"] });
  strictEqual(covers([wide], reader), true);
  strictEqual(covers([reader], wide), false);
  strictEqual(covers([reader], rule({ ...reader, resourceNames: ["a"] })), true);
  strictEqual(covers([rule({ ...reader, resourceNames: ["a"] })], reader), false);
});
