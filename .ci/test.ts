/**
 * `deno task test`: every suite that a change has to pass, each with no more permissions than it
 * needs, and one closing line with the sum. Suites run one after the other: they share two cores.
 */

interface Suite {
  readonly name: string;
  readonly args: readonly string[];
}

const SUITES: readonly Suite[] = [
  { name: "unit tests (no network)", args: ["task", "test:unit"] },
  { name: "code generation", args: ["task", "test:codegen"] },
  { name: "conformance with the recorded reference", args: ["task", "conformance"] },
  { name: "Helm chart", args: ["task", "charts"] },
  { name: "mutating admission, in memory", args: ["task", "admission"] },
  {
    name: "failures of the API server, in memory",
    args: ["test", "--allow-read", "--allow-env", "e2e/faults"],
  },
  { name: "images of pooler and backup", args: ["task", "images"] },
  { name: "hostile peers and huge manifests", args: ["test", "-A", "e2e/peers"] },
  {
    name: "secrets in everything that is shown",
    args: ["test", "--parallel", "--allow-read", "--allow-env", "e2e/secrets"],
  },
  { name: "development cluster", args: ["test", "-A", "e2e/devcluster"] },
  { name: "contract of the API server", args: ["task", "contract"] },
  {
    name: "web UI and dashboard",
    args: [
      "test",
      "-A",
      "e2e/web/ui_routes_test.ts",
      "e2e/web/asked_plan_test.ts",
      "e2e/web/smoke_test.ts",
    ],
  },
  { name: "SQL on a real PostgreSQL", args: ["test", "-A", "e2e/sql"] },
  { name: "end-to-end smoke", args: ["task", "e2e"] },
];

/** What a suite's closing line counts. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** Sums the closing lines of `deno test` in an output without colours. */
export function countOf(output: string): Count {
  const lines = output.matchAll(/^(?:ok|FAILED) \| (\d+) passed[^|]*\| (\d+) failed/gm);
  let [passed, failed] = [0, 0];
  for (const [, good, bad] of lines) {
    passed += Number(good);
    failed += Number(bad);
  }
  return { passed, failed };
}

async function run({ name, args }: Suite): Promise<Count> {
  print(`\n== ${name}: deno ${args.join(" ")}\n`);
  const started = Date.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let output = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    const text = decoder.decode(chunk, { stream: true });
    output += text;
    print(text);
  }
  const { success } = await child.status;
  const { passed, failed } = countOf(output);
  print(
    `== ${name}: ${passed} passed, ${failed} failed, ${
      Math.round((Date.now() - started) / 1000)
    } s\n`,
  );
  // A suite that broke off before its closing line counts as one failure.
  return { passed, failed: failed === 0 && !success ? 1 : failed };
}

function print(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

async function main(): Promise<number> {
  let [passed, failed] = [0, 0];
  for (const suite of SUITES) {
    const count = await run(suite);
    passed += count.passed;
    failed += count.failed;
  }
  print(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
