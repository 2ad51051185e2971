/** A planner's context around a manifest and what was observed of its cluster. */

import type { Postgresql } from "../api/types.gen.ts";
import { encodeBase64 } from "../lib/base64.ts";
import type { KubeObject, PersistentVolumeClaim, Pod, Secret } from "../kubernetes/types.gen.ts";
import type { DesiredCluster } from "../cluster/desired/cluster.ts";
import { desiredCluster } from "../cluster/desired/desired_cluster.ts";
import { resolveSpec } from "../cluster/effective/spec.ts";
import { type ClusterMemory, emptyMemory } from "../cluster/pass/memory.ts";
import type { ObservedCluster, ObservedPatroni } from "../cluster/observed/cluster.ts";
import type { PlanContext } from "../cluster/plan/steps/context.ts";
import { checkedPasswords } from "./passwords.ts";
import { credentialPlan } from "../cluster/plan/credentials/credential_inputs.ts";
import { foreignObjectsOf, foreignRefusals } from "../cluster/plan/steps/ownership.ts";
import { refsOf } from "../cluster/plan/refs.ts";
import { phaseOf } from "../cluster/plan/steps/phase.ts";
import type { PatroniMember, PatroniMemberState } from "../ports/ports.ts";
import { describeRef, refOf } from "../ports/requests.ts";
import type { Config } from "../config/config.ts";
import { known, type Observation } from "../ports/observation.ts";
import { Sensitive } from "../lib/sensitive.ts";
import { cluster, inputs } from "./cluster_fixture.ts";
import { config } from "./config_fixture.ts";

export interface PlanFixture {
  readonly cr?: Postgresql;
  readonly config?: Partial<Config>;
  /** Objects that exist besides pods and claims; everything else that is asked for is absent. */
  readonly objects?: readonly KubeObject[];
  readonly pods?: readonly Pod[];
  readonly claims?: readonly PersistentVolumeClaim[];
  readonly patroni?: Observation<ObservedPatroni>;
  readonly memory?: Partial<ClusterMemory>;
  readonly observed?: Partial<ObservedCluster>;
}

/** The Secrets of a cluster as they are once all were made: each holds `pw-<role>`. */
export function secretsOf({ credentials }: Pick<DesiredCluster, "credentials">): Secret[] {
  return credentials.map(({ role, metadata }) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { ...metadata, resourceVersion: "1" },
    data: { username: encodeBase64(role), password: encodeBase64(`pw-${role}`) },
  }));
}

export const NOW = new Date("2026-01-05T12:00:00Z");

/** The context of one pass. */
export function planContext(fixture: PlanFixture = {}): PlanContext {
  const cr = fixture.cr ?? cluster();
  const settings = config(fixture.config);
  const memory = { ...emptyMemory(), ...fixture.memory };
  const resolved = resolveSpec(cr, settings, inputs(), NOW);
  const desired = desiredCluster(resolved.spec, settings);
  const present = new Map((fixture.objects ?? []).map((object) => [
    describeRef(refOf(object)),
    object,
  ]));
  const objects = new Map(
    refsOf(desired).map((ref) => [
      describeRef(ref),
      known(present.get(describeRef(ref))),
    ]),
  );
  const base = {
    cr,
    config: settings,
    effective: resolved.spec,
    desired,
    observed: {
      objects,
      pods: known(fixture.pods ?? []),
      claims: known(fixture.claims ?? []),
      poolerPods: known([]),
      eventStreams: known(undefined),
      patroni: fixture.patroni,
      catalog: undefined,
      ...fixture.observed,
    },
    memory,
    secretRivals: [],
    foreignObjects: [],
    refusals: [],
    phase: phaseOf(cr, memory.settledGeneration),
    now: NOW,
    newPassword: () => new Sensitive("generated"),
    newPasswords: [],
    sources: [],
    operator: { version: "1" },
  };
  const foreignObjects = foreignObjectsOf(base);
  const { held, everything } = foreignRefusals(base, foreignObjects);
  const whole = { ...base, foreignObjects, nothingPossible: everything, refusals: held };
  return { ...whole, credentials: credentialPlan(whole), passwords: checkedPasswords() };
}

/** What Patroni says of members; the first one leads. */
export function patroniState(
  members: readonly (Partial<PatroniMember> & { readonly name: string })[],
  rest: {
    readonly config?: Record<string, unknown>;
    readonly states?: Record<string, Partial<PatroniMemberState>>;
  } = {},
): Observation<ObservedPatroni> {
  const states = Object.entries(rest.states ?? {}).map(([name, state]) =>
    [
      name,
      known({ state: "running", role: "replica", pendingRestart: false, ...state }),
    ] as const
  );
  return known({
    config: rest.config ?? {},
    members: members.map((member, index) => ({
      role: index === 0 ? "leader" : "replica",
      state: index === 0 ? "running" : "streaming",
      ...member,
    })),
    states: new Map(states),
  });
}
