/** Lists that are written as a whole keep what others have added to them by requests of their own. */

import assert from "node:assert/strict";
import { withOthersItems } from "./others_items.ts";

const ITEMS = {
  'k:{"name":"mesh"}': {},
  'k:{"name":"postgres"}': {
    "f:env": { 'k:{"name":"RELOADED"}': {} },
    "f:securityContext": {},
    "f:ports": { 'k:{"containerPort":53,"protocol":"UDP"}': {} },
  },
};
const MANAGED = [{
  manager: "inventory",
  fieldsV1: {
    "f:spec": { "f:containers": ITEMS, "f:tolerations": {} },
  },
}];

const POSTGRES = { name: "postgres", env: [{ name: "A", value: "1" }], ports: [] };
const UDP = { containerPort: 53, protocol: "UDP" };
const SECURITY = { runAsNonRoot: true };

const ROWS: readonly {
  readonly what: string;
  readonly path?: string;
  readonly desired: unknown;
  readonly observed: unknown;
  readonly unwanted?: string;
  readonly want: unknown;
}[] = [
  {
    what: "a container of others stays",
    desired: [POSTGRES],
    observed: [{ name: "mesh" }, POSTGRES],
    want: [POSTGRES, { name: "mesh" }],
  },
  {
    what: "a container that nobody else has set goes",
    desired: [POSTGRES],
    observed: [POSTGRES, { name: "old" }],
    want: [POSTGRES],
  },
  {
    what: "what a comparison does not want goes, whoever has set it",
    desired: [POSTGRES],
    observed: [POSTGRES, { name: "mesh" }],
    unwanted: "spec.containers[mesh]",
    want: [POSTGRES],
  },
  {
    what: "variables, ports and fields of a container of ours stay that are others'",
    desired: [POSTGRES],
    observed: [{
      name: "postgres",
      env: [{ name: "RELOADED", value: "x" }, { name: "B", value: "2" }],
      ports: [UDP],
      securityContext: SECURITY,
      terminationMessagePath: "/dev/null",
    }],
    want: [{
      name: "postgres",
      env: [{ name: "A", value: "1" }, { name: "RELOADED", value: "x" }],
      ports: [UDP],
      securityContext: SECURITY,
    }],
  },
  {
    what: "a value of ours is written, also where others have set another",
    desired: [{ name: "postgres", securityContext: { runAsNonRoot: false } }],
    observed: [{ name: "postgres", securityContext: SECURITY }],
    want: [{ name: "postgres", securityContext: { runAsNonRoot: false } }],
  },
  {
    what: "items that nothing tells apart are written as they are wanted",
    path: "spec.tolerations",
    desired: [{ key: "a" }],
    observed: [{ key: "a" }, { key: "b" }],
    want: [{ key: "a" }],
  },
  {
    what: "a list that is not there yet",
    desired: [POSTGRES],
    observed: undefined,
    want: [POSTGRES],
  },
];

for (const { what, path = "spec.containers", desired, observed, unwanted, want } of ROWS) {
  Deno.test(`a written list: ${what}`, () => {
    const rules = { managedFields: MANAGED, unwanted: new Set(unwanted ? [unwanted] : []) };
    assert.deepEqual(withOthersItems(path, desired, observed, rules), want);
  });
}
