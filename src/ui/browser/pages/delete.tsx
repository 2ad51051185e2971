/** Deleting a cluster: what goes and what stays, and the name to be typed. */

import { useState } from "preact/hooks";
import type { ConfigView } from "../../../debug/shapes.ts";
import { type ApiError, part } from "../api.ts";
import { clusterPath, Problem, Title, useAsked } from "../parts.tsx";
import { mayWrite, send } from "../session.ts";

export function DeletePage({ namespace, name }: { namespace: string; name: string }) {
  const [typed, setTyped] = useState("");
  const [error, setError] = useState<string>();
  const { value: config } = useAsked<ConfigView["operator"] & ConfigView>("operator/config", 0);
  const full = `${namespace}/${name}`;
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await send("DELETE", `postgresqls/${part(namespace)}/${part(name)}`);
      location.hash = "#/clusters";
    } catch (error) {
      setError((error as ApiError).message);
    }
  };
  return (
    <form class="narrow" onSubmit={submit}>
      <Title document={`Delete ${full}`}>Delete {name}</Title>
      {error && <Problem>{error}</Problem>}
      <Consequences settings={config?.operator} />
      <label class="field">
        Type {full} to go on
        <input
          type="text"
          autocomplete="off"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      <p class="buttons">
        <button type="submit" class="danger" disabled={typed !== full || !mayWrite.value}>
          Delete for good
        </button>
        <a href={clusterPath({ namespace, name })}>Leave it</a>
      </p>
      {!mayWrite.value && <p class="muted">This UI is read-only.</p>}
    </form>
  );
}

function Consequences({ settings }: { settings: Readonly<Record<string, unknown>> | undefined }) {
  const volumes = settings?.["EnablePersistentVolumeClaimDeletion"];
  const secrets = settings?.["EnableSecretsDeletion"];
  const marks = [settings?.["DeleteAnnotationDateKey"], settings?.["DeleteAnnotationNameKey"]]
    .filter((key) => typeof key === "string" && key !== "");
  const told = (value: unknown, yes: string, no: string) =>
    value === undefined ? "unknown: the operator cannot be asked" : value === false ? no : yes;
  return (
    <ul class="plain">
      <li>Pods, Services and all else that the operator made of it end at once.</li>
      <li>Volumes with the data: {told(volumes, "deleted", "kept")}.</li>
      <li>Secrets with passwords: {told(secrets, "deleted", "kept")}.</li>
      <li>Base backups and WAL in the archive stay; a clone can be made of them.</li>
      {marks.length > 0 && (
        <li>
          The operator deletes it only with today's date and its name in the annotations{" "}
          {marks.join(" and ")}.
        </li>
      )}
    </ul>
  );
}
