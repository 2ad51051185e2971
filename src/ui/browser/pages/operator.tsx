/** The operator itself: workers, queue, clusters without a manifest, configuration in use. */

import { useState } from "preact/hooks";
import type { OverviewView } from "../../../debug/overview_shapes.ts";
import type { ConfigView } from "../../../debug/shapes.ts";
import { MODE } from "../api.ts";
import { age, count } from "../format.ts";
import { clusterPath, Empty, Pill, Problem, Scroll, Section, Title, useAsked } from "../parts.tsx";
import { now, operator, rows } from "../store.ts";

type Operator = OverviewView["operator"];

export function OperatorPage() {
  const state = operator.value;
  return (
    <>
      <Title document="Operator">Operator</Title>
      {state === null ? <Empty>Asking …</Empty> : (
        <>
          <Facts state={state} />
          <div class="columns even">
            <Workers state={state} />
            <Orphans state={state} />
          </div>
          <Configuration />
        </>
      )}
    </>
  );
}

function Facts({ state }: { state: Operator }) {
  const busy = state.workers.filter((worker) => worker !== null).length;
  const looked = state.lastSync === 0
    ? "not yet"
    : `${age(new Date(state.lastSync * 1000).toISOString(), now.value)} ago`;
  const facts = [
    ["Version", state.version],
    ["Ready", state.ready ? "yes" : "no"],
    ["Clusters", String(rows.value?.size ?? 0)],
    ["Workers busy", `${busy} of ${state.workers.length}`],
    ["Waiting", count(state.waiting, "cluster")],
    ["Last periodic look", looked],
  ];
  return (
    <dl class="facts">
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Workers({ state: { workers } }: { state: Operator }) {
  return (
    <Section title="Workers">
      <Scroll label="Workers">
        <table>
          <thead>
            <tr>
              <th scope="col">Worker</th>
              <th scope="col">Does</th>
              <th scope="col">Because of</th>
              <th scope="col" class="number">For</th>
            </tr>
          </thead>
          <tbody>
            {workers.map((worker, id) => (
              <tr key={id}>
                <th scope="row">{id}</th>
                <td>
                  {worker
                    ? <a href={clusterPath(worker)}>{worker.namespace}/{worker.name}</a>
                    : <span class="muted">idle</span>}
                </td>
                <td>{worker?.cause ?? ""}</td>
                <td class="number">{worker ? age(worker.since, now.value) : ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Section>
  );
}

function Orphans({ state: { orphans } }: { state: Operator }) {
  return (
    <Section title="Clusters without a manifest">
      {orphans.length === 0 ? <Empty>There are none.</Empty> : (
        <ul class="plain">
          {orphans.map(({ namespace, name, since }) => (
            <li key={`${namespace}/${name}`}>
              <Pill tone="warn">orphan</Pill> {namespace}/{name}{" "}
              <span class="muted">for {age(since, now.value)}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Configuration() {
  const [search, setSearch] = useState("");
  const { value, error } = useAsked<ConfigView>(
    MODE === "ui" ? "operator/config" : "config",
    0,
  );
  const entries = Object.entries(value?.operator ?? {})
    .filter(([name]) => name.toLowerCase().includes(search.toLowerCase()));
  const box = (
    <input
      type="search"
      class="search"
      aria-label="Search parameters"
      placeholder="Parameter"
      value={search}
      onInput={(event) => setSearch(event.currentTarget.value)}
    />
  );
  return (
    <Section title="Configuration in use" note={box}>
      {error && <Problem>{error.message}</Problem>}
      <Scroll label="Configuration">
        <table>
          <thead>
            <tr>
              <th scope="col">Parameter</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {entries.map(([name, setting]) => (
              <tr key={name}>
                <th scope="row">
                  <code>{name}</code>
                </th>
                <td class="wrap">
                  {typeof setting === "string" ? setting : JSON.stringify(setting)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Section>
  );
}
