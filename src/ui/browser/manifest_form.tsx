/** Common fields of a manifest; each shows what the text says and changes that place alone. */

import type { Json } from "../changed_paths.ts";
import { useAsked } from "./parts.tsx";
import { CheckField, LinesField, Select, TextField } from "./fields.tsx";
import {
  instanceHint,
  type OperatorSettings,
  type Quota,
  resourceHint,
  volumeHint,
} from "./limits.ts";
import {
  databasesOfLines,
  linesOfDatabases,
  linesOfList,
  linesOfUsers,
  listOfLines,
  type Switch,
  SWITCHES,
  usersOfLines,
} from "./manifest.ts";
import { fieldAt } from "./manifest_text.ts";
import { part } from "./api.ts";
import { config, session, teams } from "./session.ts";

export interface FormProps {
  readonly manifest: Json;
  /** Undefined takes the field out. */
  readonly set: (path: readonly string[], value: Json | undefined) => void;
  /** By path, such as `spec.volume.size`. */
  readonly problems: ReadonlyMap<string, string>;
  /** True where name and namespace are not settled yet. */
  readonly fresh: boolean;
  readonly settings: OperatorSettings | undefined;
  /** The moments that a clone may be restored to, in words. */
  readonly window?: string | undefined;
}

/** How fields of one manifest are bound. */
interface Bound extends FormProps {
  readonly text: (path: string) => string;
  readonly bind: (path: string, of?: (text: string) => Json | undefined) => {
    readonly value: string;
    readonly set: (value: string) => void;
    readonly problem: string | undefined;
  };
}

export function ManifestForm(props: FormProps) {
  const { manifest, set, problems, fresh } = props;
  const text = (path: string) => {
    const value = fieldAt(manifest, path.split("."));
    return value === undefined || value === null ? "" : String(value);
  };
  const bind: Bound["bind"] = (path, of = textOrNothing) => ({
    value: text(path),
    set: (value) => set(path.split("."), of(value)),
    problem: problems.get(path),
  });
  const bound = { ...props, text, bind };
  const namespace = text("metadata.namespace");
  const quotas = useAsked<readonly Quota[]>(`quotas/${part(namespace)}`, 0).value ?? [];
  const shown = (name: string) => config.value?.[name] !== false;
  return (
    <>
      {fresh && <Place {...bound} />}
      {fieldAt(manifest, ["spec", "clone"]) !== undefined && <Origin {...bound} />}
      <Size {...bound} quotas={quotas} />
      {shown("resources_visible") && <Resources {...bound} quotas={quotas} />}
      <Contents {...bound} />
      <Ways {...bound} />
    </>
  );
}

function textOrNothing(value: string): Json | undefined {
  return value === "" ? undefined : value;
}

function numberOrText(value: string): Json | undefined {
  if (value === "") return undefined;
  return /^\d+$/.test(value) ? Number(value) : value;
}

function Place({ bind, text }: Bound) {
  const namespaces = config.value?.namespaces ?? [];
  const name = text("metadata.name");
  const host = (config.value?.dns_format_string ?? "{0}.{1}")
    .replaceAll("{0}", name).replaceAll("{1}", text("metadata.namespace"));
  const nameField = bind("metadata.name", (value) => value);
  return (
    <>
      <TextField
        label="Name"
        {...nameField}
        problem={name === "" ? undefined : nameField.problem}
        hint={name === "" ? "Small letters, digits and dashes." : `Host name: ${host}`}
      />
      <div class="pair">
        {namespaces.length > 0
          ? <Select label="Namespace" {...bind("metadata.namespace")} options={namespaces} />
          : <TextField label="Namespace" {...bind("metadata.namespace")} />}
        <Team bind={bind} />
      </div>
    </>
  );
}

function Team({ bind }: Pick<Bound, "bind">) {
  const own = teams.value.length > 0 && session.value?.signIn === "teams";
  const field = bind("spec.teamId", (value) => value);
  if (own) return <Select label="Team" {...field} options={teams.value} />;
  return <TextField label="Team" {...field} />;
}

function Origin({ bind, window }: Bound) {
  return (
    <fieldset>
      <legend>Clone</legend>
      <div class="pair">
        <TextField label="Of cluster" {...bind("spec.clone.cluster")} />
        <TextField label="With uid" {...bind("spec.clone.uid")} />
      </div>
      <TextField
        label="At this moment; empty for the running cluster as it is"
        {...bind("spec.clone.timestamp")}
        hint={window}
      />
    </fieldset>
  );
}

function Size({ bind, text, settings, fresh, quotas }: Bound & { quotas: readonly Quota[] }) {
  const known = config.value?.postgresql_versions ?? [text("spec.postgresql.version")];
  return (
    <div class="pair">
      <Select
        label="PostgreSQL"
        {...bind("spec.postgresql.version")}
        options={known.map(String)}
      />
      <TextField
        label="Members"
        number
        {...bind("spec.numberOfInstances", numberOrText)}
        hint={instanceHint(settings)}
      />
      <TextField
        label="Volume"
        {...bind("spec.volume.size", (value) => value)}
        hint={fresh ? volumeHint(quotas) : "It can grow, and never shrinks."}
      />
      <TextField label="Storage class" {...bind("spec.volume.storageClass")} />
      <TextField label="IOPS" number {...bind("spec.volume.iops", numberOrText)} />
      <TextField
        label="Throughput, MB/s"
        number
        {...bind("spec.volume.throughput", numberOrText)}
      />
    </div>
  );
}

const RESOURCE_FIELDS = [
  ["CPU request", "requests.cpu"],
  ["CPU limit", "limits.cpu"],
  ["Memory request", "requests.memory"],
  ["Memory limit", "limits.memory"],
] as const;

function Resources({ bind, settings, quotas }: Bound & { quotas: readonly Quota[] }) {
  return (
    <div class="pair">
      {RESOURCE_FIELDS.map(([label, field]) => (
        <TextField
          key={field}
          label={label}
          {...bind(`spec.resources.${field}`)}
          hint={resourceHint(field, settings, quotas)}
        />
      ))}
    </div>
  );
}

/** Two texts that make the same value. */
function sameBy(of: (text: string) => Json | undefined) {
  return (a: string, b: string) => JSON.stringify(of(a)) === JSON.stringify(of(b));
}
const SAME = {
  users: sameBy(usersOfLines),
  databases: sameBy(databasesOfLines),
  list: sameBy(listOfLines),
};

function Contents({ manifest, bind }: Bound) {
  const shown = (name: string) => config.value?.[name] !== false;
  const at = (field: string) => fieldAt(manifest, ["spec", field]);
  return (
    <>
      {shown("users_visible") && (
        <LinesField
          label="Users, one a line: name: flags"
          {...bind("spec.users", usersOfLines)}
          value={linesOfUsers(at("users"))}
          same={SAME.users}
        />
      )}
      {shown("databases_visible") && (
        <LinesField
          label="Databases, one a line: name: owner"
          {...bind("spec.databases", databasesOfLines)}
          value={linesOfDatabases(at("databases"))}
          same={SAME.databases}
        />
      )}
      <LinesField
        label="Maintenance windows, one a line, such as Sat:01:00-04:00"
        {...bind("spec.maintenanceWindows", listOfLines)}
        value={linesOfList(at("maintenanceWindows"))}
        same={SAME.list}
      />
    </>
  );
}

const SWITCH_CONFIG: Readonly<Record<Switch, string>> = {
  enableMasterLoadBalancer: "master_load_balancer_visible",
  enableReplicaLoadBalancer: "replica_load_balancer_visible",
  enableConnectionPooler: "connection_pooler_visible",
  enableReplicaConnectionPooler: "replica_connection_pooler_visible",
  enableMasterPoolerLoadBalancer: "master_pooler_load_balancer_visible",
  enableReplicaPoolerLoadBalancer: "replica_pooler_load_balancer_visible",
};

function Ways({ manifest, set, bind }: Bound) {
  const names = (Object.keys(SWITCHES) as Switch[])
    .filter((name) => config.value?.[SWITCH_CONFIG[name]] !== false);
  const ranges = fieldAt(manifest, ["spec", "allowedSourceRanges"]);
  return (
    <fieldset>
      <legend>Ways to it</legend>
      {names.map((name) => (
        <CheckField
          key={name}
          label={SWITCHES[name]}
          value={fieldAt(manifest, ["spec", name]) === true}
          set={(on) => set(["spec", name], on)}
        />
      ))}
      <KnownNetworks ranges={ranges} set={(next) => set(["spec", "allowedSourceRanges"], next)} />
      <LinesField
        label="Networks that may reach load balancers, one a line"
        {...bind("spec.allowedSourceRanges", listOfLines)}
        value={linesOfList(ranges)}
        same={SAME.list}
      />
    </fieldset>
  );
}

/** Networks that whoever runs the UI has named. */
function KnownNetworks(
  { ranges, set }: { ranges: Json | undefined; set: (ranges: Json | undefined) => void },
) {
  const listed = Array.isArray(ranges) ? ranges.map(String) : [];
  const change = (networks: readonly string[], on: boolean) => {
    const others = listed.filter((one) => !networks.includes(one));
    const next = on ? [...others, ...networks] : others;
    set(next.length === 0 ? undefined : next);
  };
  return (
    <>
      {Object.entries(config.value?.static_network_whitelist ?? {}).map(([name, networks]) => (
        <CheckField
          key={name}
          label={`Network ${name}: ${networks.join(", ")}`}
          value={networks.every((one) => listed.includes(one))}
          set={(on) => change(networks, on)}
        />
      ))}
    </>
  );
}
