/** A new cluster, also as a clone: a form, and the manifest that it makes. */

import { useEffect, useState } from "preact/hooks";
import { stringify } from "yaml";
import { type ApiError, ask, part } from "../api.ts";
import {
  cloneForm,
  EMPTY_FORM,
  type Form,
  formProblems,
  type Manifest,
  manifestOf,
  type Switch,
  SWITCHES,
} from "../manifest.ts";
import { clusterPath, Problem, Title } from "../parts.tsx";
import { PlanPreview } from "../plan_preview.tsx";
import { config, mayWrite, send, session, teams } from "../session.ts";
import { NumberField, Select, TextArea, TextField } from "../fields.tsx";

/** Where the data of a clone come from, as the address names it. */
interface Source {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly time: string;
}

function sourceOf(query: URLSearchParams): Source | undefined {
  const name = query.get("clone");
  if (name === null) return undefined;
  const of = (key: string) => query.get(key) ?? "";
  return { name, namespace: of("namespace"), uid: of("uid"), time: of("time") };
}

export function CreatePage({ query }: { query: URLSearchParams }) {
  const source = sourceOf(query);
  const [form, setForm] = useState<Form>(() => startForm(source));
  const [error, setError] = useState<string>();
  const [checked, setChecked] = useState("");
  useEffect(() => {
    if (source === undefined || source.namespace === "") return;
    const path = `postgresqls/${part(source.namespace)}/${part(source.name)}`;
    ask<Manifest>(path).then((found) => setForm(cloneForm(found, source.time)), () => {
      // It is gone: its name, uid and time are enough.
    });
  }, [query.toString()]);
  const set = (change: Partial<Form>) => setForm((before) => ({ ...before, ...change }));
  const manifest = manifestOf(form);
  const text = stringify(manifest, { lineWidth: 0 });
  const problems = formProblems(form);
  const create = async (trial: boolean) => {
    try {
      await send("POST", `create-cluster${trial ? "?dryRun=All" : ""}`, manifest);
      setError(undefined);
      if (trial) setChecked(text);
      else location.hash = clusterPath(form);
    } catch (error) {
      setError((error as ApiError).message);
    }
  };
  const ready = Object.keys(problems).length === 0 && mayWrite.value;
  return (
    <>
      <Title document="New cluster">{source ? `Clone ${source.name}` : "New cluster"}</Title>
      {!mayWrite.value && (
        <p class="lead">
          This UI is read-only: copy the manifest and apply it with kubectl.
        </p>
      )}
      {error && <Problem>{error}</Problem>}
      <div class="columns even">
        <form class="sheet" onSubmit={(event) => event.preventDefault()}>
          <Fields form={form} set={set} problems={problems} />
        </form>
        <div>
          <label class="field">
            Manifest
            <textarea class="yaml" readOnly value={text} />
          </label>
          <p class="buttons">
            <button type="button" onClick={() => navigator.clipboard.writeText(text)}>Copy</button>
            <button type="button" disabled={!ready} onClick={() => create(true)}>
              Check with Kubernetes
            </button>
            <button
              type="button"
              class="main"
              disabled={!ready || checked !== text}
              onClick={() => create(false)}
            >
              Create
            </button>
          </p>
          {ready && <PlanPreview namespace={form.namespace} name={form.name} manifest={manifest} />}
        </div>
      </div>
    </>
  );
}

function startForm(source: Source | undefined): Form {
  const versions = config.value?.postgresql_versions ?? [];
  const start = {
    ...EMPTY_FORM,
    namespace: config.value?.namespaces[0] ?? EMPTY_FORM.namespace,
    team: teams.value[0] ?? "",
    version: String(versions.at(-1) ?? EMPTY_FORM.version),
  };
  if (source === undefined) return start;
  const { name, uid, time } = source;
  return { ...start, name: `${name}-clone`, clone: { cluster: name, uid, timestamp: time } };
}

interface FieldsProps {
  readonly form: Form;
  readonly set: (change: Partial<Form>) => void;
  readonly problems: Partial<Record<keyof Form, string>>;
}

function Fields({ form, set, problems }: FieldsProps) {
  const shown = (name: string) => config.value?.[name] !== false;
  return (
    <>
      <TextField
        label="Name"
        value={form.name}
        set={(name) => set({ name })}
        problem={problems.name}
      />
      {form.name !== "" && config.value && <p class="muted">Host name: {hostOf(form)}</p>}
      <Place form={form} set={set} problems={problems} />
      <Size form={form} set={set} problems={problems} />
      {shown("resources_visible") && <Resources form={form} set={set} />}
      {form.clone && <CloneFields form={form} set={set} problem={problems.clone} />}
      {shown("users_visible") && (
        <TextArea
          label="Users, one a line: name: flags"
          value={form.users}
          set={(users) => set({ users })}
        />
      )}
      {shown("databases_visible") && (
        <TextArea
          label="Databases, one a line: name: owner"
          value={form.databases}
          set={(databases) => set({ databases })}
        />
      )}
      <TextArea
        label="Networks that may reach load balancers, one a line"
        value={form.ranges}
        set={(ranges) => set({ ranges })}
      />
      <Switches form={form} set={set} />
    </>
  );
}

function Place({ form, set, problems }: FieldsProps) {
  const namespaces = config.value?.namespaces ?? [];
  const setNamespace = (namespace: string) => set({ namespace });
  const setTeam = (team: string) => set({ team });
  const { namespace, team } = form;
  return (
    <div class="pair">
      {namespaces.length > 0
        ? <Select label="Namespace" value={namespace} options={namespaces} set={setNamespace} />
        : <TextField label="Namespace" value={namespace} set={setNamespace} />}
      {teams.value.length > 0 && session.value?.signIn === "teams"
        ? <Select label="Team" value={team} options={teams.value} set={setTeam} />
        : <TextField label="Team" value={team} set={setTeam} problem={problems.team} />}
    </div>
  );
}

function Size({ form, set, problems }: FieldsProps) {
  const versions = (config.value?.postgresql_versions ?? [form.version]).map(String);
  return (
    <div class="pair">
      <Select
        label="PostgreSQL"
        value={form.version}
        options={versions}
        set={(version) => set({ version })}
      />
      <NumberField
        label="Members"
        value={form.instances}
        set={(instances) => set({ instances })}
      />
      <TextField
        label="Volume"
        value={form.volume}
        set={(volume) => set({ volume })}
        problem={problems.volume}
      />
      <TextField
        label="Storage class"
        value={form.storageClass}
        set={(storageClass) => set({ storageClass })}
      />
      <TextField label="IOPS" value={form.iops} set={(iops) => set({ iops })} />
      <TextField
        label="Throughput, MB/s"
        value={form.throughput}
        set={(throughput) => set({ throughput })}
      />
    </div>
  );
}

function hostOf({ name, namespace }: Form): string {
  const format = config.value?.dns_format_string ?? "{0}.{1}";
  return format.replaceAll("{0}", name).replaceAll("{1}", namespace);
}

function Resources({ form, set }: Omit<FieldsProps, "problems">) {
  return (
    <div class="pair">
      <TextField
        label="CPU request"
        value={form.cpuRequest}
        set={(cpuRequest) => set({ cpuRequest })}
      />
      <TextField label="CPU limit" value={form.cpuLimit} set={(cpuLimit) => set({ cpuLimit })} />
      <TextField
        label="Memory request"
        value={form.memoryRequest}
        set={(memoryRequest) => set({ memoryRequest })}
      />
      <TextField
        label="Memory limit"
        value={form.memoryLimit}
        set={(memoryLimit) => set({ memoryLimit })}
      />
    </div>
  );
}

function CloneFields(
  { form, set, problem }: Omit<FieldsProps, "problems"> & { problem: string | undefined },
) {
  const clone = form.clone!;
  const change = (part: Partial<typeof clone>) => set({ clone: { ...clone, ...part } });
  return (
    <fieldset>
      <legend>Clone</legend>
      <TextField label="Of cluster" value={clone.cluster} set={(cluster) => change({ cluster })} />
      <TextField label="With uid" value={clone.uid} set={(uid) => change({ uid })} />
      <TextField
        label="At this moment; empty for the running cluster as it is"
        value={clone.timestamp}
        set={(timestamp) => change({ timestamp })}
        problem={problem}
      />
    </fieldset>
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

function Switches({ form, set }: Omit<FieldsProps, "problems">) {
  const names = (Object.keys(SWITCHES) as Switch[])
    .filter((name) => config.value?.[SWITCH_CONFIG[name]] !== false);
  return (
    <fieldset>
      <legend>Ways to it</legend>
      {names.map((name) => (
        <label key={name} class="check">
          <input
            type="checkbox"
            checked={form.switches[name]}
            onChange={(event) =>
              set({ switches: { ...form.switches, [name]: event.currentTarget.checked } })}
          />
          {SWITCHES[name]}
        </label>
      ))}
    </fieldset>
  );
}
