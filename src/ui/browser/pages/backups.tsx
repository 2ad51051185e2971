/** What the bucket holds: clusters, their lives, base backups; each can be cloned. */

import { useState } from "preact/hooks";
import { part } from "../api.ts";
import { bytes, count } from "../format.ts";
import { Empty, Problem, Scroll, Section, Title, useAsked } from "../parts.tsx";

interface Backup {
  readonly name: string;
  readonly last_modified: string;
  readonly expanded_size_bytes: number | null;
  readonly wal_segment_backup_start: string;
}

export function BackupsPage() {
  const [search, setSearch] = useState("");
  const { value, error } = useAsked<readonly string[]>("stored_clusters", 0);
  const found = (value ?? []).filter((name) => name.includes(search.trim()));
  return (
    <>
      <div class="head">
        <Title document="Backups">Backups</Title>
        {value && <span class="muted">{count(value.length, "cluster")} in the bucket</span>}
        <input
          type="search"
          class="search"
          aria-label="Search clusters in the bucket"
          placeholder="Name"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      {error
        ? <Problem>{error.message}</Problem>
        : value === undefined
        ? <Empty>Asking …</Empty>
        : found.length === 0
        ? <Empty>No cluster matches.</Empty>
        : found.slice(0, 200).map((name) => <Stored key={name} name={name} />)}
      {found.length > 200 && <p class="muted">The first 200 are shown; search for others.</p>}
    </>
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
    <Section
      title={uid === "base" ? "without a uid" : uid}
      note={value && count(value.length, "base backup")}
    >
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
    </Section>
  );
}
