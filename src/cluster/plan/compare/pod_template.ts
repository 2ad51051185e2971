/**
 * Compares pod templates field by field: every field that a builder sets, in both directions, after
 * filling in what the API server adds. Fields that no builder sets are left to whoever sets them.
 * Zalando: pkg/cluster/cluster.go, compareStatefulSetWith and compareContainers
 */

import type { Container, EnvVar, PodSpec } from "../../../kubernetes/types.gen.ts";
import { elementPath, fieldPath } from "./difference.ts";
import { withPodDefaults } from "./pod_defaults.ts";
import { isEmpty, type Mismatch, mismatches } from "./structure.ts";

/** Fields of a container that builders set; the image is compared apart, because it may wait. */
const CONTAINER_FIELDS = [
  "command",
  "args",
  "envFrom",
  "resources",
  "readinessProbe",
  "livenessProbe",
  "startupProbe",
  "lifecycle",
  "securityContext",
  "workingDir",
  "imagePullPolicy",
  "restartPolicy",
  "stdin",
  "stdinOnce",
  "tty",
  "terminationMessagePath",
  "terminationMessagePolicy",
] as const satisfies readonly (keyof Container)[];

/** Fields of a pod spec that builders set, without containers. */
const POD_FIELDS = [
  "serviceAccountName",
  "terminationGracePeriodSeconds",
  "securityContext",
  "affinity",
  "tolerations",
  "topologySpreadConstraints",
  "priorityClassName",
  "schedulerName",
  "volumes",
] as const satisfies readonly (keyof PodSpec)[];

/** What differs in a pod spec, by kind of field. */
export interface PodMismatches {
  readonly containers: readonly Mismatch[];
  readonly images: readonly Mismatch[];
  readonly pod: readonly Mismatch[];
}

/** Compares two pod specs; `path` is that of the spec. */
export function podMismatches(path: string, desired: PodSpec, observed: PodSpec): PodMismatches {
  const want = withPodDefaults(desired);
  const have = withPodDefaults(observed);
  const lists = [
    { path: `${path}.initContainers`, want: want.initContainers ?? [], have: have.initContainers },
    { path: `${path}.containers`, want: want.containers, have: have.containers },
  ];
  return {
    containers: lists.flatMap((list) => containerMismatches(list.path, list.want, list.have ?? [])),
    images: lists.flatMap((list) => imageMismatches(list.path, list.want, list.have ?? [])),
    pod: POD_FIELDS.flatMap((field) => podField(fieldPath(path, field), field, want, have)),
  };
}

function podField(
  path: string,
  field: typeof POD_FIELDS[number],
  want: PodSpec,
  have: PodSpec,
): Mismatch[] {
  return mismatches(path, want[field], have[field]);
}

function containerMismatches(path: string, want: Container[], have: Container[]): Mismatch[] {
  const count = Math.max(want.length, have.length);
  return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
    const [desired, observed] = [want[index], have[index]];
    const at = elementPath(path, desired?.name ?? observed?.name ?? index);
    if (desired === undefined || observed === undefined || desired.name !== observed.name) {
      return [{ path: at, desired: desired?.name, observed: observed?.name }];
    }
    return [
      ...environmentMismatches(`${at}.env`, desired.env ?? [], observed.env ?? []),
      ...setMismatches(`${at}.ports`, desired.ports, observed.ports, "containerPort"),
      ...setMismatches(
        `${at}.volumeMounts`,
        desired.volumeMounts,
        observed.volumeMounts,
        "mountPath",
      ),
      ...CONTAINER_FIELDS.flatMap((field) =>
        mismatches(fieldPath(at, field), desired[field], observed[field])
      ),
    ];
  });
}

function imageMismatches(path: string, want: Container[], have: Container[]): Mismatch[] {
  return want.flatMap((desired, index) => {
    const observed = have[index];
    if (observed === undefined || observed.name !== desired.name) return [];
    return mismatches(`${elementPath(path, desired.name)}.image`, desired.image, observed.image);
  });
}

/** Lists whose order does not matter and whose elements have a key of their own. */
function setMismatches<K extends string>(
  path: string,
  want: readonly ({ [key in K]: string | number })[] | undefined,
  have: readonly ({ [key in K]: string | number })[] | undefined,
  key: K,
): Mismatch[] {
  // Under `named` a name is a field like others: elements belong together by their key.
  const sorted = (list: typeof want) =>
    [...(list ?? [])].map((element) => {
      const { name: named, ...fields } = element as { name?: string };
      return { ...fields, named, at: String(element[key]) };
    }).sort((a, b) => a.at < b.at ? -1 : a.at > b.at ? 1 : 0);
  return mismatches(path, sorted(want), sorted(have))
    .map((found) => ({ ...found, path: found.path.replace(/\.named$/, ".name") }));
}

/**
 * Environment by name, order set aside. A name that stands there twice is compared by its turn.
 * SPILO_CONFIGURATION is compared by structure and without `bootstrap.dcs`: that part only counts
 * while a cluster is made, afterwards Patroni's own configuration holds it.
 */
function environmentMismatches(path: string, want: EnvVar[], have: EnvVar[]): Mismatch[] {
  const [desired, observed] = [numbered(want), numbered(have)];
  const names = new Set([...desired.keys(), ...observed.keys()]);
  return [...names].flatMap((name) => {
    const [left, right] = [desired.get(name), observed.get(name)];
    const at = elementPath(path, name);
    if (left === undefined || right === undefined) {
      return [{ path: at, desired: shown(left), observed: shown(right) }];
    }
    if (name === "SPILO_CONFIGURATION") return configurationMismatches(at, left, right);
    if (!isEmpty(left.value) || !isEmpty(right.value)) {
      return mismatches(`${at}.value`, left.value ?? "", right.value ?? "");
    }
    return mismatches(`${at}.valueFrom`, left.valueFrom, right.valueFrom);
  });
}

function shown(variable: EnvVar | undefined): unknown {
  return variable === undefined ? undefined : variable.value ?? variable.valueFrom ?? "";
}

function numbered(variables: readonly EnvVar[]): Map<string, EnvVar> {
  const found = new Map<string, EnvVar>();
  for (const variable of variables) {
    let name = variable.name;
    for (let turn = 2; found.has(name); turn++) name = `${variable.name}#${turn}`;
    found.set(name, variable);
  }
  return found;
}

function configurationMismatches(path: string, want: EnvVar, have: EnvVar): Mismatch[] {
  const [desired, observed] = [parsed(want.value), parsed(have.value)];
  if (desired === undefined || observed === undefined) {
    return mismatches(`${path}.value`, want.value, have.value);
  }
  return mismatches(path, desired, observed);
}

function parsed(text: string | undefined): unknown {
  try {
    const value = JSON.parse(text ?? "") as { bootstrap?: Record<string, unknown> };
    return { ...value, bootstrap: { ...value.bootstrap, dcs: undefined } };
  } catch {
    return undefined;
  }
}
