/**
 * Reference pages that are made of the program's own tables: command line, debug API, metrics, Events
 * and conditions. `UPDATE_GOLDEN=1` on the test beside writes them.
 */
import { toJsonSchema } from "@valibot/to-json-schema";
import { clusterEvent, type EventId } from "../../src/cluster/events.ts";
import { OPERATOR_RULES, POD_RULES, type RbacRule } from "../../src/clients/kube/rbac.ts";
import { COMMANDS, flagsOf, helpText } from "../../src/commands/catalog.ts";
import { UI_USAGE } from "../../src/ui/command.ts";
import { usage } from "../../src/command_line.ts";
import type { Controller } from "../../src/controller/controller.ts";
import { certificateEnds, certificateReadings } from "../../src/controller/certificate_readings.ts";
import { controllerReadings } from "../../src/controller/readings.ts";
import { type Route, ROUTES } from "../../src/debug/routes.ts";
import { PLAN_USAGE } from "../../src/dry_run/arguments.ts";
import { leaderReading } from "../../src/metrics/leader.ts";
import { createMetrics, type MetricFact } from "../../src/metrics/metrics.ts";
import { processReadings } from "../../src/metrics/process.ts";
import { CONDITIONS } from "./conditions.ts";

/** Pages by path. */
export function referencePages(): Readonly<Record<string, string>> {
  return {
    "docs/reference/command_line.md": commandLinePage(),
    "docs/reference/debug_api.md": debugApiPage(),
    "docs/reference/metrics.md": metricsPage(),
    "docs/reference/events.md": eventsPage(),
    "docs/reference/rights.md": rightsPage(),
  };
}

const NOTE = "This page is made of the program's own tables";

function commandLinePage(): string {
  return `# Command line

${NOTE}: what \`--help\` prints. Variables of the environment are in the
[administrator's guide](../administrator.md#environment).

## \`postgres-operator run\`

\`\`\`
${usage().trimEnd()}
\`\`\`

## \`postgres-operator plan\`

\`\`\`
${PLAN_USAGE.trimEnd()}
\`\`\`

## \`postgres-operator ui\`

\`\`\`
${UI_USAGE.trimEnd()}
\`\`\`

## \`postgres-operator pg\`, or \`kubectl pg\`

\`\`\`
${helpText("postgres-operator pg").trimEnd()}
\`\`\`

${table(["Command", "Flags", "Rights, beside `get` on `postgresqls`"], pgRows())}`;
}

function pgRows(): string[][] {
  return COMMANDS.map((command) => [
    `\`${command.name}\``,
    flagsOf(command).map((flag) => `\`${flag}\``).join(" "),
    command.rights.join("; "),
  ]);
}

function debugApiPage(): string {
  const sections = ROUTES.map((route) =>
    `## \`GET ${route.path}\`

${route.summary}. Answer: ${answerOf(route)}
`
  );
  return `# Debug API

${NOTE}, as \`/openapi.json\` of a running operator is; types and examples are there. Besides there are
\`/healthz\`, \`/readyz\`, \`/metrics\`, \`/openapi.json\` and \`/debug/pprof/\`: see the
[administrator's guide](../administrator.md#debug-api).

${sections.join("\n")}`;
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

function answerOf({ answer }: Route): string {
  return shapeText(toJsonSchema(answer) as Schema) + ".";
}

function shapeText({ type, properties, items, additionalProperties }: Schema): string {
  if (properties !== undefined) {
    return `an object with ${Object.keys(properties).map((name) => `\`${name}\``).join(", ")}`;
  }
  if (items !== undefined) return `a list; each item is ${shapeText(items)}`;
  if (typeof additionalProperties === "object") {
    return `a map; each value is ${shapeText(additionalProperties)}`;
  }
  return type === undefined ? "any JSON" : `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}

/** All metrics of a running operator, without values. */
function allMetrics(): MetricFact[] {
  const metrics = createMetrics();
  metrics.read(processReadings(new Date(0), ""));
  // Only a scrape asks the controller.
  metrics.read(controllerReadings({} as Controller, () => 0));
  metrics.read(certificateReadings({ keys: () => [] }, certificateEnds()));
  metrics.read([leaderReading(() => true)]);
  return metrics.facts();
}

function metricsPage(): string {
  const rows = allMetrics().map(({ name, type, labels, help }) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(", "),
    help,
  ]);
  return `# Metrics

${NOTE}. \`/metrics\` of the debug API has them in the format of Prometheus. Names of controller-runtime
are used where the meaning is the same.

${table(["Metric", "Type", "Labels", "Meaning"], rows)}`;
}

const SWITCHOVER = { parts: "…", at: "" };

/** What each Event is told, so that its text can be shown. */
const GIVEN: Readonly<Record<EventId, readonly unknown[]>> = {
  creationBegun: [],
  deletionBegun: [],
  failed: ["Create | Update | Sync | Delete", "…"],
  manifestRefused: ["…"],
  noticed: ["Warning", "…", "…"],
  requestAnswered: ["Normal", "…", "…"],
  leftAsItIs: ["…"],
  overridden: ["…"],
  restartsPrevented: ["…"],
  userNameCompleted: ["…"],
  serviceCreated: ["…", "…"],
  endpointsCreated: ["…", "…"],
  statefulSetCreated: ["…"],
  podsReady: [],
  rollingUpdateBegun: [],
  rollingUpdateDone: [],
  serverRestartBegun: ["…"],
  serverRestarted: ["…"],
  switchoverBegun: [SWITCHOVER],
  switchoverAccepted: [SWITCHOVER],
  upgradeBegun: ["…", "…"],
  upgradeFailed: ["…"],
  upgradeFinished: ["…"],
};

type AnyEvent = (id: string, ...given: readonly unknown[]) => ReturnType<typeof clusterEvent>;

function eventsPage(): string {
  const events = Object.entries(GIVEN).map(([id, given]) => {
    const { type, reason, message } = (clusterEvent as unknown as AnyEvent)(id, ...given);
    return [reason, type, message].map((cell) => cell.replaceAll("|", "\\|"));
  });
  const conditions = Object.entries(CONDITIONS).flatMap(([type, reasons]) =>
    Object.entries(reasons).map(([reason, [status, meaning]]) => [
      `\`${type}\``,
      status,
      `\`${reason}\``,
      meaning,
    ])
  );
  return `# Events and conditions

${NOTE}.

## Events of a \`postgresql\`

An ellipsis stands for names and reasons. A failure is told once, and counted up while it stays the
same.

${table(["Reason", "Type", "Text"], events)}
## Conditions in its status

${table(["Condition", "Status", "Reason", "Meaning"], conditions)}`;
}

function rightsPage(): string {
  const rows = (rules: readonly RbacRule[]) =>
    rules.map(({ apiGroup, resources, verbs, why }) => [
      resources.map((resource) => `\`${resource}\``).join(", "),
      apiGroup === "" ? "core" : `\`${apiGroup}\``,
      verbs.join(", "),
      why,
    ]);
  const head = ["Resources", "Group", "Verbs", "For"];
  return `# Rights

${NOTE}; the roles of \`manifests/\` and of the chart are made of the same rows.

## The operator

${table(head, rows(OPERATOR_RULES))}
## Postgres pods

The operator holds these as well, or it could not hand them on.

${table(head, rows(POD_RULES))}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("<", "&lt;")).join(" | ")} |\n`;
  return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}
