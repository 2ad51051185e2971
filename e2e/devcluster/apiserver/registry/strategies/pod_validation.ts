/** The rules of pod specs that clients of this cluster run into: names, references, resources, probes. */
import type { Cause } from "../../model/api_error.ts";
import { type JsonObject, objectAt, objectsAt, stringAt } from "../../model/json.ts";
import { parseQuantity } from "../../model/quantity.ts";
import { invalidValue, notSupported, required, validateName } from "../validate_metadata.ts";

function duplicate(field: string, value: string): Cause {
  return {
    reason: "FieldValueDuplicate",
    message: `Duplicate value: ${JSON.stringify(value)}`,
    field,
  };
}

function notFoundValue(field: string, value: string): Cause {
  return { reason: "FieldValueNotFound", message: `Not found: ${JSON.stringify(value)}`, field };
}

const COMMANDS = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

function validateEnv(container: JsonObject, field: string): Cause[] {
  return objectsAt(container, "env").flatMap((variable, index) => {
    const path = `${field}.env[${index}]`;
    const name = stringAt(variable, "name");
    const causes: Cause[] = [];
    if (!name) causes.push(required(`${path}.name`));
    const source = variable["valueFrom"];
    if (source !== undefined) {
      if (stringAt(variable, "value")) {
        causes.push(
          invalidValue(`${path}.valueFrom`, "", "may not be specified when `value` is not empty"),
        );
      }
      const count = Object.keys(source as JsonObject).length;
      if (count === 0) {
        causes.push(invalidValue(
          `${path}.valueFrom`,
          "",
          "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`",
        ));
      }
    }
    if (name && !COMMANDS.test(name) && name.includes("=")) {
      causes.push(
        invalidValue(
          `${path}.name`,
          name,
          "a valid environment variable name must consist only of printable ASCII characters other than '='",
        ),
      );
    }
    return causes;
  });
}

function validateResources(container: JsonObject, field: string): Cause[] {
  const resources = objectAt(container, "resources");
  const limits = objectAt(resources, "limits");
  const requests = objectAt(resources, "requests");
  return Object.entries(requests).flatMap(([name, request]) => {
    const limit = limits[name];
    const path = `${field}.resources.requests`;
    if (limit === undefined) {
      return name.startsWith("hugepages-")
        ? [{
          reason: "FieldValueRequired",
          message: `Required value: Limit must be set for non overcommitable resources`,
          field: `${field}.resources.limits`,
        }]
        : [];
    }
    if (parseQuantity(String(request))!.nano <= parseQuantity(String(limit))!.nano) return [];
    return [
      invalidValue(
        path,
        String(request),
        `must be less than or equal to ${name} limit of ${String(limit)}`,
      ),
    ];
  });
}

function validateMounts(container: JsonObject, field: string, volumes: Set<string>): Cause[] {
  const paths = new Set<string>();
  return objectsAt(container, "volumeMounts").flatMap((mount, index) => {
    const path = `${field}.volumeMounts[${index}]`;
    const name = stringAt(mount, "name");
    const mountPath = stringAt(mount, "mountPath");
    const causes: Cause[] = [];
    if (!name) causes.push(required(`${path}.name`));
    else if (!volumes.has(name)) causes.push(notFoundValue(`${path}.name`, name));
    if (!mountPath) causes.push(required(`${path}.mountPath`));
    else if (paths.has(mountPath)) {
      causes.push(invalidValue(`${path}.mountPath`, mountPath, "must be unique"));
    }
    paths.add(mountPath);
    return causes;
  });
}

function validatePorts(container: JsonObject, field: string): Cause[] {
  return objectsAt(container, "ports").flatMap((port, index) => {
    const number = Number(port["containerPort"]);
    const path = `${field}.ports[${index}].containerPort`;
    if (!number) return [required(path)];
    return number < 1 || number > 65535
      ? [invalidValue(path, number, "must be between 1 and 65535, inclusive")]
      : [];
  });
}

function validateContainer(container: JsonObject, field: string, volumes: Set<string>): Cause[] {
  const name = stringAt(container, "name");
  const image = stringAt(container, "image");
  const policies = ["Always", "IfNotPresent", "Never"];
  const policy = stringAt(container, "imagePullPolicy");
  return [
    ...name ? validateName(name, `${field}.name`, "label") : [required(`${field}.name`)],
    ...image ? [] : [required(`${field}.image`)],
    ...image === image.trim()
      ? []
      : [invalidValue(`${field}.image`, image, "must not have leading or trailing whitespace")],
    ...policies.includes(policy)
      ? []
      : [notSupported(`${field}.imagePullPolicy`, policy, policies)],
    ...validatePorts(container, field),
    ...validateEnv(container, field),
    ...validateMounts(container, field, volumes),
    ...validateResources(container, field),
  ];
}

function validateVolumes(spec: JsonObject, field: string): Cause[] {
  const seen = new Set<string>();
  return objectsAt(spec, "volumes").flatMap((volume, index) => {
    const path = `${field}.volumes[${index}]`;
    const name = stringAt(volume, "name");
    const causes = name ? validateName(name, `${path}.name`, "label") : [required(`${path}.name`)];
    if (seen.has(name)) causes.push(duplicate(`${path}.name`, name));
    seen.add(name);
    const sources = Object.keys(volume).filter((key) => key !== "name");
    if (sources.length > 1) {
      causes.push(
        ...sources.slice(1).map((source) => ({
          reason: "FieldValueForbidden",
          message: "Forbidden: may not specify more than 1 volume type",
          field: `${path}.${source}`,
        })),
      );
    }
    return causes;
  });
}

/** Validates a pod spec, of a Pod or of a template. */
export function validatePodSpec(spec: JsonObject, field: string): Cause[] {
  const volumes = new Set(objectsAt(spec, "volumes").map((volume) => stringAt(volume, "name")));
  const containers = objectsAt(spec, "containers");
  const seen = new Set<string>();
  const causes = validateVolumes(spec, field);
  if (containers.length === 0) causes.push(required(`${field}.containers`));
  for (
    const [list, key] of [[containers, "containers"], [
      objectsAt(spec, "initContainers"),
      "initContainers",
    ]] as const
  ) {
    list.forEach((container, index) => {
      const path = `${field}.${key}[${index}]`;
      causes.push(...validateContainer(container, path, volumes));
      const name = stringAt(container, "name");
      if (name && seen.has(name)) causes.push(duplicate(`${path}.name`, name));
      seen.add(name);
    });
  }
  const account = stringAt(spec, "serviceAccountName");
  if (account) causes.push(...validateName(account, `${field}.serviceAccountName`, "subdomain"));
  const policies = ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];
  const dns = stringAt(spec, "dnsPolicy");
  if (!policies.includes(dns)) causes.push(notSupported(`${field}.dnsPolicy`, dns, policies));
  return causes;
}
