/** Accepted differences stay differences in other circumstances than those that they state. */

import assert from "node:assert/strict";
import { readAccepted } from "./accepted.ts";
import { type RecordedStep, recordedSteps } from "./recorded.ts";

function stepOf(name: string): RecordedStep {
  const found = recordedSteps().find((step) => step.name === name);
  assert.ok(found, name);
  return found;
}

interface Row {
  readonly step: string;
  readonly before?: string;
  readonly text: string;
  readonly want: boolean;
}

const FAILED = "status: want UpdateFailed, ours Running";
const GROUP = "passwords: missing foo_reader SCR";

const ROWS: readonly Row[] = [
  { step: "default/t-break-fix/3", before: "default/t-break-fix/2", text: FAILED, want: true },
  { step: "default/t-break-fix/2", before: "default/t-break-fix/1", text: FAILED, want: false },
  { step: "privileged/prv-change/3", before: "privileged/prv-change/2", text: FAILED, want: false },
  { step: "default/t-patroni/3", before: "default/t-patroni/2", text: FAILED, want: false },
  { step: "default/t-backup/2", text: "CronJob/logical-backup-acid-t-bkp: missing", want: false },
  {
    step: "default/t-version/3",
    text:
      'StatefulSet/a.spec.template.spec.containers[postgres].env[PGVERSION].value: want "15", ours "17"',
    want: true,
  },
  {
    step: "default/t-version/2",
    text:
      'StatefulSet/a.spec.template.spec.containers[postgres].env[PGVERSION].value: want "17", ours "15"',
    want: false,
  },
  {
    step: "default/t-svc-annotations/3",
    text: 'Service/acid-t-sva.metadata.annotations.common: missing (want "2")',
    want: true,
  },
  {
    step: "default/t-svc-annotations/1",
    text: 'Service/acid-t-sva.metadata.annotations.common: missing (want "2")',
    want: false,
  },
  {
    step: "default/t-svc-annotations/1",
    text: 'Service/acid-t-sva-repl.metadata.annotations: missing (want {"common":"own","r":"1"})',
    want: false,
  },
  {
    step: "default/t-params-reload/3",
    text: 'patroni: extra PATCH /config {"postgresql":{"parameters":{"a":"1","work_mem":null}}}',
    want: true,
  },
  {
    step: "default/t-params-reload/3",
    text: 'patroni: extra PATCH /config {"postgresql":{"parameters":{"work_mem":"8MB"}}}',
    want: false,
  },
  { step: "db-base/db-prep-grow/1", text: GROUP, want: true },
  { step: "db-base/db-users/1", text: GROUP, want: false },
  { step: "db-base/db-prep-grow/1", text: GROUP.replace("missing", "extra"), want: false },
];

for (const { step, before, text, want } of ROWS) {
  Deno.test(`${text} is ${want ? "" : "not "}accepted in ${step}`, () => {
    const list = readAccepted("all");
    const place = {
      step: step.startsWith("db-") ? stepOf("default/minimal/1") : stepOf(step),
      before: before === undefined ? undefined : stepOf(before),
    };
    assert.equal(list.accepts(step, text, place), want);
  });
}
