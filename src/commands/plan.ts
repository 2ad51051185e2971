/**
 * `kubectl pg plan`: what the operator would do for a cluster as it stands, for another manifest of
 * it, or for a request. It is the `plan` command, with the cluster and the operator's configuration
 * found by itself.
 */

import { stringify } from "yaml";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import { runPlan } from "../dry_run/command.ts";
import { REQUEST_PREFIX } from "../cluster/effective/requests.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import { attempt, readCluster } from "./read.ts";
import { CommandError, type Session } from "./session.ts";

export interface PlanQuestion {
  /** The cluster as it stands; absent where a file is given. */
  readonly cluster: string | undefined;
  /** As if it were asked for: `switchover=a1,to=acid-orders-1`. */
  readonly request: string | undefined;
  /** The manifest instead of the one that stands. */
  readonly manifest: string | undefined;
  /** `configmap/NAMESPACE/NAME`, `operatorconfiguration/NAMESPACE/NAME` or `defaults`. */
  readonly config: string | undefined;
  readonly json: boolean;
}

const MANIFEST = "manifest";
const CONFIG = "configuration";

/** Prints the plan; the exit code is that of `plan`. @throws CommandError */
export async function showPlan(session: Session, question: PlanQuestion): Promise<number> {
  const { terminal, namespace } = session;
  const manifest = question.manifest ?? await standingManifest(session, question);
  const config = await readConfig(session, question.config);
  const configArguments = config === undefined
    ? []
    : ["--config", CONFIG, "--operator-namespace", config.metadata.namespace ?? "default"];
  const args = ["-f", MANIFEST, "--against", "this cluster", "-n", namespace, ...configArguments];
  return await runPlan(question.json ? [...args, "--json"] : args, {
    readText: (file) => Promise.resolve(file === MANIFEST ? manifest : stringify(config)),
    connect: () =>
      Promise.resolve({
        readerOf: ({ clusterNameLabel }) => session.reader(clusterNameLabel),
        close: () => {},
      }),
    print: terminal.print,
    complain: terminal.complain,
    now: session.now,
  });
}

async function standingManifest(
  session: Session,
  { cluster, request }: PlanQuestion,
): Promise<string> {
  if (cluster === undefined) throw new CommandError("name a cluster, or a file with -f");
  const cr = await readCluster(session, cluster);
  const [, what, value] = /^([a-z-]+)=(.+)$/.exec(request ?? "") ?? [];
  if (request !== undefined && what === undefined) {
    throw new CommandError("--request is WHAT=ID[,arguments], such as restart=a1");
  }
  const asked = what === undefined ? {} : { [REQUEST_PREFIX + what]: value };
  const { managedFields: _fields, resourceVersion: _version, ...metadata } = cr.metadata;
  const annotations = { ...metadata.annotations, ...asked };
  const { status: _status, ...rest } = cr;
  return stringify({ ...rest, metadata: { ...metadata, annotations } });
}

/** Name of the ConfigMap in the operator's example manifests. */
const USUAL_NAME = "postgres-operator";

/**
 * The configuration that is named, or the only one that can be found; undefined for the defaults.
 * @throws CommandError: a plan with another configuration would tell of changes that nobody makes
 */
async function readConfig(
  session: Session,
  named: string | undefined,
): Promise<KubeObject | undefined> {
  if (named === "defaults") return undefined;
  if (named !== undefined) return await namedConfig(session, named);
  const { kube, signal, terminal } = session;
  const fieldSelector = `metadata.name=${USUAL_NAME}`;
  const found = await Promise.all([
    attempt(() => kube.list(RESOURCES.OperatorConfiguration, { signal })),
    attempt(() => kube.list(RESOURCES.ConfigMap, { fieldSelector, signal })),
  ]);
  const objects = found.flatMap((read) => read.known ? read.value.items : []);
  const [object, other] = objects;
  const names = objects.map(({ kind, metadata }) =>
    `${kind.toLowerCase()}/${metadata.namespace}/${metadata.name}`
  );
  if (object === undefined || other !== undefined) {
    const why = other === undefined ? "none can be found" : `there are ${names.join(" and ")}`;
    throw new CommandError(
      `name the operator's configuration (${why}): --config configmap/NAMESPACE/NAME, ` +
        "--config operatorconfiguration/NAMESPACE/NAME or --config defaults",
    );
  }
  terminal.complain(`by the configuration of ${names[0]}\n`);
  return object;
}

async function namedConfig({ kube, signal }: Session, named: string): Promise<KubeObject> {
  const [kind = "", namespace, name] = named.split("/");
  const resource = kind.toLowerCase() === "configmap"
    ? RESOURCES.ConfigMap
    : kind.toLowerCase() === "operatorconfiguration"
    ? RESOURCES.OperatorConfiguration
    : undefined;
  if (resource === undefined || namespace === undefined || name === undefined) {
    throw new CommandError(
      "--config is configmap/NAMESPACE/NAME, operatorconfiguration/NAMESPACE/NAME or defaults",
    );
  }
  const ref = { apiVersion: resource.apiVersion, kind: resource.kind, namespace, name };
  const object = await kube.get(ref, { signal });
  if (object === undefined) throw new CommandError(`there is no ${named}`);
  return object;
}
