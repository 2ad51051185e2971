/** Whose a field is, by the shapes that `managedFields` have. */

import assert from "node:assert/strict";
import type { ManagedFieldsEntry } from "../../../kubernetes/types.gen.ts";
import { FIELD_MANAGER } from "../../../ports/requests.ts";
import { isAnothers, managerOf } from "./managers.ts";

const ENTRIES: readonly ManagedFieldsEntry[] = [
  {
    manager: FIELD_MANAGER,
    operation: "Update",
    fieldsV1: { "f:spec": { "f:replicas": {}, "f:template": {} } },
  },
  {
    manager: "kube-controller-manager",
    subresource: "status",
    fieldsV1: { "f:spec": { "f:replicas": {} } },
  },
  {
    manager: "reloader",
    operation: "Update",
    fieldsV1: {
      "f:metadata": { "f:labels": { "f:a.b/c": {} } },
      "f:spec": {
        "f:template": {
          "f:metadata": { "f:annotations": { ".": {}, "f:reloader/last": {} } },
          "f:spec": {
            "f:tolerations": {},
            "f:containers": {
              'k:{"name":"postgres"}': {
                "f:env": { 'k:{"name":"RELOAD"}': { ".": {}, "f:name": {}, "f:value": {} } },
                "f:ports": {
                  'k:{"containerPort":5432,"protocol":"TCP"}': { "f:name": {} },
                  'k:{"containerPort":53,"protocol":"UDP"}': { "f:name": {} },
                },
              },
            },
          },
        },
      },
    },
  },
];

const ROWS: readonly [path: string, manager: string | undefined][] = [
  ["spec.replicas", undefined],
  ['metadata.labels["a.b/c"]', "reloader"],
  ["metadata.labels.team", undefined],
  ['spec.template.metadata.annotations["reloader/last"]', "reloader"],
  ["spec.template.metadata.annotations.other", undefined],
  ["spec.template.spec.containers[postgres].env[RELOAD]", "reloader"],
  ["spec.template.spec.containers[postgres].env[RELOAD].value", "reloader"],
  ["spec.template.spec.containers[postgres].env[OTHER]", undefined],
  ["spec.template.spec.containers[postgres].ports[5432].name", "reloader"],
  ["spec.template.spec.containers[postgres].ports[53/UDP]", "reloader"],
  ["spec.template.spec.containers[postgres].ports[54/UDP]", undefined],
  ["spec.template.spec.containers[pooler].env[RELOAD]", undefined],
  ["spec.template.spec.tolerations[0].key", "reloader"],
];

for (const [path, manager] of ROWS) {
  Deno.test(`${path} is set by ${manager ?? "nobody else"}`, () => {
    assert.equal(managerOf(path, ENTRIES), manager);
  });
}

Deno.test("without managed fields nobody owns anything", () => {
  assert.equal(managerOf("spec.replicas", undefined), undefined);
});

const SCALED: readonly ManagedFieldsEntry[] = [
  {
    manager: "kube-controller-manager",
    subresource: "scale",
    fieldsV1: { "f:spec": { "f:replicas": {} } },
  },
];
const BY_HAND: readonly ManagedFieldsEntry[] = [{ ...SCALED[0], manager: "kubectl" }];

const ANOTHERS: readonly [string, unknown, readonly ManagedFieldsEntry[], boolean][] = [
  ["spec.replicas", 2, SCALED, true],
  ["spec.replicas", 2, BY_HAND, false],
  ["spec.replicas", 2, ENTRIES, false],
  ['spec.template.metadata.annotations["reloader/last"]', undefined, ENTRIES, true],
  ['spec.template.metadata.annotations["reloader/last"]', "ours", ENTRIES, false],
  ["spec.template.spec.containers[postgres].env[RELOAD]", undefined, ENTRIES, true],
];

for (const [path, desired, entries, want] of ANOTHERS) {
  const whose = entries[0]?.manager;
  Deno.test(`${path}, wanted ${desired}, ${whose}: ${want ? "another controller's" : "ours"}`, () => {
    assert.equal(isAnothers({ path, desired }, entries), want);
  });
}
