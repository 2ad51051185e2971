/**
 * Runs a life cycle of a cluster while the API server fails the operator's requests, and compares
 * where it ends with a run in which nothing failed.
 */
import type { Fault, FaultKind } from "../devcluster/apiserver/http/faults.ts";
import type { RequestInfo } from "../devcluster/apiserver/model/request_info.ts";
import type { Scene, Stage } from "./crash_run.ts";
import { differences, type EndState, endStateOf } from "./end_state.ts";
import { tail } from "./operator_process.ts";
import type { TestCluster, TestOperator } from "./test_cluster.ts";

/** What fails, and how. */
export interface FaultPlan {
  readonly kind: FaultKind;
  /** Says of each request of the operator whether it fails. */
  readonly hits: (info: RequestInfo) => boolean;
  /** Watches are refused as too old first, once each, so that everything is listed again. */
  readonly listsAgain?: boolean;
}

/** How a life went. */
export interface FaultResult {
  readonly injected: number;
  /** Verb and resource of what failed, each once. */
  readonly rights: readonly string[];
  /** What is not as in the undisturbed life; empty when it recovered. */
  readonly differences: readonly string[];
  readonly seconds: number;
}

export interface FaultRun {
  readonly cluster: TestCluster;
  readonly operator: TestOperator;
  readonly stages: readonly Stage[];
  /** How long one stage may take. */
  readonly limitMs: number;
}

const AGENT = /^postgres-operator/;

/** `verb resource` of a request. */
export function rightOf({ verb, path, resource }: RequestInfo): string {
  if (resource === undefined) return `${verb} ${path}`;
  const { plural, subresource } = resource;
  return `${verb} ${plural}${subresource === "" ? "" : `/${subresource}`}`;
}

/** Each verb and resource that the operator asks for fails so many times. */
export function eachOnce(kind: FaultKind, times = 1): FaultPlan {
  const left = new Map<string, number>();
  return {
    kind,
    hits(info) {
      const right = rightOf(info);
      const rest = left.get(right) ?? times;
      left.set(right, rest - 1);
      return rest > 0;
    },
  };
}

/** An undisturbed life: where its stages end, and what is deleted before the last one. */
export interface Life {
  readonly states: readonly EndState[];
  readonly deleted: readonly string[];
}

/** Lives without faults. @throws Error where even that does not end */
export async function undisturbed(run: FaultRun): Promise<Life> {
  const { states, deleted, problems } = await live(run, undefined);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return { states, deleted };
}

/** One life with faults. */
export async function withFaults(
  run: FaultRun,
  plan: FaultPlan,
  expected: Life,
): Promise<FaultResult> {
  const dev = run.cluster.dev;
  if (dev === undefined) throw new Error("only the dev cluster's API server fails when told");
  const rights = new Set<string>();
  let injected = 0;
  const startMs = performance.now();
  const undo = dev.apiServer.faults.add({
    kind: plan.kind,
    agent: AGENT,
    when(info) {
      if (!plan.hits(info)) return false;
      injected++;
      rights.add(rightOf(info));
      return true;
    },
  });
  const undoAgain = plan.listsAgain === true ? dev.apiServer.faults.add(watchesTooOld()) : () => {};
  try {
    // Lists and watches come again, and meet the faults as well.
    dev.apiServer.dropStreams();
    const { problems, deleted } = await live(run, expected.states);
    const seconds = (performance.now() - startMs) / 1000;
    const more = beyond(deleted, expected.deleted).map((object) => `${object} was deleted`);
    return { injected, rights: [...rights].sort(), differences: [...problems, ...more], seconds };
  } finally {
    undo();
    undoAgain();
  }
}

function watchesTooOld(): Fault {
  const { hits } = eachOnce("gone");
  return { kind: "gone", verbs: ["watch"], agent: AGENT, when: hits };
}

async function live(
  { cluster, operator, stages, limitMs }: FaultRun,
  expected: readonly EndState[] | undefined,
): Promise<Life & { readonly problems: readonly string[] }> {
  const scene: Scene = { cluster, namespace: await cluster.namespace() };
  const states: EndState[] = [];
  const problems: string[] = [];
  let over: string | undefined;
  void operator.ended.then(({ code }) => over = `the operator ended with code ${code}`);
  const deleted = watchDeletions(scene);
  for (const [index, stage] of stages.entries()) {
    const last = index === stages.length - 1;
    if (last) deleted.stop();
    const stateNow = () =>
      endStateOf(cluster.view.all(scene.namespace), scene.namespace, stage.tolerance);
    const unlike = () => expected === undefined ? [] : differences(expected[index]!, stateNow());
    await stage.act(scene);
    const isOver = () => stage.ended(scene) && unlike().length === 0;
    const reached = await cluster.view.until(`the end of ${stage.name}`, isOver, { limitMs })
      .then(() => true, () => false);
    states.push(stateNow());
    if (!reached) {
      problems.push(`${stage.name} did not end`, ...unlike(), tail(operator.log(), 5));
      break;
    }
  }
  deleted.stop();
  if (over !== undefined) problems.push(over);
  await cluster.drop(scene.namespace);
  return { states, deleted: deleted.objects, problems };
}

/** What is in a list more often than in another. */
function beyond(list: readonly string[], other: readonly string[]): string[] {
  const rest = [...other];
  return list.filter((item) => {
    const place = rest.indexOf(item);
    if (place >= 0) rest.splice(place, 1);
    return place < 0;
  });
}

/** Objects that go, by kind and name. */
function watchDeletions({ cluster, namespace }: Scene) {
  const objects: string[] = [];
  const stop = cluster.view.onChange(({ type, object }) => {
    if (type !== "delete" || object.metadata.namespace !== namespace) return;
    if (object.kind !== "Event") objects.push(`${object.kind} ${object.metadata.name}`);
  });
  return { objects, stop };
}
