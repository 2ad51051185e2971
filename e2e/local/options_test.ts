import assert from "node:assert/strict";
import { type LocalOptions, parseLocalOptions } from "./options.ts";

const NOTHING: LocalOptions = {
  rebuild: false,
  port: 8080,
  once: false,
  on: undefined,
  help: false,
};

const GIVEN: readonly [args: string[], want: Partial<LocalOptions>][] = [
  [[], {}],
  [["--rebuild-operator"], { rebuild: true }],
  [["--port", "9000", "--once"], { port: 9000, once: true }],
  [["--port=9000"], { port: 9000 }],
  [["--on=kind"], { on: "kind" }],
  [["--on", "devcluster"], { on: "devcluster" }],
  [["-h"], { help: true }],
];

for (const [args, want] of GIVEN) {
  Deno.test(`local ${args.join(" ")} is understood`, () => {
    assert.deepEqual(parseLocalOptions(args), { ...NOTHING, ...want });
  });
}

const REFUSED: readonly [args: string[], said: RegExp][] = [
  [["--keep"], /unknown argument --keep/],
  [["--port", "x"], /--port must be a port such as 8080, not "x"/],
  [["--port"], /--port must be a port/],
  [["--on", "minikube"], /--on is kind or devcluster, not "minikube"/],
];

for (const [args, said] of REFUSED) {
  Deno.test(`local ${args.join(" ")} is refused, and said why`, () => {
    assert.throws(() => parseLocalOptions(args), said);
  });
}
