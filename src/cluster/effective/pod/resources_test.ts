import assert from "node:assert/strict";
import type { Resources } from "../../../api/types.gen.ts";
import { config } from "../../../testing/config_fixture.ts";
import { newFindings } from "../findings.ts";
import { postgresBounds, resolveResources, type ResourceBounds } from "./resources.ts";

const NO_BOUNDS: ResourceBounds = {
  minCpuLimit: "",
  minMemoryLimit: "",
  maxCpuRequest: "",
  maxMemoryRequest: "",
};
const BOUNDS: ResourceBounds = {
  minCpuLimit: "250m",
  minMemoryLimit: "250Mi",
  maxCpuRequest: "500m",
  maxMemoryRequest: "1Gi",
};
const DEFAULTS = amounts("100m", "100Mi", "1", "500Mi");

interface Row {
  readonly name: string;
  readonly wanted?: Resources;
  readonly defaults?: Resources;
  /** Undefined for a container that is not held to any. */
  readonly bounds?: ResourceBounds | undefined;
  readonly setMemoryRequestToLimit?: boolean;
  readonly want: Resources;
  /** ResourceLimits events. */
  readonly events?: number;
}

const ROWS: readonly Row[] = [
  { name: "nothing given takes the defaults", want: DEFAULTS },
  { name: "a sidecar takes the defaults", bounds: undefined, want: DEFAULTS },
  {
    name: "only requests given",
    wanted: { requests: { cpu: "50m", memory: "50Mi" } },
    want: amounts("50m", "50Mi", "1", "500Mi"),
  },
  {
    name: "only memory given",
    wanted: { requests: { memory: "100Mi" }, limits: { memory: "1Gi" } },
    want: amounts("100m", "100Mi", "1", "1Gi"),
  },
  {
    name: "limits without a default stay away",
    defaults: { requests: { cpu: "100m", memory: "100Mi" } },
    bounds: NO_BOUNDS,
    want: { requests: { cpu: "100m", memory: "100Mi" } },
  },
  {
    name: "bounds and defaults of zero are none",
    wanted: { limits: { cpu: "5m", memory: "5Mi" } },
    defaults: amounts("0", "0", "0", "0"),
    bounds: { minCpuLimit: "0", minMemoryLimit: "0", maxCpuRequest: "0", maxMemoryRequest: "0" },
    want: { limits: { cpu: "5m", memory: "5Mi" } },
  },
  {
    name: "empty, zero and null count as not given",
    wanted: { requests: { cpu: "", memory: "0" }, limits: { cpu: "null" } },
    want: DEFAULTS,
  },
  {
    name: "a limit below the request is raised to it",
    wanted: { requests: { memory: "750Mi" }, limits: { memory: "300Mi" } },
    want: amounts("100m", "750Mi", "1", "750Mi"),
  },
  {
    name: "a minimum limit without defaults, and a larger request",
    wanted: { requests: { memory: "500Mi" } },
    defaults: {},
    bounds: { ...NO_BOUNDS, minMemoryLimit: "250Mi" },
    want: { requests: { memory: "500Mi" }, limits: { memory: "500Mi" } },
    events: 1,
  },
  {
    name: "the memory request follows the limit",
    wanted: { requests: { memory: "200Mi" }, limits: { memory: "300Mi" } },
    setMemoryRequestToLimit: true,
    want: amounts("100m", "300Mi", "1", "300Mi"),
  },
  {
    name: "the memory request of a sidecar follows the limit",
    wanted: amounts("10m", "10Mi", "100m", "100Mi"),
    bounds: undefined,
    setMemoryRequestToLimit: true,
    want: amounts("10m", "100Mi", "100m", "100Mi"),
  },
  {
    name: "the memory request cannot follow a limit beyond the maximum",
    wanted: amounts("100m", "500Mi", "1", "2Gi"),
    setMemoryRequestToLimit: true,
    want: amounts("100m", "1Gi", "1", "2Gi"),
  },
  {
    name: "small limits are raised to the minimum",
    wanted: amounts("100m", "100Mi", "200m", "200Mi"),
    want: amounts("100m", "100Mi", "250m", "250Mi"),
    events: 2,
  },
  {
    name: "small limits of a sidecar stay",
    wanted: amounts("100m", "100Mi", "200m", "200Mi"),
    bounds: undefined,
    want: amounts("100m", "100Mi", "200m", "200Mi"),
  },
  {
    name: "large requests are lowered to the maximum, their limits stay",
    wanted: amounts("1", "2Gi", "2", "4Gi"),
    want: amounts("500m", "1Gi", "2", "4Gi"),
  },
  {
    name: "large requests raise limits before they are lowered",
    wanted: { requests: { cpu: "2", memory: "3Gi" } },
    want: amounts("500m", "1Gi", "2", "3Gi"),
  },
  {
    name: "huge pages come of the manifest only",
    wanted: { requests: { "hugepages-2Mi": "128Mi" }, limits: { "hugepages-1Gi": "1024Mi" } },
    want: {
      requests: { ...DEFAULTS.requests, "hugepages-2Mi": "128Mi" },
      limits: { ...DEFAULTS.limits, "hugepages-1Gi": "1Gi" },
    },
  },
  {
    name: "amounts are written in canonical form",
    wanted: amounts("0.25", "1024Mi", "1.500", "2048Mi"),
    bounds: undefined,
    want: amounts("250m", "1Gi", "1500m", "2Gi"),
  },
];

Deno.test("resolveResources settles requests and limits", () => {
  for (const row of ROWS) {
    const { name, wanted, defaults = DEFAULTS, setMemoryRequestToLimit = false } = row;
    const findings = newFindings();
    const bounds = "bounds" in row ? row.bounds : BOUNDS;
    const resolved = resolveResources({
      subject: "statefulset",
      path: "spec.resources",
      container: "postgres",
      wanted,
      defaults,
      setMemoryRequestToLimit,
      ...(bounds ? { bounds } : {}),
    }, findings);
    assert.deepEqual(resolved, row.want, name);
    assert.deepEqual(findings.issues, [], name);
    const events = findings.notices.filter(({ reason }) => reason === "ResourceLimits");
    assert.equal(events.length, row.events ?? 0, name);
  }
});

Deno.test("resolveResources names the field of a quantity that it cannot read", () => {
  const findings = newFindings();
  resolveResources({
    subject: "statefulset",
    path: "spec.resources",
    container: "postgres",
    wanted: { limits: { memory: "1GB", cpu: "250m" } },
    defaults: {},
    setMemoryRequestToLimit: false,
  }, findings);
  assert.deepEqual(findings.issues, [
    {
      subject: "statefulset",
      path: "spec.resources.limits.memory",
      value: "1GB",
      message: "is not a Kubernetes quantity",
    },
  ]);
});

Deno.test("postgresBounds are lifted by the annotation with the value true alone", () => {
  const settings = config({ ignoreResourcesLimitsAnnotationKey: "no-limits", minCpuLimit: "1" });
  assert.equal(postgresBounds({ "no-limits": "true" }, settings), undefined);
  assert.equal(postgresBounds({ "no-limits": "yes" }, settings)?.minCpuLimit, "1");
  assert.equal(postgresBounds({ other: "true" }, settings)?.minCpuLimit, "1");
  assert.ok(postgresBounds({ "": "true" }, config()));
});

function amounts(
  cpuRequest: string,
  memoryRequest: string,
  cpuLimit: string,
  memoryLimit: string,
): Required<Resources> {
  return {
    requests: { cpu: cpuRequest, memory: memoryRequest },
    limits: { cpu: cpuLimit, memory: memoryLimit },
  };
}
