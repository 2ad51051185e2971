/** Backups of the clusters that run, and what the bucket holds of any; each can be cloned. */

import { useState } from "preact/hooks";
import { part } from "../api.ts";
import type { RowView } from "../../../debug/overview_shapes.ts";
import { age, bytes, count } from "../format.ts";
import { clusterPath, Empty, Pill, Problem, Scroll, Section, Title, useAsked } from "../parts.tsx";
import type { Tone } from "../state.ts";
import { now, rows } from "../store.ts";

/** Lines of one list; a search finds the others. */
const MOST = 200;

interface Backup {
  readonly name: string;
  readonly last_modified: string;
  readonly expanded_size_bytes: number | null;
  readonly wal_segment_backup_start: string;
}

export function BackupsPage() {
  const [search, setSearch] = useState("");
  const wanted = search.trim();
  return (
    <>
      <div class="head">
        <Title document="Backups">Backups</Title>
        <input
          type="search"
          class="search"
          aria-label="Search clusters"
          placeholder="Name"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      <Running search={wanted} />
      <Bucket search={wanted} />
    </>
  );
}

/** Clusters that are there, with what the operator has found out about their backups. */
function Running({ search }: { search: string }) {
  const all = [...rows.value?.values() ?? []];
  const found = all.filter(({ name, namespace }) => `${namespace}/${name}`.includes(search))
    .sort((a, b) => urgency(a) - urgency(b) || timeOf(a) - timeOf(b));
  const without = all.filter(({ lastBackup }) => lastBackup === "").length;
  const note = without === 0 ? "" : `no backup is known of ${count(without, "cluster")}`;
  return (
    <Section title="Clusters that run" note={note}>
      {rows.value === undefined
        ? <Empty>Asking …</Empty>
        : all.length === 0
        ? <Empty>There are no clusters.</Empty>
        : found.length === 0
        ? <Empty>No cluster matches.</Empty>
        : <RunningTable list={found.slice(0, MOST)} />}
      {found.length > MOST && <p class="muted">The first {MOST} are shown; search for others.</p>}
    </Section>
  );
}

function timeOf({ lastBackup }: RowView): number {
  return Date.parse(lastBackup) || 0;
}

/** What fails comes first, then what has no backup. */
function urgency(row: RowView): number {
  const fails = row.conditions.some(({ type, status }) =>
    type === "BackupOK" && status === "False"
  );
  return fails ? 0 : timeOf(row) === 0 ? 1 : 2;
}

function RunningTable({ list }: { list: readonly RowView[] }) {
  return (
    <Scroll label="Backups of clusters that run">
      <table>
        <thead>
          <tr>
            <th scope="col">Cluster</th>
            <th scope="col">Namespace</th>
            <th scope="col">State</th>
            <th scope="col">Last backup</th>
            <th scope="col">Clone</th>
          </tr>
        </thead>
        <tbody>
          {list.map((row) => <RunningLine key={`${row.namespace}/${row.name}`} row={row} />)}
        </tbody>
      </table>
    </Scroll>
  );
}

function RunningLine({ row }: { row: RowView }) {
  const { namespace, name, lastBackup, conditions } = row;
  const state = conditions.find(({ type }) => type === "BackupOK");
  const clone = new URLSearchParams({ clone: name, namespace });
  const at = new URLSearchParams({ clone: name, namespace, time: new Date().toISOString() });
  return (
    <tr>
      <th scope="row">
        <a href={clusterPath(row)}>{name}</a>
      </th>
      <td>{namespace}</td>
      <td class="wrap">
        {state === undefined ? <span class="muted">WAL is not archived</span> : (
          <>
            <Pill tone={BACKUP_TONES[state.status] ?? "idle"}>{state.reason}</Pill>
            {state.message}
          </>
        )}
      </td>
      <td>{lastBackup === "" ? "–" : `${age(lastBackup, now.value)} ago`}</td>
      <td>
        <a href={`#/new?${clone}`}>as it is</a>
        {state !== undefined && (
          <>
            {" · "}
            <a href={`#/new?${at}`}>at a moment</a>
          </>
        )}
      </td>
    </tr>
  );
}

const BACKUP_TONES: Readonly<Record<string, Tone>> = { True: "good", False: "bad" };

/** What the bucket holds, also of clusters that are gone. */
function Bucket({ search }: { search: string }) {
  const { value, error } = useAsked<readonly string[]>("stored_clusters", 0);
  const found = (value ?? []).filter((name) => name.includes(search));
  return (
    <Section title="In the bucket" note={value && count(value.length, "cluster")}>
      {error?.status === 503
        ? <Empty>{error.message}. Then clusters that are gone can be found here too.</Empty>
        : error
        ? <Problem>{error.message}</Problem>
        : value === undefined
        ? <Empty>Asking …</Empty>
        : value.length === 0
        ? <Empty>The bucket holds nothing of any cluster.</Empty>
        : found.length === 0
        ? <Empty>No cluster matches.</Empty>
        : found.slice(0, MOST).map((name) => <Stored key={name} name={name} />)}
      {found.length > MOST && <p class="muted">The first {MOST} are shown; search for others.</p>}
    </Section>
  );
}

function Stored({ name }: { name: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="sheet" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{name}</summary>
      {open && <Lives cluster={name} />}
    </details>
  );
}

function Lives({ cluster }: { cluster: string }) {
  const { value, error } = useAsked<readonly string[]>(`stored_clusters/${part(cluster)}`, 0);
  if (error) return <Problem>{error.message}</Problem>;
  if (value === undefined) return <Empty>Asking …</Empty>;
  if (value.length === 0) return <Empty>There are no backups below it.</Empty>;
  return <>{value.map((uid) => <Life key={uid} cluster={cluster} uid={uid} />)}</>;
}

function Life({ cluster, uid }: { cluster: string; uid: string }) {
  const path = `stored_clusters/${part(cluster)}/${part(uid)}`;
  const { value, error } = useAsked<readonly Backup[]>(path, 0);
  const [time, setTime] = useState("");
  const ordered = (value ?? []).toSorted((a, b) => b.last_modified.localeCompare(a.last_modified));
  const oldest = ordered.at(-1)?.last_modified;
  const query = (at: string) =>
    `#/new?${new URLSearchParams({ clone: cluster, uid: uid === "base" ? "" : uid, time: at })}`;
  return (
    <div class="life">
      <h3>
        {uid === "base" ? "without a uid" : <code>{uid}</code>}{" "}
        {value && <span class="muted">{count(value.length, "base backup")}</span>}
      </h3>
      {error && <Problem>{error.message}</Problem>}
      {value?.length === 0 && <Empty>There is no finished base backup.</Empty>}
      {ordered.length > 0 && (
        <>
          <p class="muted">
            Any moment since {oldest} can be restored, as far as WAL is archived.
          </p>
          <p class="buttons">
            <label>
              At{" "}
              <input
                type="text"
                placeholder={new Date().toISOString()}
                value={time}
                onInput={(event) => setTime(event.currentTarget.value)}
              />
            </label>
            <a class="button" href={query(time || new Date().toISOString())}>
              Clone at this moment
            </a>
          </p>
          <Scroll label="Base backups">
            <table>
              <thead>
                <tr>
                  <th scope="col">Base backup</th>
                  <th scope="col">Finished</th>
                  <th scope="col" class="number">Size</th>
                  <th scope="col">Clone</th>
                </tr>
              </thead>
              <tbody>
                {ordered.map((backup) => (
                  <tr key={backup.name}>
                    <th scope="row">
                      <code>{backup.name}</code>
                    </th>
                    <td>{backup.last_modified}</td>
                    <td class="number">{bytes(backup.expanded_size_bytes)}</td>
                    <td>
                      <a href={query(backup.last_modified)}>as it was then</a>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </>
      )}
    </div>
  );
}
