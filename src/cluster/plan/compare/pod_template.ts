/**
 * Compares pod templates field by field: every field that a builder sets, in both directions, after
 * filling in what the API server adds. Fields that no builder sets are left to whoever sets them.
 * Zalando: pkg/cluster/cluster.go, compareStatefulSetWith and compareContainers
 */

import type { Container, ContainerPort, EnvVar, PodSpec } from "../../../kubernetes/types.gen.ts";
import { elementPath, fieldPath } from "./difference.ts";
import { withPodDefaults } from "./pod_defaults.ts";
import { isEmpty, mismatches, sortedKeys } from "./structure.ts";
import type { Mismatch } from "./difference.ts";

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

/** What pods are restarted for, in a shape that does not depend on how it is written. */
export function rollingParts(spec: PodSpec, lazyImages: boolean): unknown {
  const part = (container: Container) => [
    container.name,
    lazyImages ? undefined : container.image,
    [...numbered(container.env ?? [])].sort(([a], [b]) => a < b ? -1 : 1).map(environmentPart),
    container.ports,
    container.volumeMounts,
    ...CONTAINER_FIELDS.map((field) => container[field]),
  ];
  return sortedKeys([
    spec.initContainers?.map(part),
    spec.containers.map(part),
    POD_FIELDS.map((field) => spec[field]),
  ]);
}

function environmentPart([name, variable]: [string, EnvVar]): unknown {
  if (name !== "SPILO_CONFIGURATION") return [name, variable.value, variable.valueFrom];
  return [name, parsed(variable.value) ?? variable.value];
}

/**
 * Compares two pod specs; `path` is that of the spec. A field that is only wanted to have its
 * default is wanted not to be set.
 */
export function podMismatches(path: string, desired: PodSpec, observed: PodSpec): PodMismatches {
  const have = withPodDefaults(observed);
  const found = specMismatches(path, withPodDefaults(desired), have);
  if (found.containers.length + found.pod.length === 0) return found;
  const raw = specMismatches(path, desired, have);
  const unset = new Set(
    [...raw.containers, ...raw.pod].filter((one) => one.desired === undefined).map((one) =>
      one.path
    ),
  );
  const asSet = (list: readonly Mismatch[]) =>
    list.map((one) => unset.has(one.path) ? { ...one, desired: undefined } : one);
  return { ...found, containers: asSet(found.containers), pod: asSet(found.pod) };
}

function specMismatches(path: string, want: PodSpec, have: PodSpec): PodMismatches {
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

/** Containers by name: a policy may put one of its own anywhere in the list. */
function containerMismatches(path: string, want: Container[], have: Container[]): Mismatch[] {
  const found = new Map(have.map((container) => [container.name, container]));
  const wanted = new Set(want.map(({ name }) => name));
  const extra = have.filter(({ name }) => !wanted.has(name));
  return [
    ...want.flatMap((desired) => oneContainer(path, desired, found.get(desired.name))),
    ...extra.map(({ name }) => ({
      path: elementPath(path, name),
      desired: undefined,
      observed: name,
    })),
    ...orderMismatch(path, want, have),
  ];
}

function oneContainer(
  path: string,
  desired: Container,
  observed: Container | undefined,
): Mismatch[] {
  const at = elementPath(path, desired.name);
  if (observed === undefined) return [{ path: at, desired: desired.name, observed: undefined }];
  return [
    ...environmentMismatches(`${at}.env`, desired.env ?? [], observed.env ?? []),
    ...setMismatches(`${at}.ports`, desired.ports, observed.ports, portKey),
    ...setMismatches(
      `${at}.volumeMounts`,
      desired.volumeMounts,
      observed.volumeMounts,
      ({ mountPath }) => mountPath,
    ),
    ...CONTAINER_FIELDS.flatMap((field) =>
      mismatches(fieldPath(at, field), desired[field], observed[field])
    ),
  ];
}

/** Init containers run one after the other, so their order among each other counts. */
function orderMismatch(path: string, want: Container[], have: Container[]): Mismatch[] {
  if (!path.endsWith(".initContainers")) return [];
  const order = (list: Container[], other: Container[]) =>
    list.map(({ name }) => name).filter((name) => other.some((one) => one.name === name));
  const [desired, observed] = [order(want, have), order(have, want)];
  return desired.join() === observed.join() ? [] : [{ path, desired, observed }];
}

function imageMismatches(path: string, want: Container[], have: Container[]): Mismatch[] {
  return want.flatMap((desired) => {
    const observed = have.find(({ name }) => name === desired.name);
    if (observed === undefined) return [];
    return mismatches(`${elementPath(path, desired.name)}.image`, desired.image, observed.image);
  });
}

function portKey({ containerPort, protocol = "TCP" }: ContainerPort): string {
  return protocol === "TCP" ? String(containerPort) : `${containerPort}/${protocol}`;
}

/** Lists whose order does not matter and whose elements have a key of their own. */
function setMismatches<T>(
  path: string,
  want: readonly T[] | undefined,
  have: readonly T[] | undefined,
  keyOf: (element: T) => string,
): Mismatch[] {
  const byKey = (list: readonly T[] | undefined) =>
    new Map((list ?? []).map((element) => [keyOf(element), element]));
  const [desired, observed] = [byKey(want), byKey(have)];
  return [...new Set([...desired.keys(), ...observed.keys()])].flatMap((key) =>
    mismatches(elementPath(path, key), desired.get(key), observed.get(key))
  );
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
