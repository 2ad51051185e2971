/**
 * The table of everything that is generated: output file, the inputs it is made from, and the emitter.
 * A new generated file is a new row here. Pure; `main.ts` reads the inputs and writes the outputs.
 */
import { emitApiClone } from "./emit/api_clone.ts";
import { emitApiTypes } from "./emit/api_types.ts";
import { emitTypedClient } from "./emit/client.ts";
import { emitChartMetadata, emitChartParameters } from "./emit/chart.ts";
import { emitChartSchema } from "./emit/chart_schema.ts";
import { configParameters, emitConfigKeys } from "./emit/config_keys.ts";
import {
  emitChartValues,
  emitConfigMap,
  emitDefaultConfiguration,
  type ShippedValues,
} from "./emit/config_values.ts";
import { crdCopy, emitCrdConstants } from "./emit/crds.ts";
import { emitKubeClone } from "./emit/kube_clone.ts";
import { emitKubeTypes } from "./emit/kube_types.ts";
import { emitPerformancePage } from "./emit/performance.ts";
import { emitParameterPage, emitResourcePage } from "./emit/reference_docs.ts";
import { emitChartRole, emitRbacManifests, emitShadowRole, type RbacTables } from "./emit/rbac.ts";
import { emitResources, typedResources } from "./emit/resources.ts";
import type { TypedResource } from "./emit/type_imports.ts";
import { emitValidator } from "./emit/validator.ts";
import type { CrdModel, KubernetesModel } from "./openapi/model.ts";

/** Paths of the inputs, relative to the project. */
export const INPUTS = {
  kubernetes: "codegen/inputs/kubernetes.json",
  postgresql: "crds/postgresql.yaml",
  operatorConfiguration: "crds/operatorconfiguration.yaml",
  postgresTeam: "crds/postgresteam.yaml",
  fabricEventStream: "crds/external/fabriceventstream.yaml",
  rbac: "src/clients/kube/rbac.ts",
  shippedValues: "codegen/inputs/shipped_values.yaml",
  chartValues: "codegen/inputs/chart_values.yaml",
  chartSchema: "codegen/inputs/chart_values_schema.yaml",
  project: "deno.json",
  figures: "docs/performance.json",
} as const;

type InputName = keyof typeof INPUTS;

/** The inputs, parsed. */
export interface Model {
  kubernetes: KubernetesModel;
  postgresql: CrdModel;
  operatorConfiguration: CrdModel;
  postgresTeam: CrdModel;
  fabricEventStream: CrdModel;
  rbac: RbacTables;
  shippedValues: ShippedValues;
  /** Raw text by path, for outputs that are copies. */
  text: Readonly<Record<string, string>>;
}

/** One generated file. */
export interface Output {
  path: string;
  from: readonly InputName[];
  emit: (model: Model) => string | Promise<string>;
}

const OWN = ["postgresql", "operatorConfiguration", "postgresTeam"] as const;
const ALL_CRDS = [...OWN, "fabricEventStream"] as const;

/** Our CRDs without the external one. */
function ownCrds(model: Model): CrdModel[] {
  return OWN.map((name) => model[name]);
}

/** All CRDs that types are made of. */
function allCrds(model: Model): CrdModel[] {
  return ALL_CRDS.map((name) => model[name]);
}

/** All kinds of Kubernetes and of our CRDs. */
function allResources(model: Model): TypedResource[] {
  return typedResources(model.kubernetes, allCrds(model));
}

function copyOf(path: string, from: InputName): Output {
  return { path, from: [from], emit: (model) => crdCopy(model.text[INPUTS[from]]!) };
}

function pageOf(path: string, from: "postgresql" | "postgresTeam"): Output {
  return { path, from: [from], emit: (model) => emitResourcePage(model[from]) };
}

/** All generated files. */
export const OUTPUTS: readonly Output[] = [
  {
    path: "src/kubernetes/types.gen.ts",
    from: ["kubernetes"],
    emit: ({ kubernetes }) => emitKubeTypes(kubernetes),
  },
  {
    path: "src/kubernetes/clone.gen.ts",
    from: ["kubernetes"],
    emit: ({ kubernetes }) => emitKubeClone(kubernetes),
  },
  {
    path: "src/ports/resources.gen.ts",
    from: ["kubernetes", ...ALL_CRDS],
    emit: (model) => emitResources(allResources(model)),
  },
  {
    path: "src/ports/client.gen.ts",
    from: ["kubernetes", ...ALL_CRDS],
    emit: (model) => emitTypedClient(allResources(model)),
  },
  {
    path: "src/api/types.gen.ts",
    from: ALL_CRDS,
    emit: (model) => emitApiTypes(allCrds(model)),
  },
  {
    path: "src/api/clone.gen.ts",
    from: ALL_CRDS,
    emit: (model) => emitApiClone(allCrds(model)),
  },
  {
    path: "src/api/crds.gen.ts",
    from: OWN,
    emit: (model) => emitCrdConstants(ownCrds(model)),
  },
  {
    path: "src/api/validator.gen.ts",
    from: ["postgresql"],
    emit: ({ postgresql }) => emitValidator(postgresql),
  },
  {
    path: "src/config/keys.gen.ts",
    from: ["operatorConfiguration"],
    emit: (model) => emitConfigKeys(model.operatorConfiguration),
  },
  {
    path: "manifests/operator-service-account-rbac.yaml",
    from: ["rbac"],
    emit: ({ rbac }) => emitRbacManifests(rbac, []),
  },
  {
    path: "manifests/operator-shadow-role.yaml",
    from: ["rbac"],
    emit: ({ rbac }) => emitShadowRole(rbac),
  },
  {
    path: "manifests/operator-service-account-rbac-openshift.yaml",
    from: ["rbac"],
    emit: ({ rbac }) => emitRbacManifests(rbac, ["endpoints"]),
  },
  {
    path: "manifests/configmap.yaml",
    from: ["operatorConfiguration", "shippedValues"],
    emit: ({ operatorConfiguration, shippedValues }) =>
      emitConfigMap(configParameters(operatorConfiguration), shippedValues),
  },
  {
    path: "manifests/postgresql-operator-default-configuration.yaml",
    from: ["operatorConfiguration", "shippedValues"],
    emit: ({ operatorConfiguration, shippedValues }) =>
      emitDefaultConfiguration(configParameters(operatorConfiguration), shippedValues),
  },
  {
    path: "charts/postgres-operator/values.yaml",
    from: ["chartValues", "operatorConfiguration", "shippedValues"],
    emit: ({ operatorConfiguration, shippedValues, text }) =>
      emitChartValues(
        configParameters(operatorConfiguration),
        shippedValues,
        text[INPUTS.chartValues]!,
      ),
  },
  {
    path: "charts/postgres-operator/Chart.yaml",
    from: ["project"],
    emit: ({ text }) => emitChartMetadata(text[INPUTS.project]!),
  },
  {
    path: "charts/postgres-operator/values.schema.json",
    from: ["chartSchema", "operatorConfiguration"],
    emit: ({ operatorConfiguration, text }) =>
      emitChartSchema(configParameters(operatorConfiguration), text[INPUTS.chartSchema]!),
  },
  {
    path: "charts/postgres-operator/templates/_parameters.tpl",
    from: ["operatorConfiguration"],
    emit: ({ operatorConfiguration }) =>
      emitChartParameters(configParameters(operatorConfiguration)),
  },
  {
    path: "charts/postgres-operator/templates/clusterrole.yaml",
    from: ["rbac"],
    emit: ({ rbac }) => emitChartRole(rbac.OPERATOR_RULES, "postgres-operator.serviceAccountName"),
  },
  {
    path: "charts/postgres-operator/templates/clusterrole-postgres-pod.yaml",
    from: ["rbac"],
    emit: ({ rbac }) => emitChartRole(rbac.POD_RULES, "postgres-pod.serviceAccountName"),
  },
  {
    path: "docs/performance.md",
    from: ["figures"],
    emit: ({ text }) => emitPerformancePage(text[INPUTS.figures]!),
  },
  {
    path: "docs/reference/operator_parameters.md",
    from: ["operatorConfiguration"],
    emit: ({ operatorConfiguration }) =>
      emitParameterPage(configParameters(operatorConfiguration), operatorConfiguration),
  },
  pageOf("docs/reference/postgresql.md", "postgresql"),
  pageOf("docs/reference/postgresteam.md", "postgresTeam"),
  copyOf("manifests/postgresql.crd.yaml", "postgresql"),
  copyOf("manifests/operatorconfiguration.crd.yaml", "operatorConfiguration"),
  copyOf("manifests/postgresteam.crd.yaml", "postgresTeam"),
  copyOf("manifests/fes.crd.yaml", "fabricEventStream"),
  copyOf("charts/postgres-operator/crds/postgresqls.yaml", "postgresql"),
  copyOf("charts/postgres-operator/crds/operatorconfigurations.yaml", "operatorConfiguration"),
  copyOf("charts/postgres-operator/crds/postgresteams.yaml", "postgresTeam"),
];
