/** Where the local environment runs: a cluster of kind, or the dev cluster. */
import { BUNDLE } from "../devcluster/kubelet/images/operator.ts";
import { requireProcessSupport } from "../devcluster/kubelet/process/machine.ts";
import { startDevCluster } from "../devcluster/mod.ts";
import { ensurePackages } from "../devcluster/packages.ts";
import { run, works } from "./programs.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const KIND_CLUSTER = "postgres-operator";

/** Where the kubeconfig of a running environment is, for a second call. */
export const KUBECONFIG = `${ROOT}dist/local.kubeconfig`;

/** A way to have a cluster with the operator's image in it. */
export interface Place {
  readonly name: "kind" | "devcluster";
  /** The image that the Deployment names. */
  readonly image: string;
  /** Makes the image known to a cluster that is up, or to one that will be. */
  build(anew: boolean): Promise<void>;
  /** Brings the cluster up and writes its kubeconfig. */
  start(): Promise<StartedPlace>;
}

export interface StartedPlace {
  /** PostgreSQL for the example; undefined leaves it as the manifest has it. */
  readonly postgresMajor: string | undefined;
  stop(): Promise<void>;
}

/** Kind when it is on the path and a docker answers, unless one is asked for. */
export async function findPlace(
  wanted: Place["name"] | undefined,
  say: (line: string) => void,
): Promise<Place> {
  const found = wanted ??
    (await works("kind", "version") && await works("docker", "info") ? "kind" : "devcluster");
  return found === "kind" ? kindPlace() : devClusterPlace(say);
}

function kindPlace(): Place {
  const image = "postgres-operator-deno:local";
  const [name = "", tag = ""] = image.split(":");
  return {
    name: "kind",
    image,
    async build(anew) {
      const there = !anew && await works("docker", "image", "inspect", image);
      const env = { IMAGE: name, TAG: tag };
      const task = [Deno.execPath(), "task", "image", "operator"];
      if (!there) await run(task, { env, cwd: ROOT });
      const clusters = (await run(["kind", "get", "clusters"])).split("\n");
      if (clusters.includes(KIND_CLUSTER)) await load(image);
    },
    async start() {
      const clusters = (await run(["kind", "get", "clusters"])).split("\n");
      const named = ["--name", KIND_CLUSTER];
      if (!clusters.includes(KIND_CLUSTER)) {
        await run(["kind", "create", "cluster", ...named, "--kubeconfig", KUBECONFIG]);
        await load(image);
      } else {
        await run(["kind", "export", "kubeconfig", ...named, "--kubeconfig", KUBECONFIG]);
      }
      return { postgresMajor: undefined, stop: () => Promise.resolve() };
    },
  };
}

async function load(image: string): Promise<void> {
  await run(["kind", "load", "docker-image", image, "--name", KIND_CLUSTER]);
}

function devClusterPlace(say: (line: string) => void): Place {
  return {
    name: "devcluster",
    image: "postgres-operator-deno:local",
    async build(anew) {
      const there = !anew &&
        (await exists(`${ROOT}dist/${BUNDLE}`) || await exists(`${ROOT}dist/postgres-operator`));
      if (!there) await run([Deno.execPath(), "task", "bundle"], { cwd: ROOT });
    },
    async start() {
      requireProcessSupport();
      const { postgresMajors } = await ensurePackages({ log: say });
      const cluster = await startDevCluster({ runtime: "process" });
      await Deno.copyFile(cluster.kubeconfig, KUBECONFIG);
      return {
        postgresMajor: postgresMajors.at(-1),
        async stop() {
          await Deno.remove(KUBECONFIG).catch(() => {});
          await cluster.stop();
        },
      };
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
