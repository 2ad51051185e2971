/**
 * Every credential Secret that the reference was recorded with, against what ours writes for the
 * same manifest, configuration and Secrets of the step before. Passwords are masked as the recorder
 * did: by kind of characters and length.
 */

import assert from "node:assert/strict";
import type { KubeObject, Secret } from "../../src/kubernetes/types.gen.ts";
import { decodeBase64, encodeBase64 } from "../../src/lib/base64.ts";
import { known } from "../../src/ports/observation.ts";
import { Sensitive } from "../../src/lib/sensitive.ts";
import type { DesiredCredential } from "../../src/cluster/desired/cluster.ts";
import type { Step } from "../../src/cluster/plan/steps/action.ts";
import { planCredentials } from "../../src/cluster/plan/credentials/credentials.ts";
import type { CredentialPlan } from "../../src/cluster/plan/steps/context.ts";
import { rotationRules } from "../../src/cluster/plan/credentials/rotation.ts";
import { readAccepted } from "./accepted.ts";
import { differencesOf } from "./differences.ts";
import { maskedOwners } from "./normalise.ts";
import { NOW, type RecordedCluster, recordedClusters, withData } from "./objects.ts";
import { documentKey } from "./recorded.ts";

Deno.test("every recorded credential Secret is made and kept as the reference has it", () => {
  const accepted = readAccepted("all");
  const unequal: Record<string, string[]> = {};
  let [compared, equal] = [0, 0];
  for (const recorded of recordedClusters()) {
    const { plan, secrets } = planned(recorded);
    for (const [name, golden] of goldenSecrets(recorded)) {
      const ours = secrets.get(name);
      if (ours === undefined) continue;
      const found = differencesOf(golden, written(ours, plan.steps), `Secret/${name}`);
      compared++;
      if (found.length === 0) equal++;
      const left = found.filter((text) => !accepted.accepts(recorded.step.name, text));
      if (left.length > 0) {
        unequal[recorded.step.name] = [...unequal[recorded.step.name] ?? [], ...left];
      }
    }
  }
  assert.deepEqual(unequal, {});
  assert.deepEqual({ compared, equal }, { compared: 1450, equal: 1447 });
});

Deno.test("every Secret that ours makes is there in the reference", () => {
  const missing: Record<string, string[]> = {};
  for (const recorded of recordedClusters()) {
    const golden = new Map(goldenSecrets(recorded));
    const { namespace } = recorded.step;
    const left = recorded.desired.credentials
      // The recorder looked into the namespace of the case alone.
      .filter(({ secret }) => secret.namespace === namespace && !golden.has(secret.name))
      .map(({ role }) => role);
    if (left.length > 0) missing[recorded.step.name] = left;
  }
  assert.deepEqual(missing, {
    // The reference gives up on all roles when it cannot ask for the members of a team.
    "bare/bare-update/2": ["postgres", "standby"],
  });
});

interface Ours {
  readonly credential: DesiredCredential;
  readonly before: Secret | undefined;
}

function planned(recorded: RecordedCluster): { plan: CredentialPlan; secrets: Map<string, Ours> } {
  const { desired, inputs, cluster, config } = recorded;
  const before = (credential: DesiredCredential) => secretBefore(recorded, credential);
  const plan = planCredentials({
    stage: "new",
    withheld: new Map(),
    named: new Map(),
    unwritten: new Set(),
    namespace: cluster.metadata.namespace ?? "",
    credentials: desired.credentials,
    roles: desired.roles,
    strangeness: () => undefined,
    secretOf: (credential) => known(before(credential)),
    infrastructureRoles: inputs.infrastructureRoles,
    rules: rotationRules(cluster.spec, config, cluster.spec.standby ? "standby" : "primary"),
    database: config.enableDatabaseAccess ? "ready" : "unmanaged",
    pods: known([]),
    poolerPods: known([]),
    config,
    now: NOW,
    newPassword: () => new Sensitive("a".repeat(64)),
  });
  const secrets = desired.credentials.map((credential) =>
    [credential.secret.name, { credential, before: before(credential) }] as const
  );
  return { plan, secrets: new Map(secrets) };
}

/** The Secret that a person changed in this step, else the one of the step before. */
function secretBefore(
  { step, applied }: RecordedCluster,
  { secret }: DesiredCredential,
): Secret | undefined {
  const document = step.documents.get(documentKey("Secret", secret.namespace, secret.name));
  const former = step.before.find(({ kind, metadata }) =>
    kind === "Secret" && metadata.name === secret.name
  );
  if (document !== undefined && (former === undefined || applied.has(document))) {
    return withData(document) as Secret;
  }
  if (former === undefined) return undefined;
  const content = document && withData(document)?.data as Record<string, string>;
  const kept = masked("password", decodeBase64(content?.password ?? "") ?? "", "");
  // What a person wrote earlier still stands there, with its date.
  if (content && former.data && (former.data as Record<string, string>).password === kept) {
    return { ...former, data: content } as unknown as Secret;
  }
  const data = Object.entries((former.data ?? {}) as Record<string, string>)
    .map(([key, text]) => [key, encodeBase64(unmasked(text))]);
  return { ...former, data: Object.fromEntries(data) } as unknown as Secret;
}

/** Dates and dated names that an earlier step left: rotated today, due in the future. */
function unmasked(text: string): string {
  return text.replace("<yymmdd>", "260114").replace("<time>", "2026-02-01T00:00:00Z");
}

function goldenSecrets({ step }: RecordedCluster): [string, KubeObject][] {
  return step.golden.objects
    .filter(({ kind }) => kind === "Secret")
    .map((object) => [object.metadata.name ?? "", object]);
}

/** A Secret after the plan, in the recorder's spelling. */
function written({ credential, before }: Ours, steps: readonly Step[]): unknown {
  let object: Record<string, unknown> | undefined = before;
  for (const { action } of steps) {
    if (
      (action.kind === "create" || action.kind === "replace") && names(action.object, credential)
    ) {
      object = action.object;
    }
    if (action.kind === "patch" && action.request.target.name === credential.secret.name) {
      object = merged(object, action.request.body) as Record<string, unknown>;
    }
  }
  if (object === undefined) return undefined;
  const secret = object as unknown as Secret;
  const { uid: _, generation: __, ...metadata } = maskedOwners(secret.metadata);
  const data = Object.entries(secret.data ?? {}).map(([key, value]) =>
    [key, masked(key, decodeBase64(value) ?? "", credential.role)] as const
  );
  return { ...secret, metadata, data: Object.fromEntries(data) };
}

function names(object: KubeObject, { secret }: DesiredCredential): boolean {
  return object.metadata.name === secret.name && object.metadata.namespace === secret.namespace;
}

function masked(key: string, text: string, role: string): string {
  if (key === "password" && !/^<(alphanumeric|other) \d+>$/.test(text)) {
    return `<${/^[A-Za-z0-9]+$/.test(text) ? "alphanumeric" : "other"} ${text.length}>`;
  }
  if (key === "nextRotation") return "<time>";
  if (key === "username" && text === `${role}260114`) return `${role}<yymmdd>`;
  return text;
}

function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...target as object };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}
