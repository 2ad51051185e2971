/** Lines of the operator's log, the newest first. */

import { useState } from "preact/hooks";
import type { LogView } from "../../debug/shapes.ts";
import { clock } from "./format.ts";
import { Empty, NotThere, Scroll, Section, useAsked } from "./parts.tsx";
import { now } from "./store.ts";

const LEVELS = ["debug", "info", "warning", "error"];

export function LogSection({ path, changed }: { path: string; changed: string }) {
  const [least, setLeast] = useState("info");
  const { value, error } = useAsked<LogView>(path, 5000, changed);
  const lines = (value ?? []).filter(({ Level }) => LEVELS.indexOf(Level) >= LEVELS.indexOf(least));
  const choice = (
    <label>
      from level{" "}
      <select value={least} onChange={(event) => setLeast(event.currentTarget.value)}>
        {LEVELS.map((level) => <option key={level}>{level}</option>)}
      </select>
    </label>
  );
  return (
    <Section title="Log of the operator" note={choice}>
      {error
        ? <NotThere error={error} />
        : lines.length === 0
        ? <Empty>No lines.</Empty>
        : (
          <Scroll label="Log">
            <table class="log">
              <thead class="hidden">
                <tr>
                  <th scope="col">Time</th>
                  <th scope="col">Level</th>
                  <th scope="col">Message</th>
                </tr>
              </thead>
              <tbody>
                {lines.toReversed().map(({ Time, Level, Message, ClusterName }, index) => (
                  <tr key={`${Time}${index}`} class={Level}>
                    <td>
                      <time dateTime={Time}>{clock(Time, now.value)}</time>
                    </td>
                    <td>{Level}</td>
                    <td>{ClusterName && <strong>{ClusterName}</strong>} {Message}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
    </Section>
  );
}
