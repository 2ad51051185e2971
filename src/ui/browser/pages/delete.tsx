/** Deleting a cluster: what goes and what stays, the name to be typed, and a second word. */

import { useEffect, useState } from "preact/hooks";
import type { ConfigView } from "../../../debug/shapes.ts";
import type { DetailView } from "../../../debug/overview_shapes.ts";
import { type ApiError, ask, part } from "../api.ts";
import { CheckField } from "../fields.tsx";
import { count } from "../format.ts";
import type { Manifest } from "../manifest.ts";
import { clusterPath, Empty, Pill, Problem, Section, Title, Trail, useAsked } from "../parts.tsx";
import { mayWrite, send } from "../session.ts";

export function DeletePage({ namespace, name }: { namespace: string; name: string }) {
  const path = `postgresqls/${part(namespace)}/${part(name)}`;
  const [stored, setStored] = useState<Manifest>();
  const [error, setError] = useState<string>();
  useEffect(() => {
    ask<Manifest>(path).then(setStored, (error: ApiError) => setError(error.message));
  }, [path]);
  const full = `${namespace}/${name}`;
  return (
    <div class="narrow">
      <Trail namespace={namespace} name={name} />
      <Title document={`Delete ${full}`}>Delete {name}</Title>
      {error && <Problem>{error}</Problem>}
      {stored === undefined
        ? error === undefined && <Empty>Asking …</Empty>
        : <Form stored={stored} path={path} />}
    </div>
  );
}

function Form({ stored, path }: { stored: Manifest; path: string }) {
  const { namespace, name } = stored.metadata;
  const full = `${namespace}/${name}`;
  const [typed, setTyped] = useState("");
  const [agreed, setAgreed] = useState(false);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const detail = `clusters/${part(namespace)}/${part(name)}/detail`;
  const { value } = useAsked<DetailView>(detail, 0);
  const { value: config } = useAsked<ConfigView>("operator/config", 0);
  const settings = config?.operator;
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await markForDeletion(stored, path, settings);
      await send("DELETE", path);
      location.hash = "#/clusters";
    } catch (error) {
      setError((error as ApiError).message);
    }
    setBusy(false);
  };
  const keepsData = settings?.["EnablePersistentVolumeClaimDeletion"] === false;
  return (
    <form onSubmit={submit}>
      {error && <Problem>{error}</Problem>}
      <Consequences settings={settings} detail={value} />
      <label class="field">
        Type {full} to go on
        <input
          type="text"
          autocomplete="off"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      <CheckField
        label={keepsData
          ? "All connections end, and nobody can connect any more."
          : "The data on the volumes are gone for good."}
        value={agreed}
        set={setAgreed}
      />
      <p class="buttons">
        <button
          type="submit"
          class="danger"
          disabled={typed !== full || !agreed || busy || !mayWrite.value}
        >
          Delete for good
        </button>
        <a href={clusterPath({ namespace, name })}>Leave it</a>
        {!mayWrite.value && <span class="muted">This UI is read-only.</span>}
      </p>
    </form>
  );
}

/** Keys of the annotations without which the operator does not delete. */
function marksOf(settings: Readonly<Record<string, unknown>> | undefined): {
  readonly date: string;
  readonly name: string;
} {
  const key = (name: string) => {
    const value = settings?.[name];
    return typeof value === "string" ? value : "";
  };
  return { date: key("DeleteAnnotationDateKey"), name: key("DeleteAnnotationNameKey") };
}

async function markForDeletion(
  { metadata: { name, annotations, resourceVersion } }: Manifest,
  path: string,
  settings: Readonly<Record<string, unknown>> | undefined,
): Promise<void> {
  const keys = marksOf(settings);
  const wanted: Record<string, string> = {
    ...(keys.date === "" ? {} : { [keys.date]: new Date().toISOString().slice(0, 10) }),
    ...(keys.name === "" ? {} : { [keys.name]: name }),
  };
  const missing = Object.entries(wanted).filter(([key, value]) => annotations?.[key] !== value);
  if (missing.length === 0) return;
  const marks = { resourceVersion, annotations: Object.fromEntries(missing) };
  await send("PATCH", path, { metadata: marks });
}

function Consequences({ settings, detail }: {
  settings: Readonly<Record<string, unknown>> | undefined;
  detail: DetailView | undefined;
}) {
  const volumes = settings?.["EnablePersistentVolumeClaimDeletion"];
  const secrets = settings?.["EnableSecretsDeletion"];
  const { date, name } = marksOf(settings);
  const members = detail?.members ?? [];
  const lastBackup = detail?.row.lastBackup ?? "";
  return (
    <Section title="What goes, and what stays">
      <ul class="plain">
        <li>
          <Fate goes /> {count(members.length, "pod")}, Services, poolers and jobs
          {members.length > 0 && `: ${members.map((member) => member.name).join(", ")}`}
        </li>
        <li>
          <Fate goes={volumes === undefined ? undefined : volumes !== false} />{" "}
          Volumes with the data{detail && `, ${detail.row.volume} each`}
        </li>
        <li>
          <Fate goes={secrets === undefined ? undefined : secrets !== false} />{" "}
          Secrets with passwords
        </li>
        <li>
          <Fate goes={false} /> Base backups and WAL in the archive; a clone can be made of them.
          {" "}
          {lastBackup === ""
            ? <strong>No backup is known.</strong>
            : `The last backup is of ${lastBackup}.`}
        </li>
        {(date !== "" || name !== "") && (
          <li>
            The operator asks for annotations before it deletes. They are set first:{" "}
            <code>{[date, name].filter((key) => key !== "").join(", ")}</code>
          </li>
        )}
      </ul>
    </Section>
  );
}

function Fate({ goes }: { goes: boolean | undefined }) {
  if (goes === undefined) return <Pill tone="warn">unknown</Pill>;
  return goes ? <Pill tone="bad">goes</Pill> : <Pill tone="good">stays</Pill>;
}
