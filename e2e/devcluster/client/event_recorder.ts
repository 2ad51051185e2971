/**
 * Events about pods, repeated ones counted (dev cluster, client layer).
 * https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 */
import { type KubeClient, unlessGone } from "./client.ts";
import { events as eventResource } from "./resources.ts";
import type { KubeObject } from "../objects/meta.ts";
import type { Pod } from "../objects/pod.ts";
import { kubeTime } from "../objects/time.ts";

export interface PodEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** The container that it is about. */
  readonly container?: string;
}

export interface EventRecorder {
  /** Writes in the background; an Event that cannot be written is no reason to stop. */
  record(pod: Pod, event: PodEvent): void;
  /** Waits for the writes under way. */
  flush(): Promise<void>;
}

interface Counted {
  name: string;
  count: number;
  written: Promise<unknown>;
}

/** How many different Events are remembered for counting. */
const REMEMBERED = 500;

/** Records Events as a component, e.g. `kubelet` on a node. */
export function eventRecorder(
  client: KubeClient,
  source: { component: string; host?: string },
): EventRecorder {
  const seen = new Map<string, Counted>();

  async function write(pod: Pod, event: PodEvent, known: Counted): Promise<void> {
    const now = kubeTime();
    const { name, namespace, uid, resourceVersion } = pod.metadata;
    const ref = { namespace, name: known.name };
    if (known.count > 1) {
      const patch = { count: known.count, lastTimestamp: now };
      await unlessGone(client.patch(eventResource, ref, patch));
      return;
    }
    const fieldPath = event.container ? `spec.containers{${event.container}}` : undefined;
    await client.create<KubeObject>(eventResource, {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: known.name, namespace: namespace! },
      involvedObject: {
        apiVersion: "v1",
        kind: "Pod",
        name,
        namespace,
        uid,
        resourceVersion,
        ...(fieldPath ? { fieldPath } : {}),
      },
      type: event.type,
      reason: event.reason,
      message: event.message,
      source,
      reportingComponent: source.component,
      reportingInstance: source.host ?? "",
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    } as KubeObject);
  }

  return {
    record(pod, event) {
      const key = [pod.metadata.uid, event.reason, event.message, event.container].join();
      const known = seen.get(key) ??
        { name: eventName(pod), count: 0, written: Promise.resolve() };
      known.count++;
      seen.delete(key);
      seen.set(key, known);
      if (seen.size > REMEMBERED) seen.delete(seen.keys().next().value!);
      // Gone namespaces and full API servers refuse Events; nothing depends on one.
      known.written = known.written.then(() => write(pod, event, known)).catch(() => {});
    },
    async flush() {
      await Promise.all([...seen.values()].map((it) => it.written));
    },
  };
}

function eventName(pod: Pod): string {
  const random = crypto.getRandomValues(new BigUint64Array(1))[0]!;
  return `${pod.metadata.name}.${random.toString(16).padStart(16, "0")}`;
}
