/**
 * What a scenario does things with: a Kubernetes with real servers, the operator under the shipped
 * role, and questions to both.
 */
import assert from "node:assert/strict";
import postgres from "postgres";
import type { KubeObject, Pod, Secret, Service } from "../../src/kubernetes/types.gen.ts";
import {
  isReady,
  isRunning,
  manifestOf,
  MINIMAL,
  minimalCluster,
  podsOf,
  roleOf,
} from "../cases/clusters.ts";
import { runnableMajors } from "../devcluster/postgres_majors.ts";
import type { TestCluster, TestOperator } from "../support/test_cluster.ts";
import type { Checks } from "./checks.ts";

/** The newest major version that this machine can run. */
export const MAJOR: string = runnableMajors().at(-1) ?? "";

const LIMIT_MS = 180_000;
const LOOK_EVERY_MS = 300;
const FLAGS = ["--databaseaddress=cluster-ip"];

/** Whether something is so, or what is there instead. */
export type Finding = boolean | { readonly found: unknown };

/** How to get into a database. */
export interface Login {
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  /** A Service; the primary's when absent. */
  readonly service?: string;
}

/** A scenario's hands and eyes. */
export class Life {
  readonly started: number = performance.now();
  private running: TestOperator | undefined;

  constructor(
    readonly cluster: TestCluster,
    readonly namespace: string,
    private config: Readonly<Record<string, string>>,
    private readonly checks: Checks,
    private readonly say: (line: string) => void,
  ) {}

  get operator(): TestOperator {
    assert.ok(this.running, "the operator was not started");
    return this.running;
  }

  /** Starts the operator, or starts it again with other settings, as its Deployment would. */
  async configure(changed: Readonly<Record<string, string>> = {}): Promise<void> {
    this.config = { ...this.config, ...changed };
    await this.running?.stop();
    this.running = await this.cluster.operator({
      config: this.config,
      flags: FLAGS,
      wait: "no",
    });
    await this.running.untilLogged(/looking after/, LIMIT_MS);
  }

  /** Says what comes next. */
  step(text: string): void {
    this.say(`${((performance.now() - this.started) / 1000).toFixed(0).padStart(5)} s  ${text}`);
  }

  /** Checks something now. */
  check(what: string, finding: Finding): void {
    const passed = finding === true;
    const detail = typeof finding === "object" ? `found ${inWords(finding.found)}` : undefined;
    this.checks.note(what, passed, passed ? undefined : detail);
    this.step(`${passed ? "ok  " : "FAIL"} ${what}${passed || !detail ? "" : `: ${detail}`}`);
  }

  /** Checks that something becomes so. */
  async eventually(
    what: string,
    look: () => Finding | Promise<Finding>,
    limitMs = LIMIT_MS,
  ): Promise<void> {
    this.check(what, await this.outcome(look, limitMs));
  }

  /** Checks that something stays so for a while. */
  async always(what: string, look: () => Finding | Promise<Finding>, forMs: number): Promise<void> {
    const endMs = performance.now() + forMs;
    let finding: Finding = await look();
    while (finding === true && performance.now() < endMs) {
      await pause(LOOK_EVERY_MS);
      finding = await look();
    }
    this.check(what, finding);
  }

  /** Waits for something that is no assert. @throws Error where it does not come */
  async until(
    what: string,
    look: () => Finding | Promise<Finding>,
    limitMs = LIMIT_MS,
  ): Promise<void> {
    const finding = await this.outcome(look, limitMs);
    if (finding === true) return;
    const found = typeof finding === "object" ? `: found ${inWords(finding.found)}` : "";
    throw new Error(`${what}: not so after ${limitMs / 1000} s${found}`);
  }

  private async outcome(look: () => Finding | Promise<Finding>, limitMs: number): Promise<Finding> {
    const endMs = performance.now() + limitMs;
    while (true) {
      const finding = await Promise.resolve().then(look).catch((error) => ({
        found: error instanceof Error ? error.message : error,
      }));
      if (finding === true || performance.now() > endMs) return finding;
      await pause(LOOK_EVERY_MS);
    }
  }

  /** Makes the minimal cluster and waits until it runs with all members. */
  async start(spec: Readonly<Record<string, unknown>> = {}, name: string = MINIMAL): Promise<void> {
    const version = { postgresql: { version: MAJOR } };
    await this.cluster.create(minimalCluster(this.namespace, { ...version, ...spec }, name));
    await this.settled(name);
  }

  /** Changes the manifest of a cluster. */
  async change(spec: Readonly<Record<string, unknown>>, name: string = MINIMAL): Promise<void> {
    await this.cluster.patch(minimalCluster(this.namespace, {}, name), { spec });
  }

  /** Waits until a cluster runs as its manifest asks, with one primary and the others as replicas. */
  async settled(name: string = MINIMAL): Promise<void> {
    await this.until(`${name} runs`, () => {
      const pods = this.pods(name);
      const wanted = manifestOf(this, name)?.spec?.numberOfInstances ?? 0;
      const roles = pods.filter(isReady).map(roleOf).sort();
      const good = isRunning(this, name) && pods.length === wanted &&
        roles.length === wanted && roles[0] === (wanted > 0 ? "master" : undefined) &&
        roles.slice(1).every((role) => role === "replica");
      return good || { found: [manifestOf(this, name)?.status?.PostgresClusterStatus, roles] };
    });
  }

  /** The pods that run PostgreSQL. */
  pods(name: string = MINIMAL): Pod[] {
    return podsOf(this, name);
  }

  /** The pod of the primary. @throws AssertionError when there is none */
  primary(name: string = MINIMAL): Pod {
    const pod = this.pods(name).find((it) => roleOf(it) === "master");
    assert.ok(pod, `${name} has no primary`);
    return pod;
  }

  /** The pods of the replicas. */
  replicas(name: string = MINIMAL): Pod[] {
    return this.pods(name).filter((it) => roleOf(it) === "replica");
  }

  /** The uids of all pods, to see later whether they were replaced. */
  uids(name: string = MINIMAL): string[] {
    return this.pods(name).map(({ metadata }) => metadata.uid ?? "").sort();
  }

  /** Asks the Patroni of a pod. */
  async patroni(pod: Pod, path: string, change?: { method: string; body: unknown }): Promise<Json> {
    const response = await fetch(`http://${pod.status?.podIP}:8008/${path}`, {
      ...(change ? { method: change.method, body: JSON.stringify(change.body) } : {}),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (response.status >= 400) throw new Error(`Patroni: ${response.status} ${text}`);
    return text.startsWith("{") ? JSON.parse(text) : {};
  }

  /** Members that Patroni sees running. */
  async members(name: string = MINIMAL): Promise<{ name: string; role: string; state: string }[]> {
    const { members } = await this.patroni(this.primary(name), "cluster");
    return members;
  }

  /** A Secret of a role. @throws AssertionError when it is not there */
  secret(role: string, name: string = MINIMAL): Secret {
    const secret = this.cluster.view.get("Secret", this.namespace, secretName(role, name));
    assert.ok(secret, `there is no Secret of ${role}`);
    return secret as Secret;
  }

  /** A text of a Secret. */
  secretValue(role: string, key: string, name: string = MINIMAL): string {
    return atob(this.secret(role, name).data?.[key] ?? "");
  }

  /** Runs SQL; rows of values. */
  async sql(text: string, login: Login = {}, name: string = MINIMAL): Promise<unknown[][]> {
    const { database = "postgres", user = "postgres", service = name } = login;
    const found = this.cluster.view.get("Service", this.namespace, service) as Service | undefined;
    const client = postgres({
      host: found?.spec?.clusterIP ?? "",
      port: 5432,
      database,
      user,
      password: login.password ?? this.secretValue(user, "password", name),
      // The pods made their certificates themselves.
      ssl: { rejectUnauthorized: false },
      max: 1,
      prepare: false,
      fetch_types: false,
      connect_timeout: 5,
      onnotice: () => {},
    });
    try {
      return (await client.unsafe(text)).map((row) => Object.values(row));
    } finally {
      await client.end({ timeout: 1 });
    }
  }

  /** Whether somebody gets in. */
  logsIn(login: Login, name: string = MINIMAL): Promise<boolean> {
    return this.sql("SELECT 1", login, name).then(() => true, () => false);
  }

  /** An object, or undefined. */
  object(kind: Parameters<TestCluster["view"]["get"]>[0], name: string): KubeObject | undefined {
    return this.cluster.view.get(kind, this.namespace, name);
  }

  /** Objects with all of these labels. */
  labelled(
    kind: Parameters<TestCluster["view"]["get"]>[0],
    labels: Readonly<Record<string, string>>,
    namespace: string = this.namespace,
  ): KubeObject[] {
    return this.cluster.view.list(kind, namespace).filter(({ metadata }) =>
      Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value)
    );
  }
}

// deno-lint-ignore no-explicit-any -- answers of Patroni, looked at by the scenarios
export type Json = any;

/** The name of a role's Secret. */
export function secretName(role: string, name: string = MINIMAL): string {
  return `${role.replaceAll("_", "-")}.${name}.credentials.postgresql.acid.zalan.do`;
}

/** Whether two values are equal as JSON; the first is what was found. */
export function equal(found: unknown, wanted: unknown): Finding {
  return JSON.stringify(found) === JSON.stringify(wanted) || { found };
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function inWords(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "nothing";
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}
