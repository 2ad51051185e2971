/** All clusters in a line each, those that need a person first. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { RowView } from "../../../debug/overview_shapes.ts";
import { age, bytes, count } from "../format.ts";
import { clusterPath, Empty, Scroll, Status, Title } from "../parts.tsx";
import { matches, noteOf, tally, type Tone, TONE_WORDS, toneOf, TONES } from "../state.ts";
import { type Listed, monthlyCost, type Prices } from "../cost.ts";
import { config, session, teams } from "../session.ts";
import { listed, now, rows } from "../store.ts";

/** Lines that are made at once; more come when they scroll into view. */
const PAGE = 100;

interface Column {
  readonly id: string;
  readonly text: string;
  /** What the column is sorted by. */
  readonly of: (row: RowView) => string | number;
}

const COLUMNS: readonly Column[] = [
  { id: "status", text: "Status", of: (row) => TONES.indexOf(toneOf(row)) },
  { id: "name", text: "Cluster", of: (row) => `${row.name} ${row.namespace}` },
  { id: "namespace", text: "Namespace", of: ({ namespace }) => namespace },
  { id: "team", text: "Team", of: ({ team }) => team },
  { id: "members", text: "Members", of: ({ ready, wanted }) => (ready ?? -1) - wanted },
  { id: "primary", text: "Primary", of: ({ primary }) => primary ?? "" },
  { id: "lag", text: "Lag", of: ({ lagBytes }) => -(lagBytes ?? -1) },
  { id: "version", text: "Version", of: ({ version }) => Number(version) },
  { id: "volume", text: "Volume", of: ({ volume }) => sizeOf(volume) },
  { id: "backup", text: "Last backup", of: ({ lastBackup }) => Date.parse(lastBackup) || 0 },
  { id: "pass", text: "Last pass", of: ({ lastPass }) => -Date.parse(lastPass?.at ?? "") || 0 },
];

/** Columns of what a cluster costs, where the settings show it. */
const COST_COLUMNS: readonly Column[] = [
  { id: "cpu", text: "CPU", of: (row) => listedOf(row)?.cpu ?? "" },
  { id: "memory", text: "Memory", of: (row) => listedOf(row)?.memory ?? "" },
  { id: "cost", text: "Cost a month", of: (row) => -(costOf(row) ?? 0) },
];

function columns(): readonly Column[] {
  if (config.value?.["cost_visible"] !== true) return COLUMNS;
  const at = COLUMNS.findIndex(({ id }) => id === "backup");
  return [...COLUMNS.slice(0, at), ...COST_COLUMNS, ...COLUMNS.slice(at)];
}

function listedOf({ namespace, name }: RowView): Listed | undefined {
  return listed.value.get(`${namespace}/${name}`);
}

function costOf(row: RowView): number | undefined {
  const found = listedOf(row);
  return found && monthlyCost(found, config.value as unknown as Prices);
}

const FACTORS: Readonly<Record<string, number>> = {
  Ki: 1 / 1048576,
  Mi: 1 / 1024,
  Gi: 1,
  Ti: 1024,
};

function sizeOf(volume: string): number {
  const [, number = "0", unit = ""] = /^([\d.]+)([KMGT]i)?$/.exec(volume) ?? [];
  return Number(number) * (FACTORS[unit] ?? 1);
}

/** What lines may be gathered by. */
const GROUPINGS = ["nothing", "team", "namespace", "my teams"] as const;
type Grouping = (typeof GROUPINGS)[number];

interface Group {
  /** Empty where lines are not gathered. */
  readonly title: string;
  readonly list: readonly RowView[];
}

function groupsOf(list: readonly RowView[], by: Grouping): Group[] {
  const titleOf = ({ team, namespace }: RowView) => {
    switch (by) {
      case "nothing":
        return "";
      case "team":
        return team || "without a team";
      case "namespace":
        return namespace;
      case "my teams":
        return teams.value.includes(team.toLowerCase()) ? "My teams" : "Other teams";
    }
  };
  const groups = new Map<string, RowView[]>();
  for (const row of list) {
    const title = titleOf(row);
    const group = groups.get(title);
    if (group === undefined) groups.set(title, [row]);
    else group.push(row);
  }
  return [...groups].map(([title, list]) => ({ title, list }))
    .sort((a, b) => a.title < b.title ? -1 : 1);
}

interface Order {
  readonly id: string;
  readonly down: boolean;
}

function sorted(list: readonly RowView[], { id, down }: Order): RowView[] {
  const { of } = columns().find((column) => column.id === id) ?? COLUMNS[0]!;
  const direction = down ? -1 : 1;
  return list.map((row) => ({ row, by: of(row) }))
    .sort((a, b) => a.by < b.by ? -direction : a.by > b.by ? direction : 0)
    .map(({ row }) => row);
}

export function ClustersPage() {
  const [search, setSearch] = useState("");
  const [tone, setTone] = useState<Tone>();
  const [order, setOrder] = useState<Order>({ id: "status", down: false });
  const own = session.value?.signIn === "teams";
  const [grouping, setGrouping] = useState<Grouping>(own ? "my teams" : "nothing");
  const all = rows.value === undefined ? undefined : [...rows.value.values()];
  const found = (all ?? []).filter((row) =>
    (tone === undefined || toneOf(row) === tone) && matches(row, search)
  );
  return (
    <>
      <div class="head">
        <Title document="Clusters">Clusters</Title>
        {all && <Filters all={all} tone={tone} choose={setTone} />}
        {all && all.length > 1 && (
          <label class="by">
            Group by{" "}
            <select
              value={grouping}
              onChange={(event) => setGrouping(event.currentTarget.value as Grouping)}
            >
              {GROUPINGS.filter((each) => own || each !== "my teams")
                .map((each) => <option key={each}>{each}</option>)}
            </select>
          </label>
        )}
        <input
          type="search"
          class="search"
          placeholder="Name, namespace, team, version"
          aria-label="Search clusters"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      {all === undefined
        ? <Empty>Asking for the clusters …</Empty>
        : all.length === 0
        ? <NoClusters />
        : found.length === 0
        ? <Empty>No cluster matches.</Empty>
        : (
          <Table
            groups={groupsOf(sorted(found, order), grouping)}
            order={order}
            setOrder={setOrder}
          />
        )}
    </>
  );
}

function NoClusters() {
  return (
    <Empty>
      There are no clusters yet. Apply one, for example{" "}
      <code>kubectl apply -f manifests/minimal-postgres-manifest.yaml</code>, and it shows here.
    </Empty>
  );
}

function Filters({ all, tone, choose }: {
  all: readonly RowView[];
  tone: Tone | undefined;
  choose: (tone: Tone | undefined) => void;
}) {
  const counts = tally(all);
  return (
    <div class="filters" role="group" aria-label="Show only">
      <button type="button" aria-pressed={tone === undefined} onClick={() => choose(undefined)}>
        {count(all.length, "cluster")}
      </button>
      {TONES.filter((each) => counts[each] > 0).map((each) => (
        <button
          type="button"
          key={each}
          class={`tone ${each}`}
          aria-pressed={tone === each}
          onClick={() => choose(tone === each ? undefined : each)}
        >
          {counts[each].toLocaleString("en")} {TONE_WORDS[each]}
        </button>
      ))}
    </div>
  );
}

function Table({ groups, order, setOrder }: {
  groups: readonly Group[];
  order: Order;
  setOrder: (order: Order) => void;
}) {
  const [shown, setShown] = useState(PAGE);
  const total = groups.reduce((sum, { list }) => sum + list.length, 0);
  const end = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (end.current === null) return;
    const watch = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) setShown((before) => before + PAGE);
    }, { rootMargin: "600px" });
    watch.observe(end.current);
    return () => watch.disconnect();
  }, [shown, total]);
  return (
    <Scroll label="Clusters">
      <table class="clusters">
        <caption class="hidden">{count(total, "cluster")}</caption>
        <thead>
          <tr>
            {columns().map((column) => (
              <Heading key={column.id} column={column} order={order} setOrder={setOrder} />
            ))}
          </tr>
        </thead>
        {firstLines(groups, shown).map(({ title, list, all }) => (
          <tbody key={title}>
            {title !== "" && (
              <tr class="group">
                <th scope="rowgroup" colSpan={columns().length}>
                  {title} <span class="muted">{count(all, "cluster")}</span>
                </th>
              </tr>
            )}
            {list.map((row) => <Line key={`${row.namespace}/${row.name}`} row={row} />)}
          </tbody>
        ))}
      </table>
      {shown < total && (
        <p ref={end} class="more">
          <button type="button" onClick={() => setShown(total)}>
            Show all {total.toLocaleString("en")}
          </button>
        </p>
      )}
    </Scroll>
  );
}

/** As many lines as are made, group by group. */
function firstLines(
  groups: readonly Group[],
  most: number,
): (Group & { readonly all: number })[] {
  let left = most;
  return groups.flatMap(({ title, list }) => {
    const some = list.slice(0, Math.max(0, left));
    left -= some.length;
    return some.length === 0 ? [] : [{ title, list: some, all: list.length }];
  });
}

function Heading({ column: { id, text }, order, setOrder }: {
  column: Column;
  order: Order;
  setOrder: (order: Order) => void;
}) {
  const mine = order.id === id;
  const state = mine ? order.down ? "descending" : "ascending" : "none";
  return (
    <th scope="col" class={`c-${id}`} aria-sort={state}>
      <button type="button" onClick={() => setOrder({ id, down: mine && !order.down })}>
        {text}
      </button>
    </th>
  );
}

function Line({ row }: { row: RowView }) {
  const short = row.ready !== null && row.ready < row.wanted;
  const { primary, name } = row;
  const note = noteOf(row);
  return (
    <>
      <tr class={note === "" ? "" : "noted"}>
        <td class="c-status">
          <Status row={row} />
        </td>
        <th scope="row" class="c-name">
          <a href={clusterPath(row)}>{name}</a>
        </th>
        <td class="c-namespace">{row.namespace}</td>
        <td class="c-team">{row.team}</td>
        <td class={`c-members ${short ? "short" : ""}`}>{row.ready ?? "?"} of {row.wanted}</td>
        <td class="c-primary">
          <Primary name={name} primary={primary} />
        </td>
        <td class="c-lag">{bytes(row.lagBytes)}</td>
        <td class="c-version">{row.version}</td>
        <td class="c-volume">{row.volume}</td>
        {config.value?.["cost_visible"] === true && <Costs row={row} />}
        <td class="c-backup">
          <LastBackup time={row.lastBackup} />
        </td>
        <td class="c-pass">
          <LastPass row={row} />
        </td>
      </tr>
      {note !== "" && (
        <tr class={`note ${toneOf(row)}`}>
          <td class="c-status" />
          <td colSpan={columns().length - 1}>
            <span>{note}</span>
          </td>
        </tr>
      )}
    </>
  );
}

function LastBackup({ time }: { time: string }) {
  if (time === "") return <>–</>;
  return <span title={time}>{age(time, now.value)} ago</span>;
}

function Costs({ row }: { row: RowView }) {
  const found = listedOf(row);
  const cost = costOf(row);
  return (
    <>
      <td class="number" title="request – limit">{found && `${found.cpu} – ${found.cpu_limit}`}</td>
      <td class="number" title="request – limit">
        {found && `${found.memory} – ${found.memory_limit}`}
      </td>
      <td class="number" title="without poolers, backups and traffic">
        {cost?.toFixed(2) ?? "–"}
      </td>
    </>
  );
}

/** Its number is enough where the name begins as the cluster's does. */
function Primary({ name, primary }: { name: string; primary: string | null }) {
  if (!primary?.startsWith(`${name}-`)) return <>{primary ?? "–"}</>;
  return <span title={primary}>…{primary.slice(name.length)}</span>;
}

/** Only this part is made again every second. */
function LastPass({ row: { running, lastPass } }: { row: RowView }) {
  if (running !== null) return <span class="running">now</span>;
  if (lastPass === null) return <>–</>;
  return <span title={`${lastPass.cause}, ${lastPass.at}`}>{age(lastPass.at, now.value)} ago</span>;
}
