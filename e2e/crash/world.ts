/**
 * The world of one crash run: a simulated cluster with databases and a cloud, and one operator after
 * the other, whose every write, whichever way it goes, passes one gate.
 */
import { namesakesOf } from "../../src/cluster/pass/ownership.ts";
import { createVolumeReader } from "../../src/cluster/pass/volume_reader.ts";
import type { CatalogObservation } from "../../src/cluster/observed/catalog.ts";
import type { CloudVolumes } from "../../src/ports/cloud.ts";
import { needsCatalog } from "../../src/cluster/pass/due.ts";
import { createDerivedVerifiers } from "../../src/cluster/pass/passwords.ts";
import type { PassTools } from "../../src/cluster/pass/reconcile.ts";
import { createCloudVolumes } from "../../src/clients/aws/volumes.ts";
import type { Postgresql } from "../../src/api/types.gen.ts";
import type { Config } from "../../src/config/config.ts";
import { infrastructureRoleDefinitions } from "../../src/config/infrastructure_roles.ts";
import type { Controller } from "../../src/controller/controller.ts";
import { simulateCluster, type SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import type { KubeObject, Secret } from "../../src/kubernetes/types.gen.ts";
import { decodeBase64 } from "../../src/lib/base64.ts";
import { Sensitive } from "../../src/lib/sensitive.ts";
import { known, unknown } from "../../src/ports/observation.ts";
import type { KubeWriter, PatroniApi, PodExec } from "../../src/ports/ports.ts";
import { describeRef, type ObjectRef, refOf } from "../../src/ports/requests.ts";
import { type AwsStandIn, createAwsStandIn } from "../../src/testing/aws_stand_in.ts";
import { config as configOf } from "../../src/testing/config_fixture.ts";
import { keepEndpoints, stored } from "../conformance/control_plane.ts";
import { controllerFor, loggerFor, toolsFor } from "../../src/testing/simulated_operator.ts";
import {
  createWriteGate,
  type KillPoint,
  type Write,
  type WriteGate,
} from "../support/write_gate.ts";
import { type CrashDatabase, createCrashDatabase, type Through } from "./database.ts";
import { type Logins, watchLogins } from "./logins.ts";

export const NAMESPACE = "crash";
export const CLUSTER = "acid-crash";

export interface World {
  readonly cluster: SimulatedCluster;
  readonly config: Config;
  readonly database: CrashDatabase;
  readonly aws: AwsStandIn;
  readonly log: string[];
  readonly logins: Logins;
  /** The operator that lives; started where there is none. */
  controller(): Controller;
  /** Counts writes from now on, and kills the operator at one of them. */
  watch(point: KillPoint | undefined): WriteGate;
  /** True once the operator was killed and until the next one was started. */
  isDead(): boolean;
  /** When anything was written last, in virtual milliseconds. */
  lastWriteMs(): number;
  stop(): Promise<void>;
}

const START_MS = Date.parse("2026-01-14T12:00:30Z");

/** Makes a world without a cluster, with an operator. */
export function createWorld(settings: Partial<Config>, streams: boolean): World {
  const config = configOf({ enableTeamsApi: false, ...settings });
  const cluster = simulateCluster({
    clusterNameLabel: config.clusterNameLabel,
    roleLabel: config.podRoleLabel,
    startMs: START_MS,
    stored: (object) => stored(object),
  });
  keepEndpoints(cluster);
  const database = createCrashDatabase();
  const logins = watchLogins(cluster, database);
  bootOnce(cluster, database, config);
  const state: State = { gate: undefined, life: undefined, lastWriteMs: START_MS, passwords: 0 };
  const shared = { cluster, config, database, aws: createAwsStandIn(config.awsRegion), streams };
  const parts: Parts = { ...shared, logins, log: [], state };
  return {
    ...parts,
    controller: () => (state.life ??= startLife(parts)).controller,
    watch(point) {
      const kill = () => {
        if (state.life !== undefined) state.life.alive = false;
      };
      return state.gate = createWriteGate(point, kill);
    },
    isDead: () => state.life?.alive === false,
    lastWriteMs: () => state.lastWriteMs,
    stop: async () => await state.life?.controller.stop(),
  };
}

/** Starts the operator that comes after one that was killed. */
export function revive(world: World): void {
  const { state } = world as World & Parts;
  state.life = undefined;
  state.gate?.reopen();
  world.controller();
}

interface Life {
  alive: boolean;
  readonly controller: Controller;
}

interface State {
  gate: WriteGate | undefined;
  life: Life | undefined;
  lastWriteMs: number;
  passwords: number;
}

interface Parts extends Pick<World, "cluster" | "config" | "database" | "aws" | "log" | "logins"> {
  readonly streams: boolean;
  readonly state: State;
}

/** Spilo gives the superuser and the replication role the passwords that it was started with. */
function bootOnce({ api }: SimulatedCluster, database: CrashDatabase, config: Config): void {
  let booted = false;
  api.onChange(({ type, object }) => {
    const leads = object.kind === "Pod" && object.metadata.labels?.["spilo-role"] === "master";
    if (booted || type !== "apply" || !leads) return;
    booted = true;
    for (const role of [config.superUsername, config.replicationUsername]) {
      const found = secretOf(api.objects(), role);
      if (found !== undefined) database.setPassword(role, found.password);
    }
  });
}

/** User and password of the Secret of a role. */
export function secretOf(objects: readonly KubeObject[], role: string) {
  const name = `${role}.${CLUSTER}.credentials.postgresql.acid.zalan.do`;
  const found = objects.find(({ kind, metadata }) => kind === "Secret" && metadata.name === name);
  const { username = "", password = "" } = (found as Secret | undefined)?.data ?? {};
  return found && { user: decodeBase64(username) ?? "", password: decodeBase64(password) ?? "" };
}

/** A process that was killed neither hears nor does anything any more. */
function never<T>(): Promise<T> {
  return new Promise<T>(() => {});
}

function startLife(parts: Parts): Life {
  const { cluster, config, log } = parts;
  const { clock } = cluster;
  const life = { alive: true } as { -readonly [Key in keyof Life]: Life[Key] };
  life.controller = controllerFor(cluster, {
    config,
    tools: toolsOf(parts, throughGate(parts, life)),
    logger: loggerFor(cluster, (line) => void log.push(line)),
    clock: {
      ...clock,
      setTimer: (callback, ms) => clock.setTimer(() => life.alive && callback(), ms),
    },
    onChange: (listener) => cluster.api.onChange((change) => life.alive && listener(change)),
  });
  life.controller.start();
  return life;
}

function throughGate({ state, cluster, logins }: Parts, life: Life): Through {
  return async (write, perform, open) => {
    if (!life.alive) return await never();
    const arrival = state.gate?.arrived(write);
    logins.look();
    if (arrival?.passage === "drop") return await never();
    const answered = (done: boolean) => {
      state.lastWriteMs = cluster.clock.now();
      const result = { done: done && open === undefined, result: String(done) };
      const passage = arrival && state.gate?.answered(arrival.seen, result);
      logins.look();
      return passage === "drop";
    };
    try {
      const result = await perform();
      if (answered(true)) return await never();
      return { result, seen: arrival?.seen };
    } catch (error) {
      if (answered(false)) return await never();
      throw error;
    }
  };
}

/** Performs a write and gives what came of it. */
type Only = <T>(write: Write, perform: () => Promise<T>) => Promise<T>;

function toolsOf(parts: Parts, through: Through): PassTools {
  const { cluster, config, database, state, streams } = parts;
  const { api } = cluster;
  const only: Only = async (write, perform) => (await through(write, perform)).result;
  const patroni = patroniThrough(cluster.patroni, only);
  const cloud = cloudOf(parts);
  return toolsFor(cluster, config, {
    patroni,
    inputs: {
      eventStreamsSupported: () => known(streams),
      infrastructureRoleDefinitions: infrastructureRoleDefinitions(config),
    },
    namesakes: (of) => {
      const manifests = api.objects().filter(({ kind }) => kind === "postgresql");
      return namesakesOf(structuredClone(manifests) as Postgresql[], of, config);
    },
    derived: createDerivedVerifiers(),
    newPassword: () => new Sensitive(`P${String(++state.passwords).padStart(63, "x")}`),
    ebsVolumes: createVolumeReader({ kube: api.reader, cloud }),
    catalog: (question) => Promise.resolve(needsCatalog(question) ? look(parts) : undefined),
    writers: {
      ...cluster.writers,
      patroni,
      kube: kubeThrough(cluster.writers.kube, only),
      sql: { open: (target) => database.open(target, through) },
      exec: execThrough(cluster.writers.exec, only),
      volumes: cloudThrough(cloud, only),
    },
  });
}

/** What the databases hold, for who has the superuser's password. */
function look({ cluster, config, database }: Parts): CatalogObservation | undefined {
  const secret = secretOf(cluster.api.objects(), config.superUsername);
  if (secret === undefined) return undefined;
  return database.accepts(secret.user, secret.password)
    ? known(database.model.catalog())
    : unknown("cannot log in: password authentication failed");
}

function cloudOf({ aws, config, cluster: { clock } }: Parts): CloudVolumes {
  const keys: Readonly<Record<string, string>> = {
    AWS_ACCESS_KEY_ID: aws.keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.keys.secretAccessKey,
  };
  return createCloudVolumes({
    region: config.awsRegion,
    env: (name) => keys[name],
    readFile: () => Promise.reject(new Error("there are no files")),
    now: clock.now,
    send: (url, init) => aws.handle(new Request(url, init)),
  });
}

function cloudThrough(cloud: CloudVolumes, through: Only): Pick<CloudVolumes, "modify"> {
  return {
    modify(request, signal) {
      const write = { channel: "cloud", verb: "ModifyVolume", target: request.id } as const;
      return through({ ...write, body: text(request) }, () => cloud.modify(request, signal));
    },
  };
}

function execThrough(exec: PodExec, through: Only): PodExec {
  return {
    exec(request, signal) {
      const write = { channel: "exec", verb: "exec", target: request.pod.name } as const;
      return through({ ...write, body: text(request.command) }, () => exec.exec(request, signal));
    },
  };
}

function patroniThrough(patroni: PatroniApi, through: Only): PatroniApi {
  return {
    ...patroni,
    send(pod, request, signal) {
      const write = { channel: "patroni", verb: request.call, target: pod.name } as const;
      return through(
        { ...write, body: text(request.body) },
        () => patroni.send(pod, request, signal),
      );
    },
  };
}

function kubeThrough(kube: KubeWriter, through: Only): KubeWriter {
  const write = (verb: string, ref: ObjectRef, body: unknown): Write => ({
    channel: "api",
    verb,
    target: describeRef(ref),
    body: text(body),
  });
  return {
    // Questions change nothing.
    ...kube,
    create: (object, signal) =>
      through(write("create", refOf(object), object), () => kube.create(object, signal)),
    replace: (object, signal) =>
      through(write("replace", refOf(object), object), () => kube.replace(object, signal)),
    patch: (request, signal) =>
      through(write("patch", request.target, request), () => kube.patch(request, signal)),
    delete: (request, signal) =>
      through(write("delete", request.target, request), () => kube.delete(request, signal)),
  };
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? "";
}
