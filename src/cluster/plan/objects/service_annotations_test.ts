/** Annotations of Services that nobody asks for any more: ours go, those of others stay. */

import assert from "node:assert/strict";
import type { Service } from "../../../kubernetes/types.gen.ts";
import { planContext } from "../../../testing/plan_fixture.ts";
import { ANNOTATIONS_LABEL, ensureService } from "./service_annotations.ts";

type Words = Readonly<Record<string, string>>;

/** A cluster's Service with annotations. */
function service(annotations: Words, labels: Words = {}): Service {
  const { metadata, ...rest } = planContext().desired.services.replica;
  return {
    ...rest,
    metadata: { ...metadata, labels: { ...metadata.labels, ...labels }, annotations },
  };
}

/** What is written for a Service: the object that is made, or the patch of its metadata. */
function written(wanted: Service, present: Service | undefined, ignoredAnnotations: string[] = []) {
  const context = planContext({
    objects: present === undefined ? [] : [present],
    config: { ignoredAnnotations },
  });
  const { steps } = ensureService("services", wanted, context);
  return steps.flatMap(({ action }) =>
    action.kind === "create"
      ? [action.object.metadata.labels]
      : action.kind === "patch"
      ? [(action.request.body as { metadata?: unknown }).metadata]
      : []
  );
}

/** The note that a Service with these annotations is made with. */
function noteOf(...keys: string[]): string {
  const wanted = service(Object.fromEntries(keys.map((key) => [key, "x"])));
  const [labels] = written(wanted, undefined) as [Words];
  return labels[ANNOTATIONS_LABEL] ?? "";
}

const OURS = noteOf("a.io/one", "two");

interface Row {
  readonly given: string;
  readonly wanted: Words;
  readonly present: Words;
  readonly note?: string;
  readonly ignored?: string[];
  readonly want: readonly unknown[];
}

const ROWS: readonly Row[] = [
  {
    given: "one of ours",
    wanted: { two: "x" },
    present: { "a.io/one": "x", two: "x" },
    note: OURS,
    want: [{ annotations: { "a.io/one": null }, labels: { [ANNOTATIONS_LABEL]: noteOf("two") } }],
  },
  {
    given: "the last of ours",
    wanted: {},
    present: { two: "x", other: "y" },
    note: OURS,
    want: [{ annotations: { two: null }, labels: { [ANNOTATIONS_LABEL]: null } }],
  },
  {
    given: "one of others",
    wanted: { two: "x" },
    present: { two: "x", other: "y" },
    note: noteOf("two"),
    want: [],
  },
  {
    given: "one of ours that is ignored",
    wanted: { two: "x" },
    present: { "a.io/one": "x", two: "x" },
    note: OURS,
    ignored: ["a.io/one"],
    want: [],
  },
  {
    given: "one that is gone already",
    wanted: { two: "x" },
    present: { two: "x" },
    note: OURS,
    want: [],
  },
  {
    given: "one of a Service that was taken over",
    wanted: { two: "x" },
    present: { "a.io/one": "x", two: "x" },
    want: [],
  },
  {
    given: "none, and a value is another one",
    wanted: { two: "y" },
    present: { two: "x" },
    want: [{ annotations: { two: "y" }, labels: { [ANNOTATIONS_LABEL]: noteOf("two") } }],
  },
];

for (const { given, wanted, present, note, ignored, want } of ROWS) {
  Deno.test(`a Service has an annotation too much: ${given}`, () => {
    const labels = note === undefined ? {} : { [ANNOTATIONS_LABEL]: note };
    const found = written(service(wanted), service(present, labels), ignored);
    assert.deepEqual(JSON.parse(JSON.stringify(found)), want);
  });
}

Deno.test("a Service without annotations has no note, and a note fits into a label", () => {
  assert.equal(noteOf(), "");
  assert.match(OURS, /^[0-9a-f]{6}\.[0-9a-f]{6}$/);
  const many = Array.from({ length: 30 }, (_, number) => `key-${number}`);
  assert.ok(noteOf(...many).length <= 63);
});
