/** A new cluster, also as a clone of one that runs or of one that only backups are left of. */

import { useEffect, useState } from "preact/hooks";
import type { DetailView } from "../../../debug/overview_shapes.ts";
import type { ConfigView } from "../../../debug/shapes.ts";
import type { Json } from "../../changed_paths.ts";
import { ask, part } from "../api.ts";
import { Select } from "../fields.tsx";
import { instanceBounds } from "../limits.ts";
import { cloneManifest, type Manifest, manifestProblems, newManifest } from "../manifest.ts";
import { ManifestEditor } from "../manifest_editor.tsx";
import { fieldAt, readText, textOf } from "../manifest_text.ts";
import { clusterPath, Title, useAsked } from "../parts.tsx";
import { config, mayWrite, send, teams } from "../session.ts";

/** Where the data of a clone come from, as the address names it. */
interface Source {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly time: string;
}

/** A manifest to begin with, as whoever runs the UI wrote it. */
interface Template {
  readonly name: string;
  readonly text: string;
}

function sourceOf(query: URLSearchParams): Source | undefined {
  const name = query.get("clone");
  if (name === null) return undefined;
  const of = (key: string) => query.get(key) ?? "";
  return { name, namespace: of("namespace"), uid: of("uid"), time: of("time") };
}

export function CreatePage({ query }: { query: URLSearchParams }) {
  const source = sourceOf(query);
  const [text, setText] = useState(() => textOf(beginning(source)));
  useEffect(() => {
    if (source === undefined || source.namespace === "") return;
    const path = `postgresqls/${part(source.namespace)}/${part(source.name)}`;
    ask<Manifest>(path).then((found) => setText(textOf(cloneManifest(found, source.time))), () => {
      // It is gone: its name, uid and time are enough.
    });
  }, [query.toString()]);
  const { value: operator } = useAsked<ConfigView>("operator/config", 0);
  const oldest = useOldest(source);
  const { manifest, problem } = readText(text);
  const options = { ...(oldest ? { oldest } : {}), instances: instanceBounds(operator?.operator) };
  const problems = problem === undefined
    ? manifestProblems(manifest, options)
    : new Map<string, string>();
  const place = {
    namespace: String(fieldAt(manifest, ["metadata", "namespace"]) ?? ""),
    name: String(fieldAt(manifest, ["metadata", "name"]) ?? ""),
  };
  return (
    <>
      <Title document="New cluster">{source ? `Clone ${source.name}` : "New cluster"}</Title>
      {!mayWrite.value && (
        <p class="lead">This UI is read-only: copy the manifest and apply it with kubectl.</p>
      )}
      {source === undefined && <Templates choose={setText} />}
      <ManifestEditor
        text={text}
        setText={setText}
        fresh
        problems={problems}
        settings={operator?.operator}
        window={oldest ? `Any moment from ${oldest} on, as far as WAL is archived.` : undefined}
        change={{
          ...place,
          manifest,
          verb: "Create",
          send: (trial) => send("POST", `create-cluster${trial ? "?dryRun=All" : ""}`, manifest),
        }}
        done={() => (location.hash = clusterPath(place))}
        tools={<TextTools text={text} name={place.name} />}
      />
    </>
  );
}

/** When the archive of a running source begins; empty where that is not known. */
function useOldest(source: Source | undefined): string {
  const [oldest, setOldest] = useState("");
  useEffect(() => {
    setOldest("");
    if (source === undefined || source.namespace === "") return;
    const path = `clusters/${part(source.namespace)}/${part(source.name)}/detail`;
    ask<DetailView>(path).then(({ backups }) => setOldest(backups?.oldestRecoverablePoint ?? ""))
      .catch(() => {
        // Without the operator nothing is known of it.
      });
  }, [source?.namespace, source?.name]);
  return oldest;
}

function Templates({ choose }: { choose: (text: string) => void }) {
  const { value = [] } = useAsked<readonly Template[]>("templates", 0);
  const [chosen, setChosen] = useState(NO_TEMPLATE);
  if (value.length === 0) return null;
  const take = (name: string) => {
    setChosen(name);
    choose(value.find((one) => one.name === name)?.text ?? textOf(beginning(undefined)));
  };
  return (
    <div class="narrow-field">
      <Select
        label="Begin with"
        value={chosen}
        set={take}
        options={[NO_TEMPLATE, ...value.map(({ name }) => name)]}
      />
    </div>
  );
}

const NO_TEMPLATE = "a small cluster";

function TextTools({ text, name }: { text: string; name: string }) {
  const [copied, setCopied] = useState("");
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(text);
  };
  const download = () => {
    const url = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${name || "postgresql"}.yaml`;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <p class="buttons">
      <button type="button" class="quiet" onClick={copy}>
        {copied === text ? "Copied" : "Copy"}
      </button>
      <button type="button" class="quiet" onClick={download}>Download</button>
    </p>
  );
}

/** What stands in the form before anybody typed. */
function beginning(source: Source | undefined): Json {
  const versions = config.value?.postgresql_versions ?? [];
  const begin = {
    namespace: config.value?.namespaces[0] ?? "default",
    team: teams.value[0] ?? "",
    version: String(versions.at(-1) ?? "18"),
    cpu: "100m",
    cpuLimit: "500m",
    memory: "100Mi",
    memoryLimit: "500Mi",
  };
  if (source === undefined) return newManifest(begin);
  const { name, uid, time } = source;
  return newManifest({ ...begin, name: `${name}-clone` }, {
    cluster: name,
    uid,
    timestamp: time,
  });
}
