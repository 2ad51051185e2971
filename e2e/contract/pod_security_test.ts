/**
 * Under which Pod Security Standard the pods run that are shipped and made. The rules of `restricted`
 * stand here too; with KUBECONFIG set a real API server says whether they are read rightly.
 */
import assert from "node:assert/strict";
import { render } from "../../charts/rendering.ts";
import type {
  Container,
  Deployment,
  PodSpec,
  StatefulSet,
} from "../../src/kubernetes/types.gen.ts";
import { cluster } from "../../src/testing/cluster_fixture.ts";
import { planContext } from "../../src/testing/plan_fixture.ts";
import { readManifest } from "../support/test_cluster.ts";
import { realTarget, type Target } from "./target.ts";

/** Volumes that `restricted` allows. */
const VOLUMES = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

/** What `restricted` finds wrong with a pod, in the API server's words. */
function violations({ securityContext: pod, containers, initContainers, volumes }: PodSpec) {
  const all = [...containers, ...initContainers ?? []];
  const each = (name: string, fits: (container: Container) => boolean) =>
    all.every(fits) ? [] : [name];
  const forbidden = (volumes ?? []).some((volume) =>
    !Object.keys(volume).every((key) => key === "name" || VOLUMES.includes(key))
  );
  return [
    ...each(
      "allowPrivilegeEscalation != false",
      ({ securityContext }) => securityContext?.allowPrivilegeEscalation === false,
    ),
    ...each(
      "unrestricted capabilities",
      ({ securityContext }) => securityContext?.capabilities?.drop?.includes("ALL") === true,
    ),
    ...(forbidden ? ["restricted volume types"] : []),
    ...each(
      "runAsNonRoot != true",
      ({ securityContext }) => (securityContext?.runAsNonRoot ?? pod?.runAsNonRoot) === true,
    ),
    ...each(
      "seccompProfile",
      ({ securityContext }) =>
        ["RuntimeDefault", "Localhost"].includes(
          (securityContext?.seccompProfile ?? pod?.seccompProfile)?.type ?? "",
        ),
    ),
  ].sort();
}

const MADE = [
  "allowPrivilegeEscalation != false",
  "runAsNonRoot != true",
  "seccompProfile",
  "unrestricted capabilities",
];

/** Each pod, and what keeps it out of a namespace that enforces `restricted`. */
async function pods(): Promise<readonly (readonly [string, PodSpec, readonly string[]])[]> {
  const manifests = readManifest("postgres-operator.yaml") as Deployment[];
  const chart = await render() as unknown as Deployment[];
  const operator = (of: readonly Deployment[]) =>
    of.find(({ kind }) => kind === "Deployment")?.spec?.template.spec as PodSpec;
  const cr = cluster({ spec: { enableConnectionPooler: true, enableLogicalBackup: true } });
  const { desired } = planContext({ cr });
  const made = (spec: PodSpec | undefined) => spec as PodSpec;
  return [
    ["the operator of manifests", operator(manifests), []],
    ["the operator of the chart", operator(chart), []],
    ["PostgreSQL", withClaims(desired.statefulSet), MADE],
    ["the pooler", made(desired.poolers[0]?.deployment.spec?.template.spec), MADE.slice(1)],
    ["the backup", made(desired.logicalBackup?.spec?.jobTemplate.spec?.template.spec), MADE],
  ];
}

/** As its StatefulSet makes it. */
function withClaims({ spec }: StatefulSet): PodSpec {
  const pod = spec?.template.spec as PodSpec;
  const claims = (spec?.volumeClaimTemplates ?? []).map(({ metadata: { name = "" } }) => ({
    name,
    persistentVolumeClaim: { claimName: name },
  }));
  return { ...pod, volumes: [...pod.volumes ?? [], ...claims] };
}

const NAMESPACE = "pod-security";

async function ask(target: Target, path: string, body: object): Promise<Response> {
  return await fetch(`${target.url}/api/v1/namespaces${path}`, {
    method: "POST",
    client: target.client,
    headers: { authorization: `Bearer ${target.token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** What the API server finds wrong with a pod, from its refusal. */
async function refusals(target: Target, spec: PodSpec): Promise<string[]> {
  const body = {
    metadata: { name: "tried" },
    spec: { ...spec, automountServiceAccountToken: false, serviceAccountName: "default" },
  };
  const answer = await ask(target, `/${NAMESPACE}/pods?dryRun=All`, body);
  const { message = "" } = await answer.json() as { message?: string };
  if (answer.ok) return [];
  const [, found] = /violates PodSecurity "[^"]*": (.*)$/s.exec(message) ?? [];
  if (found === undefined) throw new Error(message);
  return found.replace(/ \((?:[^()]|\([^()]*\))*\)/g, "").split(", ").sort();
}

Deno.test("pods have what the standard restricted asks for, as far as they are known to", async () => {
  for (const [what, spec, want] of await pods()) {
    assert.deepEqual(violations(spec), want, what);
  }
});

const path = Deno.env.get("KUBECONFIG");

Deno.test({
  name: "a real API server finds the same with these pods in a restricted namespace",
  ignore: path === undefined,
  async fn() {
    const target = await realTarget(path ?? "");
    const remove = async () => {
      const answer = await fetch(`${target.url}/api/v1/namespaces/${NAMESPACE}`, {
        method: "DELETE",
        client: target.client,
        headers: { authorization: `Bearer ${target.token}` },
      });
      await answer.body?.cancel();
    };
    try {
      const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
      const made = await ask(target, "", { metadata: { name: NAMESPACE, labels } });
      assert.equal(made.status, 201, await made.text());
      const account = await ask(target, `/${NAMESPACE}/serviceaccounts`, {
        metadata: { name: "default" },
      });
      // The controller manager makes it too.
      assert.ok([201, 409].includes(account.status), await account.text());
      for (const [what, spec, want] of await pods()) {
        assert.deepEqual(await refusals(target, spec), want, what);
      }
    } finally {
      await remove();
      await target.stop();
    }
  },
});
