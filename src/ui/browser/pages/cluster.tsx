/** One cluster from near: what is wrong, who its members are, what was done and why. */

import type { DetailView, MemberView } from "../../../debug/overview_shapes.ts";
import type { HistoryView } from "../../../debug/shapes.ts";
import { MODE, part } from "../api.ts";
import { ConnectSection } from "../connect_section.tsx";
import { age, bytes, clock, count } from "../format.ts";
import {
  Empty,
  Pill,
  Problem,
  Scroll,
  Section,
  Status,
  Title,
  Trail,
  useAsked,
} from "../parts.tsx";
import { Requests } from "./act.tsx";
import { FindingList } from "../finding_list.tsx";
import { LogSection } from "../log_section.tsx";
import { HeldSection, PlansSection } from "../plan_section.tsx";
import type { Tone } from "../state.ts";
import { now, rows } from "../store.ts";

export function ClusterPage({ namespace, name }: { namespace: string; name: string }) {
  const path = `clusters/${part(namespace)}/${part(name)}`;
  // What the overview says of it changes whenever a pass has ended.
  const changed = JSON.stringify(rows.value?.get(`${namespace}/${name}`)?.lastPass);
  const { value, error } = useAsked<DetailView>(`${path}/detail`, 5000, changed);
  const title = <Title document={`${namespace}/${name}`}>{name}</Title>;
  if (value === undefined) {
    return (
      <>
        {title}
        {error ? <Problem>{error.message}</Problem> : <Empty>Asking …</Empty>}
      </>
    );
  }
  const { row } = value;
  return (
    <>
      <Trail namespace={namespace} />
      <div class="head">
        {title}
        <Status row={row} />
        {MODE === "ui" && <Actions namespace={namespace} name={name} />}
      </div>
      {error && <Problem>{error.message}; these figures are older.</Problem>}
      <Facts detail={value} />
      {value.findings.length > 0 && (
        <Section title="Findings">
          <FindingList findings={value.findings} />
        </Section>
      )}
      <HeldSection held={row.held} />
      <Members members={value.members} />
      <div class="columns">
        <div>
          <PlansSection path={path} changed={changed} />
          <Restarts restarts={value.restarts} />
          {MODE === "ui" && <ConnectSection namespace={namespace} name={name} />}
        </div>
        <div>
          <Conditions detail={value} />
          <Backups detail={value} />
          {value.requests.length > 0 && <Requests requests={value.requests} />}
          <Events detail={value} />
          <History path={path} changed={changed} />
        </div>
      </div>
      <LogSection path={`${path}/logs`} changed={changed} />
    </>
  );
}

function Actions({ namespace, name }: { namespace: string; name: string }) {
  const path = `${part(namespace)}/${part(name)}`;
  const clone = new URLSearchParams({ clone: name, namespace });
  return (
    <span class="buttons right">
      <a class="button" href={`#/edit/${path}`}>Edit</a>
      <a class="button" href={`#/act/${path}`}>Actions</a>
      <a class="button" href={`#/new?${clone}`}>Clone</a>
      <a class="button" href={`#/delete/${path}`}>Delete</a>
    </span>
  );
}

function Facts({ detail: { row } }: { detail: DetailView }) {
  const facts: [string, preact.ComponentChildren][] = [
    [
      "Members",
      row.ready === null ? `${row.wanted} wanted` : `${row.ready} of ${row.wanted} ready`,
    ],
    ["Primary", row.primary ?? (row.ready === null ? "–" : "none")],
    ["Lag", bytes(row.lagBytes)],
    ["PostgreSQL", row.version],
    ["Volume", row.volume],
    ["Team", row.team || "–"],
    ["Age", age(row.created, now.value)],
    ["Last backup", row.lastBackup === "" ? "–" : `${age(row.lastBackup, now.value)} ago`],
    [
      "Last pass",
      row.lastPass ? `${age(row.lastPass.at, now.value)} ago, ${row.lastPass.cause}` : "–",
    ],
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

function Members({ members }: { members: readonly MemberView[] }) {
  return (
    <Section title="Members" note={count(members.length, "pod")}>
      {members.length === 0 ? <Empty>No pods are known.</Empty> : (
        <Scroll label="Members">
          <table>
            <thead>
              <tr>
                <th scope="col">Member</th>
                <th scope="col">Role</th>
                <th scope="col">State</th>
                <th scope="col" class="number">Timeline</th>
                <th scope="col" class="number">Lag</th>
                <th scope="col">Node</th>
                <th scope="col">Address</th>
                <th scope="col" class="number">Restarts</th>
                <th scope="col" class="number">Age</th>
              </tr>
            </thead>
            <tbody>
              {members.map((member) => <MemberLine key={member.name} member={member} />)}
            </tbody>
          </table>
        </Scroll>
      )}
    </Section>
  );
}

function MemberLine({ member }: { member: MemberView }) {
  return (
    <tr>
      <th scope="row">{member.name}</th>
      <td>{member.role === "primary" ? <strong>primary</strong> : member.role || "none yet"}</td>
      <td>
        <Pill tone={member.ready ? "good" : "warn"}>
          {member.ready ? member.state || "ready" : member.phase || "not up"}
        </Pill>
        {member.pendingRestart && <Pill tone="warn">restart pending</Pill>}
      </td>
      <td class="number">{member.timeline ?? "–"}</td>
      <td class="number">{bytes(member.lagBytes)}</td>
      <td>{member.node || "–"}</td>
      <td>{member.address || "–"}</td>
      <td class="number">{member.restarts}</td>
      <td class="number">{age(member.started, now.value)}</td>
    </tr>
  );
}

/** A timestamp and, in words, how long ago that was. */
function Since({ time }: { time: string }) {
  if (time === "") return <>–</>;
  return <span title={time}>{age(time, now.value)} ago</span>;
}

const ARCHIVER_TONES: Readonly<Record<string, Tone>> = { working: "good", failing: "bad" };

function Backups({ detail: { row, backups } }: { detail: DetailView }) {
  if (backups === null) return null;
  const { archiver, lastFailedWal, lastBaseBackup, oldestRecoverablePoint } = backups;
  const query = new URLSearchParams({ clone: row.name, namespace: row.namespace });
  return (
    <Section title="Backups" note="as the last periodic look saw them">
      <dl class="texts sheet">
        {archiver !== "" && (
          <div>
            <dt>WAL archive</dt>
            <dd>
              <Pill tone={ARCHIVER_TONES[archiver] ?? "idle"}>{archiver}</Pill>{" "}
              {lastFailedWal !== "" && <code>{lastFailedWal}</code>}
            </dd>
          </div>
        )}
        <div>
          <dt>Base backup</dt>
          <dd>
            <Since time={lastBaseBackup} />
          </dd>
        </div>
        {oldestRecoverablePoint !== "" && (
          <div>
            <dt>Can be restored</dt>
            <dd>to any moment from {oldestRecoverablePoint} on</dd>
          </div>
        )}
        {backups.lastLogicalBackup !== "" && (
          <div>
            <dt>Logical backup</dt>
            <dd>
              <Since time={backups.lastLogicalBackup} />
            </dd>
          </div>
        )}
        {MODE === "ui" && oldestRecoverablePoint !== "" && (
          <div>
            <dt>Restore</dt>
            <dd>
              <a href={`#/new?${query}&time=${encodeURIComponent(new Date().toISOString())}`}>
                into a new cluster, at a moment
              </a>
            </dd>
          </div>
        )}
      </dl>
    </Section>
  );
}

function Restarts({ restarts }: { restarts: DetailView["restarts"] }) {
  if (restarts.length === 0) return null;
  return (
    <Section title="Restarts, and why" note="newest first">
      <ol class="events">
        {restarts.map(({ what, pod, why, time }) => (
          <li key={time + pod + what}>
            <time dateTime={time}>{clock(time, now.value)}</time>
            <span>
              <strong>{what}</strong> {pod}: {why}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Conditions({ detail: { row } }: { detail: DetailView }) {
  return (
    <Section title="Conditions">
      {row.conditions.length === 0 ? <Empty>None yet.</Empty> : (
        <ul class="plain">
          {row.conditions.map(({ type, status, reason, message, since }) => (
            <li key={type}>
              <Pill tone={conditionTone(type, status)}>{type} {status.toLowerCase()}</Pill>
              <span class="muted">{reason}, for {age(since, now.value)}</span>
              <p class="message">{message}</p>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** `Ready`, `Synced` and `BackupOK` are good when true; what warns is good when it is not. */
function conditionTone(type: string, status: string) {
  const good = ["Ready", "Synced", "BackupOK"].includes(type) ? "True" : "False";
  return status === good ? "good" : status === "Unknown" ? "idle" : "warn";
}

function Events({ detail: { events } }: { detail: DetailView }) {
  return (
    <Section title="Events" note="since the operator started">
      {events.length === 0 ? <Empty>None were sent.</Empty> : (
        <ol class="events">
          {events.toReversed().map(({ at, type, reason, message }, index) => (
            <li key={`${at}${index}`} class={type === "Warning" ? "warning" : ""}>
              <time dateTime={at}>{clock(at, now.value)}</time>
              <span>
                <strong>{reason}</strong> {message}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}

function History({ path, changed }: { path: string; changed: string }) {
  const { value = [] } = useAsked<HistoryView>(`${path}/history`, 0, changed);
  return (
    <Section title="Manifest changes" note="since the operator started">
      {value.length === 0 ? <Empty>It was not changed.</Empty> : (
        <ol class="events">
          {value.toReversed().map(({ EventTime, Diff, Manager }, index) => (
            <li key={`${EventTime}${index}`}>
              <time dateTime={EventTime}>{clock(EventTime, now.value)}</time>
              <span>
                {Manager && <strong>{Manager}</strong>}
                {Diff.map((line) => <code key={line} class="line">{line}</code>)}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}
