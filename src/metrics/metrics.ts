/**
 * The operator's metrics for Prometheus: what is counted as it happens, and what is read from memory
 * when somebody scrapes. Names are controller-runtime's where the meaning is the same, so that
 * dashboards and alerts that people have work; the rest begins with `pgop_`.
 *
 * Labels are bounded: clusters times small sets. No label holds a text of people's own.
 */

import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** The one controller, as controller-runtime names it in labels. */
const CONTROLLER = "postgresql";

/** Seconds; passes over a quiet cluster take milliseconds, upgrades minutes. */
const PASS_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Seconds that a key waited in the queue. */
const WAIT_BUCKETS = [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

/** One request to the API server that ended; `status` 0: no answer. */
export interface RequestEnded {
  readonly verb: string;
  readonly status: number;
}

/** One pass that ended. */
export interface PassEnded {
  readonly seconds: number;
  /** `requeue_after` where the pass asked to be called again. */
  readonly result: "success" | "error" | "requeue_after";
  readonly steps: readonly StepEnded[];
}

/** One step of a pass, as far as it is counted. */
export interface StepEnded {
  readonly subject: string;
  readonly result: "done" | "failed" | "skipped";
  readonly act: "restart" | "switchover" | "credential" | "other";
}

/** One value with its labels. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric that is read from memory at each scrape. */
export interface Reading {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** A counter only grows; a gauge unless told. */
  readonly kind?: "counter";
  readonly read: () => Iterable<Sample>;
}

/** What there is to know about a metric. */
export interface MetricFact {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram" | "summary";
  readonly labels: readonly string[];
}

export interface Metrics {
  /** Adds readings; they are called at every scrape, and ask nobody. */
  read(readings: readonly Reading[]): void;
  requestEnded(request: RequestEnded): void;
  /** A key entered the queue. */
  keyAdded(): void;
  /** A worker took a key that had waited. */
  keyTaken(waitedSeconds: number): void;
  passEnded(pass: PassEnded): void;
  /** Every metric with its labels, by name. */
  facts(): MetricFact[];
  /** The text of a scrape, in Prometheus' exposition format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Makes the metrics, without readings. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: "rest_client_requests_total",
    help: "Requests to the API server by method and status code; code <error>: no answer.",
    labelNames: ["code", "method"],
    registers,
  });
  const added = new Counter({
    name: "workqueue_adds_total",
    help: "Keys that were put into the queue.",
    labelNames: ["name"],
    registers,
  });
  const waited = new Histogram({
    name: "workqueue_queue_duration_seconds",
    help: "Seconds that a key waited in the queue.",
    labelNames: ["name"],
    buckets: WAIT_BUCKETS,
    registers,
  });
  const count = passCounters(registers);
  return {
    read: (readings) => readings.forEach((reading) => register(reading, registers)),
    requestEnded({ verb, status }) {
      requests.inc({ code: status === 0 ? "<error>" : String(status), method: methodOf(verb) });
    },
    keyAdded: () => added.inc({ name: CONTROLLER }),
    keyTaken: (seconds) => waited.observe({ name: CONTROLLER }, seconds),
    passEnded: count,
    facts: () => factsOf(registry),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function factsOf(registry: Registry): MetricFact[] {
  // The library keeps the labels beside what its types show.
  const all = registry.getMetricsAsArray() as unknown as (
    & Omit<MetricFact, "labels">
    & { readonly labelNames?: readonly string[] }
  )[];
  return all.map(({ name, help, type, labelNames = [] }) => ({
    name,
    help,
    type,
    labels: [...labelNames],
  })).sort((a, b) => a.name < b.name ? -1 : 1);
}

function passCounters(registers: Registry[]): (pass: PassEnded) => void {
  const controller = CONTROLLER;
  const passes = new Counter({
    name: "controller_runtime_reconcile_total",
    help: "Passes over clusters by how they ended.",
    labelNames: ["controller", "result"],
    registers,
  });
  const errors = new Counter({
    name: "controller_runtime_reconcile_errors_total",
    help: "Passes over clusters that failed.",
    labelNames: ["controller"],
    registers,
  });
  const seconds = new Histogram({
    name: "controller_runtime_reconcile_time_seconds",
    help: "Seconds that a pass over a cluster took.",
    labelNames: ["controller"],
    buckets: PASS_BUCKETS,
    registers,
  });
  const steps = new Counter({
    name: "pgop_steps_total",
    help: "Steps of plans by subject and how they ended.",
    labelNames: ["subject", "result"],
    registers,
  });
  const restarts = new Counter({
    name: "pgop_restarts_total",
    help: "Pods that were deleted to be recreated, and restarts of PostgreSQL, by subject.",
    labelNames: ["subject"],
    registers,
  });
  const switchovers = new Counter({
    name: "pgop_switchovers_total",
    help: "Switchovers that were asked of Patroni, by subject and how they ended.",
    labelNames: ["subject", "result"],
    registers,
  });
  const credentials = new Counter({
    name: "pgop_credential_changes_total",
    help: "Secrets with credentials that were written.",
    registers,
  });
  errors.inc({ controller }, 0);
  return (pass) => {
    passes.inc({ controller, result: pass.result });
    seconds.observe({ controller }, pass.seconds);
    if (pass.result === "error") errors.inc({ controller });
    for (const { subject, result, act } of pass.steps) {
      steps.inc({ subject, result });
      if (act === "switchover" && result !== "skipped") switchovers.inc({ subject, result });
      if (act === "restart" && result === "done") restarts.inc({ subject });
      if (act === "credential" && result === "done") credentials.inc();
    }
  };
}

/** Puts a reading into registries. */
export function register(
  { name, help, labels, kind, read }: Reading,
  registers: Registry[],
): void {
  const common = { name, help, labelNames: [...labels], registers };
  // A counter starts at 0 after a reset, so adding the value sets it.
  const Type = kind === "counter" ? Counter : Gauge;
  new Type({
    ...common,
    collect() {
      this.reset();
      for (const { labels, value } of read()) this.inc({ ...labels }, value);
    },
  });
}

/** HTTP methods of the verbs of RBAC, as client-go labels them. */
export function methodOf(verb: string): string {
  switch (verb) {
    case "create":
      return "POST";
    case "update":
      return "PUT";
    case "patch":
      return "PATCH";
    case "delete":
    case "deletecollection":
      return "DELETE";
    default:
      return "GET";
  }
}
