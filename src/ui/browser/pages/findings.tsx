/** What the rules found, over all clusters, the worst first. */

import type { Finding, RowView } from "../../../debug/overview_shapes.ts";
import { count } from "../format.ts";
import { SEVERITY_TONES } from "../finding_list.tsx";
import { clusterPath, Empty, Pill, Section, Title } from "../parts.tsx";
import { rows } from "../store.ts";

interface Group {
  readonly title: string;
  readonly severity: Finding["severity"];
  readonly clusters: RowView[];
}

const ORDER = ["critical", "warning", "notice"];

function grouped(list: Iterable<RowView>): Group[] {
  const groups = new Map<string, Group>();
  for (const row of list) {
    for (const { title, severity } of row.findings) {
      const group = groups.get(title) ?? { title, severity, clusters: [] };
      group.clusters.push(row);
      groups.set(title, group);
    }
  }
  return [...groups.values()].sort((a, b) =>
    ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) || b.clusters.length - a.clusters.length
  );
}

export function FindingsPage() {
  const groups = rows.value === undefined ? undefined : grouped(rows.value.values());
  return (
    <>
      <Title document="Findings">Findings</Title>
      <p class="lead">
        Fixed rules look at every cluster. A cluster's page says what each finding goes by and what
        may be done.
      </p>
      {groups === undefined
        ? <Empty>Asking …</Empty>
        : groups.length === 0
        ? <Empty>Nothing is found: no rule applies to any cluster.</Empty>
        : groups.map((group) => <GroupSection key={group.title} group={group} />)}
    </>
  );
}

function GroupSection({ group: { title, severity, clusters } }: { group: Group }) {
  return (
    <Section
      title={title}
      note={
        <>
          <Pill tone={SEVERITY_TONES[severity]}>{severity}</Pill>{" "}
          {count(clusters.length, "cluster")}
        </>
      }
    >
      <ul class="names">
        {clusters.map((row) => (
          <li key={`${row.namespace}/${row.name}`}>
            <a href={clusterPath(row)}>{row.namespace}/{row.name}</a>
          </li>
        ))}
      </ul>
    </Section>
  );
}
